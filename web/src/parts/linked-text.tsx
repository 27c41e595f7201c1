// Plain text in which the ids of known beads are links to their drawers.
import { For, createMemo } from 'solid-js';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import type { TitleOf } from './titles.ts';

/** What the contract calls a bead id, where it is not part of a path, a branch or a longer word. */
const beadIds = /((?<![\w/.-])[a-z]{2,6}-[a-z0-9]{3,12}(?:\.[a-z0-9]{1,6})*(?![\w/-]))/g;

interface Props {
  readonly text: string;
  readonly titleOf: TitleOf | undefined;
}

export const LinkedText = (props: Props) => {
  const pieces = createMemo(() =>
    (props.titleOf === undefined ? [props.text] : props.text.split(beadIds)).map((text) => ({ text, title: props.titleOf?.(text) })),
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
