// Connects a repository. The control plane reaches it before anything is stored, which may take a few seconds.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal } from 'solid-js';
import type { Gate } from '../../../functions/contracts/town.schema.ts';
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
  const isDemo = () => isDemoModel(config.data()?.models, 'polecat');
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
  const errors = () => fieldRefusalOf(act.error());
  const isSaidAtField = () => [...errors().keys()].some((field) => shownAtFields.includes(field) || field.startsWith('gates.'));
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    if (await act.run()) props.onClose();
    else focusFirstWrong(form);
  };
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
          wrong={errors().get('gitUrl')}
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
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="form-row">
          <Field label="Name" wrong={errors().get('name')}>
            {(wiring) => (
              <input
                {...wiring}
                class="input"
                maxLength={80}
                autocomplete="off"
                value={shownName()}
                onInput={(event) => setName(event.currentTarget.value)}
              />
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
                onInput={(event) => setBranch(event.currentTarget.value)}
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
                onInput={(event) => setPrefix(event.currentTarget.value)}
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
                  onInput={(event) => setUsername(event.currentTarget.value)}
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
                  onInput={(event) => setPassword(event.currentTarget.value)}
                />
              )}
            </Field>
          </div>
        </details>
        <details class="more" open={gates().length > 0 || undefined}>
          <summary>Gates: commands that must pass before a merge</summary>
          <GateList gates={gates()} onChange={setGates} errors={errors()} />
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
