// Short confirmations that go away by themselves and are read out.
import { For, createSignal } from 'solid-js';
import { Portal } from 'solid-js/web';
import { Icon } from '../parts/icon.tsx';

const shownForMs = 4000;
const [toasts, setToasts] = createSignal<readonly { readonly id: number; readonly text: string }[]>([]);
let lastId = 0;

export const toast = (text: string): void => {
  lastId += 1;
  const id = lastId;
  setToasts((known) => [...known.slice(-2), { id, text }]);
  setTimeout(() => setToasts((known) => known.filter((entry) => entry.id !== id)), shownForMs);
};

export const Toasts = () => (
  <Portal>
    <div class="toasts" role="status" aria-live="polite">
      <For each={toasts()}>
        {(entry) => (
          <div class="toast">
            <Icon name="check" />
            {entry.text}
          </div>
        )}
      </For>
    </div>
  </Portal>
);
