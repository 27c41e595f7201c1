// A thin bar while the live connection is away; a blink of the line shows nothing.
import { Show, createEffect, createSignal, onCleanup } from 'solid-js';
import { useTown } from '../live/town-live.tsx';
import { Spinner } from '../parts/pieces.tsx';

const graceMs = 1200;

export const ConnectionBar = () => {
  const live = useTown();
  const [isShown, setShown] = createSignal(false);
  createEffect(() => {
    if (live.line() !== 'lost') {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), graceMs);
    onCleanup(() => clearTimeout(timer));
  });
  return (
    <Show when={isShown()}>
      <div class="line-bar" role="status" data-testid="connection-lost">
        <Spinner />
        <span>Connection lost. What you see may be old; reconnecting by itself.</span>
        <button type="button" class="link" onClick={() => live.retryNow()}>
          Try now
        </button>
      </div>
    </Show>
  );
};
