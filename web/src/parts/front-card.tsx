// The card in the middle of the pages before the sign-in.
import type { ParentProps } from 'solid-js';
import { Spinner } from './pieces.tsx';

export const FrontCard = (props: ParentProps) => (
  <main class="front">
    <div class="front-card">
      <img src="/favicon.svg" alt="" />
      {props.children}
    </div>
  </main>
);

export const SigningIn = () => (
  <>
    <h1>Signing you in</h1>
    <p class="row soft" role="status">
      <Spinner /> One moment.
    </p>
  </>
);
