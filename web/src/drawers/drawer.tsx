// The frame of one drawer: focus goes in and comes back, Escape closes the topmost.
import { Dialog } from '@kobalte/core/dialog';
import type { ParentProps } from 'solid-js';
import { rememberFocus } from '../parts/return-focus.ts';

interface Props {
  readonly label: string;
  readonly testid: string;
  /** Another drawer lies on top. */
  readonly isUnder: boolean;
  readonly isFirst: boolean;
  readonly onClose: () => void;
}

export const Drawer = (props: ParentProps<Props>) => {
  let content: HTMLElement | undefined;
  const returnFocus = rememberFocus();
  const staysOpen = (event: Event): void => {
    if (props.isUnder) event.preventDefault();
  };
  return (
    <Dialog
      open
      modal={!props.isUnder}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      preventScroll={false}
    >
      <Dialog.Portal>
        <Dialog.Overlay class="scrim" classList={{ clear: !props.isFirst }} />
        <Dialog.Content
          ref={(element: HTMLElement) => {
            content = element;
          }}
          class="drawer"
          classList={{ under: props.isUnder }}
          aria-label={props.label}
          data-testid={props.testid}
          onInteractOutside={staysOpen}
          onFocusOutside={staysOpen}
          onCloseAutoFocus={returnFocus}
          onOpenAutoFocus={(event: Event) => {
            // The drawer itself, so that its name is read out before its first button.
            event.preventDefault();
            content?.focus();
          }}
        >
          {props.children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
};
