// Sign in with the one-time link of the local launcher. The code leaves the address bar as soon as it is used.
import { useNavigate } from '@solidjs/router';
import { Show, createSignal, onMount } from 'solid-js';
import { call } from '../api/client.ts';
import { ApiError, sentenceOf } from '../api/errors.ts';
import { session, signedIn } from '../api/session.ts';
import { SigningIn } from '../parts/front-card.tsx';
import { Note } from '../parts/pieces.tsx';

export const LocalHint = () => (
  <>
    <p class="soft">Open the one-time link that the town printed when it started. It looks like this:</p>
    <pre class="output" tabindex="0">
      {`${window.location.origin}/sign-in?code=…`}
    </pre>
    <p class="soft small">
      No link at hand? Run <code>npm start</code> in a second terminal, with the same options: it prints a fresh one.
    </p>
  </>
);

export const LinkSignIn = (props: { readonly code: string; readonly next: string }) => {
  const navigate = useNavigate();
  const [refused, setRefused] = createSignal<unknown>();
  const [isBusy, setBusy] = createSignal(true);

  const exchange = async (): Promise<void> => {
    setBusy(true);
    setRefused(undefined);
    try {
      signedIn(await call('signIn', { body: { code: props.code } }));
      navigate(props.next, { replace: true, state: { fromSignIn: true } });
    } catch (error) {
      // A link that was used by this very browser before is no obstacle.
      if (error instanceof ApiError && session() !== undefined) navigate(props.next, { replace: true });
      else setRefused(() => error);
    } finally {
      setBusy(false);
    }
  };
  onMount(() => {
    void exchange();
  });
  const isLinkAtFault = () => refused() instanceof ApiError;
  return (
    <Show when={!isBusy()} fallback={<SigningIn />}>
      <Show
        when={isLinkAtFault()}
        fallback={
          <>
            <h1>Could not sign you in</h1>
            <Note tone="bad" alert>
              {sentenceOf(refused())}
            </Note>
            <button
              type="button"
              class="button primary"
              onClick={() => {
                void exchange();
              }}
            >
              Try again
            </button>
          </>
        }
      >
        <h1>This link no longer works</h1>
        <Note tone="warn" alert>
          A sign-in link works once, within the hour. This one was used, is too old, or belongs to an earlier start.
        </Note>
        <p class="soft">
          Run <code>npm start</code> again in the terminal and open the new link that it prints. Your towns and their work are kept.
        </p>
      </Show>
    </Show>
  );
};
