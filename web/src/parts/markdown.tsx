// Markdown of agents and people. The renderer is a lazy chunk; until it is there the text is shown as it is.
import { Show, createResource } from 'solid-js';

const loadRenderer = () => import('./markdown-renderer.ts').then((module) => module.renderMarkdown);
let renderer: ReturnType<typeof loadRenderer> | undefined;

export const Markdown = (props: { readonly text: string }) => {
  const [render] = createResource(() => (renderer ??= loadRenderer()));
  const html = () => (render.state === 'ready' ? render.latest(props.text) : undefined);
  return (
    <Show when={html()} fallback={<div class="markdown plain">{props.text}</div>}>
      {(safe) => <div class="markdown" innerHTML={safe()} />}
    </Show>
  );
};
