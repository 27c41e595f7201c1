// A dialog in the middle of the page, and one that asks before something is given up.
import { Dialog as Kobalte } from '@kobalte/core/dialog';
import { Show, createSignal } from 'solid-js';
import type { ParentProps } from 'solid-js';
import { createAct } from '../api/act.ts';
import { Icon } from './icon.tsx';
import { ErrorNote, Spinner } from './pieces.tsx';
import { rememberFocus } from './return-focus.ts';

export const Dialog = (props: ParentProps<{ readonly title: string; readonly wide?: boolean; readonly onClose: () => void }>) => {
  let content: HTMLElement | undefined;
  const returnFocus = rememberFocus();
  return (
    <Kobalte
      open
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      preventScroll={false}
    >
      <Kobalte.Portal>
        <Kobalte.Overlay class="dialog-scrim" />
        <div class="dialog-place">
          <Kobalte.Content
            ref={(element: HTMLElement) => {
              content = element;
            }}
            class="dialog"
            classList={{ wide: props.wide === true }}
            onCloseAutoFocus={returnFocus}
            onOpenAutoFocus={(event: Event) => {
              // The first thing to fill in, not the way out.
              const first = content?.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select)');
              if (first === null || first === undefined) return;
              event.preventDefault();
              first.focus();
            }}
          >
            <div class="dialog-head">
              <Kobalte.Title as="h2">{props.title}</Kobalte.Title>
              <Kobalte.CloseButton class="button quiet icon-only" aria-label="Close">
                <Icon name="close" />
              </Kobalte.CloseButton>
            </div>
            <div class="dialog-body">{props.children}</div>
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
};

interface ConfirmProps {
  /** Names the object. */
  readonly title: string;
  readonly sentence: string;
  readonly action: string;
  readonly reason?: { readonly label: string; readonly isRequired: boolean };
  readonly onConfirm: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}
export const ConfirmDialog = (props: ConfirmProps) => {
  const [reason, setReason] = createSignal('');
  const act = createAct((text: string) => props.onConfirm(text));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run(reason().trim())) props.onClose();
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          void submit(event);
        }}
      >
        <p class="soft">{props.sentence}</p>
        <Show when={props.reason}>
          {(wanted) => (
            <label class="field">
              <span class="label">{wanted().label}</span>
              <textarea
                class="input"
                required={wanted().isRequired}
                maxLength={2000}
                value={reason()}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
          )}
        </Show>
        <ErrorNote error={act.error()} />
        <div class="form-end">
          <button type="button" class="button quiet" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button
            type="submit"
            class="button danger-strong"
            disabled={act.isRunning() || (props.reason?.isRequired === true && reason().trim() === '')}
          >
            <Show when={act.isRunning()}>
              <Spinner />
            </Show>
            {props.action}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
