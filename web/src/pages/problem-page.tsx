// For an address that leads nowhere, and for a fault of the page itself.
import { Show } from 'solid-js';
import { sentenceOf } from '../api/errors.ts';

export const ProblemPage = (props: { readonly error?: unknown }) => (
  <main class="front">
    <div class="front-card">
      <Show
        when={props.error}
        fallback={
          <>
            <h1>There is nothing at this address</h1>
            <p class="soft">The link may be old, or mistyped.</p>
          </>
        }
      >
        <h1>This page stopped working</h1>
        <p class="soft">{sentenceOf(props.error)}</p>
        <button type="button" class="button primary" onClick={() => location.reload()}>
          Reload the page
        </button>
      </Show>
      <a class="button" href="/">
        See your towns
      </a>
    </div>
  </main>
);
