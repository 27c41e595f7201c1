// Top of a drawer: what it shows, its address, and the way out.
import { Dialog } from '@kobalte/core/dialog';
import type { JSX, ParentProps } from 'solid-js';
import { Icon } from '../parts/icon.tsx';
import { toast } from '../shell/toasts.tsx';

const copy = async (text: string, said: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast('The browser did not allow copying');
  }
};

interface Props {
  readonly start: JSX.Element;
  readonly title: JSX.Element;
  readonly linkSearch: string;
  readonly actions?: JSX.Element;
}

export const DrawerHead = (props: ParentProps<Props>) => (
  <header class="drawer-head">
    <div class="row">
      <div class="row wrap grow">{props.start}</div>
      {props.actions}
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Copy the address of this drawer"
        title="Copy link"
        onClick={() => {
          void copy(`${location.origin}${location.pathname}${props.linkSearch}`, 'Link copied');
        }}
      >
        <Icon name="link" />
      </button>
      <Dialog.CloseButton class="button quiet icon-only" aria-label="Close">
        <Icon name="close" />
      </Dialog.CloseButton>
    </div>
    <Dialog.Title as="h2">{props.title}</Dialog.Title>
    {props.children}
  </header>
);
