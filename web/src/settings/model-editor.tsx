// Edits where one role's model calls go. A stored key is never shown; only its mask is.
import { Match, Show, Switch } from 'solid-js';
import { Field } from '../parts/field.tsx';
import { Select } from '../parts/select.tsx';
import { isMasked, modelKindWord, modelKinds } from './model-draft.ts';
import type { ModelDraft } from './model-draft.ts';

const kindChoices = modelKinds.map((kind) => ({ value: kind, label: modelKindWord[kind] }));

interface Props {
  readonly draft: ModelDraft;
  readonly onChange: (draft: ModelDraft) => void;
  /** A field was left: from now on it may say what is wrong with it. */
  readonly onLeave: (field: keyof ModelDraft) => void;
  /** What is to be said; a field that nobody has filled in yet says nothing. */
  readonly errors: ReadonlyMap<string, string>;
}

export const ModelEditor = (props: Props) => {
  const change = (part: Partial<ModelDraft>): void => props.onChange({ ...props.draft, ...part });
  const keyField = () => (
    <Field
      label="API key"
      hint={
        isMasked(props.draft.apiKey)
          ? 'A key is stored. Type to replace it.'
          : 'Stored encrypted; agents never see it. Leave empty if the endpoint asks for none.'
      }
      wrong={props.errors.get('apiKey')}
    >
      {(wiring) => (
        <input
          {...wiring}
          class="input mono"
          type={isMasked(props.draft.apiKey) ? 'text' : 'password'}
          autocomplete="new-password"
          spellcheck={false}
          maxLength={1000}
          value={props.draft.apiKey}
          onFocus={(event) => {
            if (isMasked(props.draft.apiKey)) event.currentTarget.select();
          }}
          onInput={(event) => change({ apiKey: event.currentTarget.value })}
          onBlur={() => props.onLeave('apiKey')}
        />
      )}
    </Field>
  );
  const modelField = (placeholder: string) => (
    <Field label="Model" wrong={props.errors.get('model')}>
      {(wiring) => (
        <input
          {...wiring}
          class="input mono"
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          placeholder={placeholder}
          value={props.draft.model}
          onInput={(event) => change({ model: event.currentTarget.value })}
          onBlur={() => props.onLeave('model')}
        />
      )}
    </Field>
  );
  return (
    <div class="stack">
      <Field label="Provider" wrong={props.errors.get('kind')}>
        {(wiring) => (
          <Select
            {...wiring}
            choices={kindChoices}
            value={props.draft.kind}
            onChoose={(chosen) => change({ kind: modelKinds.find((kind) => kind === chosen) ?? 'scripted' })}
          />
        )}
      </Field>
      <Switch>
        <Match when={props.draft.kind === 'scripted'}>
          <p class="soft small">
            Plays every role from a script on the sample repository, so that the whole loop can be seen without a key. It does not
            understand other repositories.
          </p>
        </Match>
        <Match when={props.draft.kind === 'openai-compatible'}>
          <Field label="Base URL" wrong={props.errors.get('baseUrl')}>
            {(wiring) => (
              <input
                {...wiring}
                class="input mono"
                autocomplete="off"
                spellcheck={false}
                maxLength={500}
                placeholder="https://models.example.com/v1"
                value={props.draft.baseUrl}
                onInput={(event) => change({ baseUrl: event.currentTarget.value })}
                onBlur={() => props.onLeave('baseUrl')}
              />
            )}
          </Field>
          <div class="form-row">
            {modelField('gpt-5.2')}
            {keyField()}
          </div>
        </Match>
        <Match when={props.draft.kind === 'bedrock'}>
          <div class="form-row">
            {modelField('global.anthropic.claude-sonnet-4-5-20250929-v1:0')}
            <Field label="Region" hint="Empty: the town's own region." wrong={props.errors.get('region')}>
              {(wiring) => (
                <input
                  {...wiring}
                  class="input mono"
                  autocomplete="off"
                  spellcheck={false}
                  maxLength={40}
                  placeholder="eu-central-1"
                  value={props.draft.region}
                  onInput={(event) => change({ region: event.currentTarget.value })}
                  onBlur={() => props.onLeave('region')}
                />
              )}
            </Field>
          </div>
          <p class="soft small">
            Calls are signed with the town's own role on AWS, or with this machine's AWS credentials. No key is stored.
          </p>
        </Match>
        <Match when={props.draft.kind === 'opencode-provider'}>
          <div class="form-row">
            <Field label="Provider name" wrong={props.errors.get('provider')}>
              {(wiring) => (
                <input
                  {...wiring}
                  class="input mono"
                  autocomplete="off"
                  spellcheck={false}
                  maxLength={40}
                  list="known-providers"
                  value={props.draft.provider}
                  onInput={(event) => change({ provider: event.currentTarget.value })}
                  onBlur={() => props.onLeave('provider')}
                />
              )}
            </Field>
            {modelField('claude-sonnet-4-5')}
          </div>
          {keyField()}
          <datalist id="known-providers">
            {['anthropic', 'openai', 'google', 'openrouter', 'mistral', 'groq', 'deepseek'].map((name) => (
              <option value={name} />
            ))}
          </datalist>
        </Match>
      </Switch>
      <Show when={props.errors.get('')}>{(message) => <span class="wrong">{message()}</span>}</Show>
    </div>
  );
};
