// All towns of the person, and a new one.
import { A, useLocation, useNavigate } from '@solidjs/router';
import { Show, createEffect, createSignal, onMount } from 'solid-js';
import { createAct } from '../api/act.ts';
import { call, createKeys } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, ErrorNote, Spinner } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { SignOutButton, ThemeButton } from '../shell/account-menu.tsx';

const CreateTown = (props: { readonly onDone?: () => void }) => {
  const navigate = useNavigate();
  const [name, setName] = createSignal('');
  const keys = createKeys();
  const act = createAct(async () => {
    const body = { name: name().trim() };
    const town = await call('createTown', { body }, { idempotencyKey: keys.keyFor(body) });
    navigate(`/towns/${town.townId}`);
  });
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run()) props.onDone?.();
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        void submit(event);
      }}
    >
      <Field
        label="Name of the town"
        hint="A team, a product, or yourself. It can be changed later."
        wrong={fieldErrorsOf(act.error()).get('name')}
      >
        {(wiring) => (
          <input
            {...wiring}
            class="input"
            required
            maxLength={80}
            autocomplete="off"
            placeholder="Platform team"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Show when={fieldErrorsOf(act.error()).size === 0}>
        <ErrorNote error={act.error()} />
      </Show>
      <div class="form-end">
        <button type="submit" class="button primary" disabled={act.isRunning() || name().trim() === ''}>
          <Show when={act.isRunning()}>
            <Spinner />
          </Show>
          Create town
        </button>
      </div>
    </form>
  );
};

export const TownsPage = () => {
  const navigate = useNavigate();
  const location = useLocation<{ fromSignIn?: boolean }>();
  const towns = useRead('listTowns', () => ({ query: { limit: 100 } }));
  const [isCreating, setCreating] = createSignal(false);
  onMount(() => {
    document.title = 'Towns · Gastown';
  });
  createEffect(() => {
    const [only, ...others] = towns.data()?.items ?? [];
    if (location.state?.fromSignIn === true && only !== undefined && others.length === 0)
      navigate(`/towns/${only.townId}`, { replace: true });
  });
  return (
    <main class="page narrow" style={{ margin: '0 auto', 'padding-top': '40px' }}>
      <div class="page-head">
        <div class="titles">
          <h1>Towns</h1>
          <p class="sub">A town is a workspace: repositories, agents that work on them, and a Mayor to talk to.</p>
        </div>
        <ThemeButton />
        <SignOutButton />
        <Show when={(towns.data()?.items.length ?? 0) > 0}>
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New town
          </button>
        </Show>
      </div>
      <ErrorNote error={towns.error()} onRetry={towns.refetch} />
      <Show when={towns.isLoading()}>
        <Bones />
      </Show>
      <Show when={towns.data()?.items.length === 0}>
        <div class="front-card" style={{ 'box-shadow': 'none' }}>
          <h2>Create your first town</h2>
          <p class="soft small">Next you connect a repository and tell the Mayor what you want done.</p>
          <CreateTown />
        </div>
      </Show>
      <div class="cards">
        <Keyed each={towns.data()?.items} by={(town) => town.townId}>
          {(town) => (
            <A class="card" href={`/towns/${town().townId}`}>
              <span class="row">
                <Icon name="town" />
                <strong class="grow ellipsis">{town().name}</strong>
              </span>
              <span class="muted tiny">
                Created <Time at={town().createdAt} />
              </span>
            </A>
          )}
        </Keyed>
      </div>
      <Show when={isCreating()}>
        <Dialog title="New town" onClose={() => setCreating(false)}>
          <CreateTown onDone={() => setCreating(false)} />
        </Dialog>
      </Show>
    </main>
  );
};
