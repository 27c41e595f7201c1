// One setting of the table: what it means, what holds and who says so, and a control to set or take away its value at the chosen scope.
import { Show, createEffect, createMemo, createSignal, on } from 'solid-js';
import { settingsPatchSchema } from '../../../functions/contracts/settings.schema.ts';
import type { SettingRow, SettingsPatch } from '../../../functions/contracts/settings.schema.ts';
import { createAct } from '../api/act.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { Field } from '../parts/field.tsx';
import type { Wiring } from '../parts/field.tsx';
import { ErrorNote, Pill, Spinner } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { editorOf, shortOf, sourceOf, textOf, valueOf } from './setting-value.ts';

export type EditedScope = 'town' | 'rig';
interface Props {
  readonly row: SettingRow;
  readonly scope: EditedScope;
  readonly save: (patch: SettingsPatch) => Promise<void>;
}
type Change = { readonly patch: SettingsPatch } | { readonly wrong: string };

/** `null` takes the value away. */
const changeOf = (scope: EditedScope, key: string, value: unknown): Change => {
  const parsed = settingsPatchSchema(scope).safeParse({ [key]: value });
  if (parsed.success) return { patch: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.slice(1).join('.') ?? '';
  return { wrong: `${where === '' ? '' : `${where}: `}${issue?.message ?? 'This value does not fit.'}` };
};

export const SettingRowEditor = (props: Props) => {
  const editor = createMemo(() => editorOf(props.row));
  const stored = createMemo(() => textOf(props.row.value));
  const [text, setText] = createSignal(stored());
  const [wrong, setWrong] = createSignal<string>();
  createEffect(on(stored, (value) => setText(value), { defer: true }));
  const isSetHere = () => props.row.from === props.scope;
  const isChanged = () => text() !== stored();
  const act = createAct(props.save);
  const refused = () =>
    [...fieldErrorsOf(act.error())].find(([path]) => path === props.row.key || path.startsWith(`${props.row.key}.`))?.[1];
  const send = async (change: Change): Promise<void> => {
    if ('wrong' in change) {
      setWrong(change.wrong);
      return;
    }
    setWrong(undefined);
    await act.run(change.patch);
  };
  const submit = (): Promise<void> => {
    const read = valueOf(editor(), text());
    return send(read.ok ? changeOf(props.scope, props.row.key, read.value) : { wrong: read.message });
  };
  const edit = (value: string): void => {
    setText(value);
    setWrong(undefined);
    act.clear();
  };
  const isFixed = () => props.row.waitsFor !== undefined;
  const Control = (own: { readonly wiring: Wiring }) => {
    const kind = editor();
    if (kind.kind === 'choice')
      return (
        <Select
          {...own.wiring}
          disabled={isFixed()}
          choices={[
            ...(stored() === '' ? [{ value: '', label: 'not set' }] : []),
            ...kind.values.map((value) => ({ value: String(value), label: typeof value === 'boolean' ? shortOf(value) : value })),
          ]}
          value={text()}
          onChoose={edit}
        />
      );
    if (kind.kind === 'line' || kind.kind === 'number')
      return (
        <input
          {...own.wiring}
          class="input"
          inputmode={kind.kind === 'number' ? 'decimal' : 'text'}
          autocomplete="off"
          placeholder={stored() === '' ? 'not set' : undefined}
          disabled={isFixed()}
          value={text()}
          onInput={(event) => edit(event.currentTarget.value)}
        />
      );
    return (
      <textarea
        {...own.wiring}
        class="input"
        classList={{ mono: kind.kind === 'json' }}
        rows={Math.min(8, Math.max(1, text().split('\n').length))}
        placeholder={stored() === '' ? 'not set' : undefined}
        disabled={isFixed()}
        value={text()}
        onInput={(event) => edit(event.currentTarget.value)}
      />
    );
  };
  return (
    <li class="setting-row" data-setting={props.row.key}>
      <form
        class="stack"
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="row wrap">
          <p class="small grow">{props.row.sentence}</p>
          <Pill tone={isSetHere() ? 'ok' : 'plain'}>{sourceOf(props.row)}</Pill>
        </div>
        <Field
          label={props.row.key}
          wrong={wrong() ?? refused()}
          hint={props.row.waitsFor === undefined ? `Built in: ${shortOf(props.row.default)}` : `Cannot be set yet: ${props.row.waitsFor}.`}
        >
          {(wiring) => <Control wiring={wiring} />}
        </Field>
        <Show when={act.error() !== undefined && refused() === undefined}>
          <ErrorNote error={act.error()} />
        </Show>
        <Show when={!isFixed() && (isChanged() || isSetHere())}>
          <div class="row wrap">
            <button type="submit" class="button primary" disabled={act.isRunning() || !isChanged()}>
              <Show when={act.isRunning()}>
                <Spinner />
              </Show>
              Save
            </button>
            <Show
              when={isChanged()}
              fallback={
                <button
                  type="button"
                  class="button"
                  disabled={act.isRunning()}
                  onClick={() => void send(changeOf(props.scope, props.row.key, null))}
                >
                  Take away
                </button>
              }
            >
              <button type="button" class="button" onClick={() => edit(stored())}>
                Undo
              </button>
            </Show>
          </div>
        </Show>
      </form>
    </li>
  );
};
