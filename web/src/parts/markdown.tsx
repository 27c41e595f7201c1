// Markdown of agents and people. The renderer is a lazy chunk; until it is there the text is shown as it is.
import { useLocation, useNavigate } from '@solidjs/router';
import { Show, createMemo, createResource } from 'solid-js';
import { withDrawerOnTop } from '../drawers/drawer-address.ts';
import type { TitleOf } from './titles.ts';

const loadRenderer = () => import('./markdown-renderer.ts');
let renderer: ReturnType<typeof loadRenderer> | undefined;

interface Props {
  readonly text: string;
  /** Given: ids of beads that it knows become links to their drawers. */
  readonly titleOf?: TitleOf | undefined;
}

export const Markdown = (props: Props) => {
  const location = useLocation();
  const navigate = useNavigate();
  const [loaded] = createResource(() => (renderer ??= loadRenderer()));
  const html = createMemo(() => {
    if (loaded.state !== 'ready') return undefined;
    const { renderMarkdown, withBeadLinks } = loaded.latest;
    const safe = renderMarkdown(props.text);
    return props.titleOf === undefined ? safe : withBeadLinks(safe, props.titleOf);
  });
  /** The link's own address is right for another tab; here the drawers that are open stay. */
  const openHere = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-bead-id]') : null;
    const beadId = link?.dataset['beadId'];
    if (beadId === undefined || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(`${location.pathname}${withDrawerOnTop(location.search, { kind: 'bead', id: beadId })}`, { scroll: false });
  };
  return (
    <Show when={html()} fallback={<div class="markdown plain">{props.text}</div>}>
      {(safe) => <div class="markdown" innerHTML={safe()} onClick={openHere} />}
    </Show>
  );
};
