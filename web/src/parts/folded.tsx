// What is long is folded after about twelve lines, until all of it is asked for.
import { Show, createSignal, onCleanup, onMount } from 'solid-js';
import type { ParentProps } from 'solid-js';

/** Folding one or two lines away would gain nothing. The styles fold at twelve. */
const linesBeforeFolding = 15;

export const Folded = (props: ParentProps<{ readonly onUnfold?: () => void }>) => {
  const [isLong, setLong] = createSignal(false);
  const [isOpen, setOpen] = createSignal(false);
  let content: HTMLDivElement | undefined;
  onMount(() => {
    if (content === undefined) return;
    const measured = content;
    const lineHeightPixels = Number.parseFloat(getComputedStyle(measured).lineHeight) || 21;
    const observer = new ResizeObserver(() => setLong(measured.offsetHeight > linesBeforeFolding * lineHeightPixels));
    observer.observe(measured);
    onCleanup(() => observer.disconnect());
  });
  return (
    <>
      <div class="folding" classList={{ folded: isLong() && !isOpen() }}>
        <div
          ref={(element) => {
            content = element;
          }}
        >
          {props.children}
        </div>
      </div>
      <Show when={isLong()}>
        <button
          type="button"
          class="link small"
          aria-expanded={isOpen() ? 'true' : 'false'}
          onClick={() => {
            if (!isOpen()) props.onUnfold?.();
            setOpen((now) => !now);
          }}
        >
          {isOpen() ? 'Show less' : 'Show all'}
        </button>
      </Show>
    </>
  );
};
