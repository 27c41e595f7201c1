// Plain text in which the ids of known beads are links to their drawers.
import { For, createMemo } from 'solid-js';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { beadIds } from '../words/bead-ids.ts';
import type { TitleOf } from './titles.ts';

/** Splitting with it keeps the ids. */
const aroundIds = new RegExp(`(${beadIds.source})`);

interface Props {
  readonly text: string;
  readonly titleOf: TitleOf | undefined;
}

export const LinkedText = (props: Props) => {
  const pieces = createMemo(() =>
    (props.titleOf === undefined ? [props.text] : props.text.split(aroundIds)).map((text) => ({ text, title: props.titleOf?.(text) })),
  );
  return (
    <For each={pieces()}>
      {(piece) =>
        piece.title === undefined ? (
          piece.text
        ) : (
          <DrawerLink kind="bead" to={piece.text} class="id" title={piece.title}>
            {piece.text}
          </DrawerLink>
        )
      }
    </For>
  );
};
