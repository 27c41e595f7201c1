// The town's settings as one form; only what was changed is sent.
import { useQueryClient } from '@tanstack/solid-query';
import { For, Show, createMemo, createSignal } from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import type { TownConfig, TownConfigPatch, TownView } from '../../../functions/contracts/town.schema.ts';
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
  { key: 'maxPolecatsPerRig', label: 'Workers per repository', min: 1, max: 50 },
  { key: 'maxAgents', label: 'Agents in all', min: 1, max: 200 },
  { key: 'maxDispatchAttempts', label: 'Attempts per bead', min: 1, max: 50 },
] as const;
const roundFields = [
  { key: 'maxReworkRounds', label: 'Rework rounds', min: 0, max: 20 },
  { key: 'maxConflictRounds', label: 'Conflict rounds', min: 0, max: 20 },
] as const;

interface Draft {
  models: { default: ModelDraft; mayor: ModelDraft; polecat: ModelDraft; refinery: ModelDraft };
  /** A role that has no model of its own uses the default. */
  own: Record<Role, boolean>;
  merge: TownConfig['merge'];
  limits: TownConfig['limits'];
  instructions: Record<Role, string>;
}
const asDraft = (config: TownConfig): Draft => ({
  models: {
    default: draftOf(config.models.default),
    mayor: draftOf(config.models.mayor ?? config.models.default),
    polecat: draftOf(config.models.polecat ?? config.models.default),
    refinery: draftOf(config.models.refinery ?? config.models.default),
  },
  own: {
    mayor: config.models.mayor !== undefined,
    polecat: config.models.polecat !== undefined,
    refinery: config.models.refinery !== undefined,
  },
  merge: { ...config.merge },
  limits: { ...config.limits },
  instructions: {
    mayor: config.instructions.mayor ?? '',
    polecat: config.instructions.polecat ?? '',
    refinery: config.instructions.refinery ?? '',
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
  readonly patch: TownConfigPatch;
  readonly errors: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
}
/** What differs from the stored settings, and what is wrong with it. */
const changeOf = (stored: Draft, draft: Draft): Change => {
  const errors = new Map<string, string>();
  const models: NonNullable<TownConfigPatch['models']> = {};
  for (const role of ['default', ...roles] as const) {
    const isOwn = role === 'default' || draft.own[role];
    const wasOwn = role === 'default' || stored.own[role];
    if (!isOwn || (wasOwn && isSame(stored.models[role], draft.models[role]))) continue;
    const result = routeOf(draft.models[role]);
    if (result.ok) models[role] = result.route;
    else for (const [field, message] of result.errors) errors.set(`models.${role}.${field}`, message);
  }
  for (const field of roundFields) note(errors, `merge.${field.key}`, wholeNumberError(draft.merge[field.key], field));
  for (const field of limitFields) note(errors, `limits.${field.key}`, wholeNumberError(draft.limits[field.key], field));
  for (const role of roles) note(errors, `instructions.${role}`, tooLong(draft.instructions[role]));
  const instructions: Partial<Record<Role, string>> = {};
  for (const role of roles) if (stored.instructions[role] !== draft.instructions[role]) instructions[role] = draft.instructions[role];
  const patch: TownConfigPatch = {
    ...(Object.keys(models).length === 0 ? {} : { models }),
    ...(isSame(stored.merge, draft.merge) ? {} : { merge: { ...draft.merge } }),
    ...(isSame(stored.limits, draft.limits) ? {} : { limits: { ...draft.limits } }),
    ...(Object.keys(instructions).length === 0 ? {} : { instructions }),
  };
  return { patch, errors, isEmpty: Object.keys(patch).length === 0 && errors.size === 0 };
};
/** Messages of one model, keyed by its field. */
const below = (errors: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> =>
  new Map(
    [...errors]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, message]) => [path.slice(prefix.length).replace(/^\./, ''), message]),
  );

export const SettingsForm = (props: { readonly town: TownView; readonly config: TownConfig }) => {
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
            <input
              type="checkbox"
              checked={draft.merge.codeReview}
              onChange={(event) => setDraft('merge', 'codeReview', event.currentTarget.checked)}
            />
            The Refinery reviews each change before it is merged
          </label>
          <div class="form-row">
            <For each={roundFields}>
              {(field) => (
                <NumberField
                  label={field.label}
                  min={field.min}
                  max={field.max}
                  value={draft.merge[field.key]}
                  onInput={(value) => setDraft('merge', field.key, value)}
                  refused={refused().get(`merge.${field.key}`)}
                  isTold={told().has(`merge.${field.key}`)}
                />
              )}
            </For>
            <For each={limitFields}>
              {(field) => (
                <NumberField
                  label={field.label}
                  min={field.min}
                  max={field.max}
                  value={draft.limits[field.key]}
                  onInput={(value) => setDraft('limits', field.key, value)}
                  refused={refused().get(`limits.${field.key}`)}
                  isTold={told().has(`limits.${field.key}`)}
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
