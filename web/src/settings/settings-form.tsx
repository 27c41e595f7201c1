// The town's settings as one form; only what was changed is sent.
import { useQueryClient } from '@tanstack/solid-query';
import { For, Show, createMemo, createSignal } from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import { settings } from '../../../functions/contracts/settings.schema.ts';
import type { SettingsPatch, SettingsView } from '../../../functions/contracts/settings.schema.ts';
import type { TownView } from '../../../functions/contracts/town.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { Field, focusFirstWrong } from '../parts/field.tsx';
import { NumberField, wholeNumberError } from '../parts/number-field.tsx';
import { ErrorNote, Panel, Spinner } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';
import { draftOf, modelKindWord, routeOf } from './model-draft.ts';
import type { ModelDraft } from './model-draft.ts';
import { ModelEditor } from './model-editor.tsx';

const roles = ['mayor', 'polecat', 'refinery'] as const;
type Role = (typeof roles)[number];
type ModelOf = Role | 'default';
const roleTitle: Readonly<Record<Role, string>> = { mayor: 'Mayor', polecat: 'Polecats', refinery: 'Refinery' };
const rolePlain: Readonly<Record<Role, string>> = { mayor: 'plans and answers', polecat: 'workers', refinery: 'reviewer' };
const limitFields = [
  { key: 'limits.maxPolecatsPerRig', label: 'Workers per repository', min: 1, max: 50 },
  { key: 'limits.maxAgents', label: 'Agents in all', min: 1, max: 200 },
  { key: 'limits.maxDispatchAttempts', label: 'Attempts per bead', min: 1, max: 50 },
] as const;
const roundFields = [
  { key: 'merge.maxReworkRounds', label: 'Rework rounds', min: 0, max: 20 },
  { key: 'merge.maxConflictRounds', label: 'Conflict rounds', min: 0, max: 20 },
] as const;

const numberFields = [...roundFields, ...limitFields];
type NumberKey = (typeof numberFields)[number]['key'];

interface Draft {
  models: { default: ModelDraft; mayor: ModelDraft; polecat: ModelDraft; refinery: ModelDraft };
  /** A role that has no model of its own uses the default. */
  own: Record<Role, boolean>;
  codeReview: boolean;
  numbers: Record<NumberKey, number>;
  instructions: Record<Role, string>;
}
const numberOf = (config: SettingsView, key: NumberKey): number => config[key] ?? settings[key].default;
const modelOf = (config: SettingsView, role: ModelOf): ModelDraft =>
  draftOf(config[`models.${role}`] ?? config['models.default'] ?? { kind: 'scripted' });
const asDraft = (config: SettingsView): Draft => ({
  models: {
    default: modelOf(config, 'default'),
    mayor: modelOf(config, 'mayor'),
    polecat: modelOf(config, 'polecat'),
    refinery: modelOf(config, 'refinery'),
  },
  own: {
    mayor: config['models.mayor'] !== undefined,
    polecat: config['models.polecat'] !== undefined,
    refinery: config['models.refinery'] !== undefined,
  },
  codeReview: config['merge.codeReview'] ?? settings['merge.codeReview'].default,
  numbers: {
    'merge.maxReworkRounds': numberOf(config, 'merge.maxReworkRounds'),
    'merge.maxConflictRounds': numberOf(config, 'merge.maxConflictRounds'),
    'limits.maxPolecatsPerRig': numberOf(config, 'limits.maxPolecatsPerRig'),
    'limits.maxAgents': numberOf(config, 'limits.maxAgents'),
    'limits.maxDispatchAttempts': numberOf(config, 'limits.maxDispatchAttempts'),
  },
  instructions: {
    mayor: config['instructions.mayor'] ?? '',
    polecat: config['instructions.polecat'] ?? '',
    refinery: config['instructions.refinery'] ?? '',
  },
});
const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

const mostInstructionCharacters = 2000;
const tooLong = (text: string): string | undefined =>
  text.length <= mostInstructionCharacters
    ? undefined
    : `At most ${mostInstructionCharacters} characters; these are ${text.length}. Nothing was cut: shorten them.`;
const note = (errors: Map<string, string>, path: string, message: string | undefined): void => {
  if (message !== undefined) errors.set(path, message);
};

interface Change {
  readonly patch: SettingsPatch;
  readonly errors: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
}
/** What differs from the stored settings, and what is wrong with it. */
const changeOf = (stored: Draft, draft: Draft): Change => {
  const errors = new Map<string, string>();
  const patch: SettingsPatch = {};
  for (const role of ['default', ...roles] as const) {
    const isOwn = role === 'default' || draft.own[role];
    const wasOwn = role === 'default' || stored.own[role];
    if (!isOwn || (wasOwn && isSame(stored.models[role], draft.models[role]))) continue;
    const result = routeOf(draft.models[role]);
    if (result.ok) patch[`models.${role}`] = result.route;
    else for (const [field, message] of result.errors) errors.set(`models.${role}.${field}`, message);
  }
  for (const field of numberFields) {
    note(errors, field.key, wholeNumberError(draft.numbers[field.key], field));
    if (stored.numbers[field.key] !== draft.numbers[field.key]) patch[field.key] = draft.numbers[field.key];
  }
  if (stored.codeReview !== draft.codeReview) patch['merge.codeReview'] = draft.codeReview;
  for (const role of roles) {
    note(errors, `instructions.${role}`, tooLong(draft.instructions[role]));
    const text = draft.instructions[role];
    if (stored.instructions[role] !== text) patch[`instructions.${role}`] = text === '' ? null : text;
  }
  return { patch, errors, isEmpty: Object.keys(patch).length === 0 && errors.size === 0 };
};
/** Messages of one model, keyed by its field. */
const below = (errors: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> =>
  new Map(
    [...errors]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, message]) => [path.slice(prefix.length).replace(/^\./, ''), message]),
  );

export const SettingsForm = (props: { readonly town: TownView; readonly config: SettingsView }) => {
  const client = useQueryClient();
  const stored = createMemo(() => asDraft(props.config));
  const [draft, setDraft] = createStore<Draft>(asDraft(props.config));
  const change = createMemo(() => changeOf(stored(), draft));
  const act = createAct(async () => {
    const saved = await call(
      'updateConfig',
      { params: { townId: props.town.townId }, body: change().patch },
      { ifMatch: props.town.version },
    );
    setDraft(reconcile(asDraft(saved)));
    await Promise.all([client.invalidateQueries({ queryKey: ['getConfig'] }), client.invalidateQueries({ queryKey: ['getTown'] })]);
    toast('Saved; the next work uses it');
  });
  const refused = createMemo(() => fieldErrorsOf(act.error()));
  /** Paths whose error is said: fields that were left, and all that were wrong when saving was tried. */
  const [told, setTold] = createSignal<ReadonlySet<string>>(new Set());
  const errorsAt = (role: ModelOf): ReadonlyMap<string, string> => {
    const said = [...change().errors].filter(([path]) => told().has(path));
    return below(new Map([...said, ...refused()]), `models.${role}`);
  };
  const changeModel = (role: ModelOf, next: ModelDraft): void => {
    // Another kind asks for other fields; nobody has seen them yet.
    if (next.kind !== draft.models[role].kind) setTold((now) => new Set([...now].filter((path) => !path.startsWith(`models.${role}.`))));
    setDraft('models', role, next);
  };
  const Editor = (of: { readonly role: ModelOf }) => (
    <ModelEditor
      draft={draft.models[of.role]}
      onChange={(next) => changeModel(of.role, next)}
      onLeave={(field) => setTold((now) => new Set([...now, `models.${of.role}.${field}`]))}
      errors={errorsAt(of.role)}
    />
  );
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setTold(new Set(change().errors.keys()));
    const isSaved = change().errors.size === 0 && (await act.run());
    if (!isSaved) focusFirstWrong(form);
  };
  return (
    <form
      class="stack"
      style={{ gap: '16px' }}
      onSubmit={(event) => {
        void submit(event);
      }}
      novalidate
    >
      <Panel title="Model" plain="used by every role that has none of its own" label="Model">
        <div class="panel-body">
          <Editor role="default" />
        </div>
      </Panel>
      <Panel title="Models per role" label="Models per role">
        <div class="panel-body stack">
          <For each={roles}>
            {(role) => (
              <div class="task-edit">
                <div class="row wrap">
                  <h3 class="grow">
                    {roleTitle[role]} <span class="lore">{rolePlain[role]}</span>
                  </h3>
                  <Show when={!stored().own[role]} fallback={<span class="muted tiny">{modelKindWord[draft.models[role].kind]}</span>}>
                    <label class="check">
                      <input
                        type="checkbox"
                        checked={draft.own[role]}
                        onChange={(event) => setDraft('own', role, event.currentTarget.checked)}
                      />
                      Its own model
                    </label>
                  </Show>
                </div>
                <Show when={draft.own[role]}>
                  <Editor role={role} />
                </Show>
              </div>
            )}
          </For>
        </div>
      </Panel>
      <Panel title="Merging and limits" label="Merging and limits">
        <div class="panel-body stack">
          <label class="check">
            <input type="checkbox" checked={draft.codeReview} onChange={(event) => setDraft('codeReview', event.currentTarget.checked)} />
            The Refinery reviews each change before it is merged
          </label>
          <div class="form-row">
            <For each={numberFields}>
              {(field) => (
                <NumberField
                  label={field.label}
                  min={field.min}
                  max={field.max}
                  value={draft.numbers[field.key]}
                  onInput={(value) => setDraft('numbers', field.key, value)}
                  refused={refused().get(field.key)}
                  isTold={told().has(field.key)}
                />
              )}
            </For>
          </div>
        </div>
      </Panel>
      <Panel title="Instructions" plain="added to what each role is told" label="Instructions">
        <div class="panel-body stack">
          <For each={roles}>
            {(role) => (
              <Field label={roleTitle[role]} wrong={change().errors.get(`instructions.${role}`) ?? refused().get(`instructions.${role}`)}>
                {(wiring) => (
                  <textarea
                    {...wiring}
                    class="input"
                    style={{ 'min-height': '64px' }}
                    value={draft.instructions[role]}
                    onInput={(event) => setDraft('instructions', role, event.currentTarget.value)}
                  />
                )}
              </Field>
            )}
          </For>
        </div>
      </Panel>
      <ErrorNote error={act.error()} />
      <div class="form-end" style={{ position: 'sticky', bottom: '0', padding: '10px 0', background: 'var(--bg)' }}>
        <Show when={!change().isEmpty}>
          <span class="muted small">Not saved yet</span>
          <button type="button" class="button quiet" onClick={() => setDraft(reconcile(structuredClone(unwrap(stored()))))}>
            Discard
          </button>
        </Show>
        <button type="submit" class="button primary" disabled={act.isRunning() || change().isEmpty}>
          <Show when={act.isRunning()}>
            <Spinner />
          </Show>
          Save settings
        </button>
      </div>
    </form>
  );
};
