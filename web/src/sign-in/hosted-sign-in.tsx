// The way to the hosted sign-in pages of a deployment.
import type { CognitoSignIn } from '../../../functions/contracts/site-config.schema.ts';
import { createAct } from '../api/act.ts';
import { ErrorNote } from '../parts/pieces.tsx';
import { rememberAttempt } from './attempt.ts';
import { authorizeAddress } from './cognito.ts';
import { challengeOf, randomText } from './pkce.ts';

export const HostedSignIn = (props: { readonly client: CognitoSignIn; readonly next: string }) => {
  const leave = createAct(async () => {
    const [state, verifier] = [randomText(), randomText()];
    const challenge = await challengeOf(verifier);
    rememberAttempt({ state, verifier, next: props.next });
    location.assign(authorizeAddress(props.client, location.origin, { state, challenge }));
  });
  return (
    <>
      <p class="soft">You go to the sign-in page of this deployment and come back. Accounts are made by invitation.</p>
      <ErrorNote error={leave.error()} />
      <button
        type="button"
        class="button primary"
        disabled={leave.isRunning()}
        onClick={() => {
          void leave.run();
        }}
      >
        Sign in
      </button>
    </>
  );
};
