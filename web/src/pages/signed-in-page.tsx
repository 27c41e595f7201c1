// Where the hosted sign-in pages send people back: exchanges the code once, then leads on.
import { A, useNavigate } from '@solidjs/router';
import { Show, createSignal, onMount } from 'solid-js';
import { Unreachable, sentenceOf } from '../api/errors.ts';
import { session, signedIn } from '../api/session.ts';
import { FrontCard, SigningIn } from '../parts/front-card.tsx';
import { Note } from '../parts/pieces.tsx';
import { returned, safeNext, takeAttempt } from '../sign-in/attempt.ts';
import { SignInRefused, exchangeCode } from '../sign-in/cognito.ts';
import { readSignIn } from '../sign-in/site-config.ts';

export const SignedInPage = () => {
  const navigate = useNavigate();
  const attempt = takeAttempt();
  const answer = returned(new URLSearchParams(location.search), attempt);
  const next = safeNext(attempt?.next);
  const [error, setError] = createSignal<unknown>();

  const finish = async (): Promise<void> => {
    setError(undefined);
    try {
      if (answer.kind === 'stranger') throw new SignInRefused('this answer does not belong to a sign-in of this tab');
      if (answer.kind === 'refused') throw new SignInRefused(answer.reason);
      const client = await readSignIn();
      if (client.kind !== 'cognito') throw new SignInRefused('people sign in by a link here');
      const proof = { code: answer.code, verifier: answer.attempt.verifier };
      signedIn(await exchangeCode(client, location.origin, proof, Date.now()));
      navigate(next, { replace: true, state: { fromSignIn: true } });
    } catch (thrown) {
      setError(() => thrown);
    }
  };
  onMount(() => {
    document.title = 'Sign in · Gastown';
    // Back in the history of someone who is signed in, or the page again: nothing to do.
    if (answer.kind === 'stranger' && session() !== undefined) navigate(next, { replace: true });
    else void finish();
  });
  return (
    <FrontCard>
      <Show when={error()} fallback={<SigningIn />}>
        <h1>Could not sign you in</h1>
        <Note tone="bad" alert>
          {sentenceOf(error())}
        </Note>
        <Show
          when={error() instanceof Unreachable}
          fallback={
            <A class="button primary" href={`/sign-in?next=${encodeURIComponent(next)}`}>
              Sign in again
            </A>
          }
        >
          <button
            type="button"
            class="button primary"
            onClick={() => {
              void finish();
            }}
          >
            Try again
          </button>
        </Show>
      </Show>
    </FrontCard>
  );
};
