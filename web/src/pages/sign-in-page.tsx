// Sign-in by a one-time link. The code leaves the address as soon as it is used.
import { useNavigate, useSearchParams } from '@solidjs/router';
import { Show, createSignal, onMount } from 'solid-js';
import { call } from '../api/client.ts';
import { ApiError, sentenceOf } from '../api/errors.ts';
import { session, signedIn } from '../api/session.ts';
import { Note, Spinner } from '../parts/pieces.tsx';

/** Only paths of this site: a link must not lead elsewhere after the sign-in. */
const safeNext = (next: string | undefined): string => (next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/');
const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

export const SignInPage = () => {
  const [search] = useSearchParams<{ code?: string; next?: string }>();
  const navigate = useNavigate();
  const code = one(search.code);
  const next = safeNext(one(search.next));
  const [refused, setRefused] = createSignal<unknown>();
  const [isBusy, setBusy] = createSignal(code !== undefined);

  const exchange = async (given: string): Promise<void> => {
    setBusy(true);
    setRefused(undefined);
    try {
      signedIn(await call('signIn', { body: { code: given } }));
      navigate(next, { replace: true, state: { fromSignIn: true } });
    } catch (error) {
      // A link that was used by this very browser before is no obstacle.
      if (error instanceof ApiError && session() !== undefined) navigate(next, { replace: true });
      else setRefused(() => error);
    } finally {
      setBusy(false);
    }
  };
  onMount(() => {
    document.title = 'Sign in · Gastown';
    if (code !== undefined) void exchange(code);
    else if (session() !== undefined) navigate(next, { replace: true });
  });
  const isLinkAtFault = () => refused() instanceof ApiError;
  return (
    <main class="front">
      <div class="front-card">
        <img src="/favicon.svg" alt="" />
        <Show
          when={!isBusy()}
          fallback={
            <>
              <h1>Signing you in</h1>
              <p class="row soft" role="status">
                <Spinner /> One moment.
              </p>
            </>
          }
        >
          <Show
            when={refused()}
            fallback={
              <>
                <h1>Sign in to Gastown</h1>
                <p class="soft">Open the one-time link that the town printed when it started. It looks like this:</p>
                <pre class="output" tabindex="0">
                  http://localhost:4400/sign-in?code=…
                </pre>
                <p class="soft small">
                  No link at hand? Stop the town with Ctrl+C and run <code>npm start</code> again: it prints a fresh one, and nothing is
                  lost.
                </p>
              </>
            }
          >
            <h1>{isLinkAtFault() ? 'This link no longer works' : 'Could not sign you in'}</h1>
            <Show
              when={isLinkAtFault()}
              fallback={
                <Note tone="bad" alert>
                  {sentenceOf(refused())}
                </Note>
              }
            >
              <Note tone="warn" alert>
                A sign-in link works once, within the hour. This one was used, is too old, or belongs to an earlier start.
              </Note>
              <p class="soft">
                Run <code>npm start</code> again in the terminal and open the new link that it prints. Your towns and their work are kept.
              </p>
            </Show>
            <Show when={!isLinkAtFault() && code}>
              {(given) => (
                <button
                  type="button"
                  class="button primary"
                  onClick={() => {
                    void exchange(given());
                  }}
                >
                  Try again
                </button>
              )}
            </Show>
          </Show>
        </Show>
      </div>
    </main>
  );
};
