// When a dialog or drawer closes, the focus goes back to what opened it, or to its successor on the page.

const beadOf = (element: Element | null): string | undefined => element?.closest<HTMLElement>('[data-bead-id]')?.dataset['beadId'];

/** Call while opening; the returned function gives the focus back. An element that was drawn anew is found by its bead. */
export const rememberFocus = (): ((event: Event) => void) => {
  const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const beadId = beadOf(opener);
  return (event) => {
    event.preventDefault();
    const successor = beadId === undefined ? null : document.querySelector<HTMLElement>(`[data-bead-id="${CSS.escape(beadId)}"]`);
    const target =
      opener?.isConnected === true && opener !== document.body ? opener : (successor ?? document.querySelector<HTMLElement>('#main'));
    target?.focus({ preventScroll: true });
  };
};
