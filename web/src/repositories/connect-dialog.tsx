// Connects a repository. The control plane reaches it before anything is stored, which may take a few seconds.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createMemo, createSignal } from 'solid-js';
import type { Gate } from '../../../functions/contracts/gate.schema.ts';
import { createAct } from '../api/act.ts';
import { call, createKeys } from '../api/client.ts';
import { fieldRefusalOf } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { DemoNote, isDemoModel } from '../parts/demo-note.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, focusFirstWrong } from '../parts/field.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';
import { GateList } from './gate-list.tsx';

/** `git@host:team/shop.git` and `https://host/team/shop` both give `shop`. */
export const nameFromUrl = (url: string): string =>
  url
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:]/)
    .at(-1) ?? '';

/** `credential.password` is of `credential`. */
const isOf = (field: string, known: string): boolean => field === known || field.startsWith(`${known}.`);

const shownAtFields = ['gitUrl', 'name', 'defaultBranch', 'prefix', 'credential', 'credential.username', 'credential.password'];

export const ConnectDialog = (props: { readonly townId: string; readonly onClose: () => void }) => {
  const client = useQueryClient();
  const keys = createKeys();
  const [url, setUrl] = createSignal('');
  const [name, setName] = createSignal<string>();
  const [branch, setBranch] = createSignal('');
  const [prefix, setPrefix] = createSignal('');
  const [username, setUsername] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [gates, setGates] = createSignal<readonly Gate[]>([]);
  const config = useRead('getConfig', () => ({ params: { townId: props.townId } }));
  const isDemo = () => isDemoModel(config.data(), 'polecat');
  const shownName = () => name() ?? nameFromUrl(url());
  const act = createAct(async () => {
    const body = {
      gitUrl: url().trim(),
      name: shownName().trim(),
      gates: [...gates()],
      ...(branch().trim() === '' ? {} : { defaultBranch: branch().trim() }),
      ...(prefix().trim() === '' ? {} : { prefix: prefix().trim() }),
      ...(password() === '' ? {} : { credential: { username: username().trim() || 'x-access-token', password: password() } }),
    };
    const rig = await call('createRig', { params: { townId: props.townId }, body }, { idempotencyKey: keys.keyFor(body) });
    await Promise.all([client.invalidateQueries({ queryKey: ['listRigs'] }), client.invalidateQueries({ queryKey: ['snapshot'] })]);
    toast(`${rig.name} is connected`);
  });
  /** Fields that were changed since they were refused: what was said of them is old. */
  const [changed, setChanged] = createSignal<ReadonlySet<string>>(new Set());
  const touch = (field: string): void => {
    setChanged((now) => new Set([...now, field]));
  };
  const wrote =
    (field: string, set: (text: string) => void) =>
    (event: { readonly currentTarget: HTMLInputElement }): void => {
      touch(field);
      set(event.currentTarget.value);
    };
  const refused = createMemo(() => fieldRefusalOf(act.error()));
  const errors = createMemo(() => new Map([...refused()].filter(([field]) => ![...changed()].some((known) => isOf(field, known)))));
  const isSaidAtField = () => [...refused().keys()].some((field) => shownAtFields.includes(field) || field.startsWith('gates.'));
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setChanged(new Set<string>());
    if (await act.run()) props.onClose();
    else focusFirstWrong(form);
  };
  const homeHint = () =>
    url().trim().startsWith('~') ? '~ is not expanded here. Give the full path, for example /home/ada/shop or /Users/ada/shop.' : undefined;
  const isCredentialWrong = () => [...errors().keys()].some((field) => field.startsWith('credential'));
  return (
    <Dialog title="Connect a repository" wide onClose={props.onClose}>
      <form
        class="form"
        novalidate
        onSubmit={(event) => {
          void submit(event);
        }}
      >
        <Field
          label="Repository"
          hint="An https or ssh address, or the path of a repository on the machine that runs the town."
          wrong={homeHint() ?? errors().get('gitUrl')}
        >
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              required
              autocomplete="off"
              spellcheck={false}
              placeholder="https://github.com/your-team/shop.git"
              value={url()}
              onInput={wrote('gitUrl', setUrl)}
            />
          )}
        </Field>
        <div class="form-row">
          <Field label="Name" wrong={errors().get('name')}>
            {(wiring) => (
              <input {...wiring} class="input" maxLength={80} autocomplete="off" value={shownName()} onInput={wrote('name', setName)} />
            )}
          </Field>
          <Field label="Default branch" hint="Asked from the repository when left empty." wrong={errors().get('defaultBranch')}>
            {(wiring) => (
              <input
                {...wiring}
                class="input"
                autocomplete="off"
                spellcheck={false}
                placeholder="main"
                value={branch()}
                onInput={wrote('defaultBranch', setBranch)}
              />
            )}
          </Field>
          <Field label="Prefix of its bead ids" hint="2 to 6 letters; made from the name when empty." wrong={errors().get('prefix')}>
            {(wiring) => (
              <input
                {...wiring}
                class="input"
                maxLength={6}
                autocomplete="off"
                spellcheck={false}
                placeholder="shop"
                value={prefix()}
                onInput={wrote('prefix', setPrefix)}
              />
            )}
          </Field>
        </div>
        <details class="more" open={username() !== '' || password() !== '' || isCredentialWrong() || undefined}>
          <summary>Credential, if the repository asks for one</summary>
          <div class="form-row">
            <Field label="User name" hint="For a token, usually anything will do." wrong={errors().get('credential.username')}>
              {(wiring) => (
                <input
                  {...wiring}
                  class="input"
                  autocomplete="off"
                  spellcheck={false}
                  value={username()}
                  onInput={wrote('credential', setUsername)}
                />
              )}
            </Field>
            <Field
              label="Password or token"
              hint="Stored encrypted, never shown again, never given to agents."
              wrong={errors().get('credential.password') ?? errors().get('credential')}
            >
              {(wiring) => (
                <input
                  {...wiring}
                  class="input"
                  type="password"
                  autocomplete="new-password"
                  value={password()}
                  onInput={wrote('credential', setPassword)}
                />
              )}
            </Field>
          </div>
        </details>
        <details class="more" open={gates().length > 0 || undefined}>
          <summary>Gates: commands that must pass before a merge</summary>
          <GateList
            gates={gates()}
            onChange={(next) => {
              touch('gates');
              setGates(next);
            }}
            errors={errors()}
          />
        </details>
        <Show when={isDemo()}>
          <DemoNote townId={props.townId} />
        </Show>
        <Show when={!isSaidAtField()}>
          <ErrorNote error={act.error()} />
        </Show>
        <div class="form-end">
          <Show when={act.isRunning()}>
            <span class="muted small" role="status">
              Reaching the repository
            </span>
          </Show>
          <button type="button" class="button quiet" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={act.isRunning() || url().trim() === ''}>
            <Show when={act.isRunning()}>
              <Spinner />
            </Show>
            Connect
          </button>
        </div>
      </form>
    </Dialog>
  );
};
