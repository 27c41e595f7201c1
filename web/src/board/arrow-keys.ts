// Arrow keys on the board: up and down in a column, left and right to the nearest card of the next column that has one.
const cardsOf = (column: Element): HTMLElement[] => [...column.querySelectorAll<HTMLElement>('[data-bead-id]')];

const middleOf = (element: Element): number => {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
};
const nearest = (cards: readonly HTMLElement[], y: number): HTMLElement | undefined => {
  let best: HTMLElement | undefined;
  for (const card of cards) if (best === undefined || Math.abs(middleOf(card) - y) < Math.abs(middleOf(best) - y)) best = card;
  return best;
};

export const moveFocus = (event: KeyboardEvent): void => {
  const from = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-bead-id]') : null;
  const column = from?.closest('[data-column]');
  const board = column?.parentElement;
  if (from === null || column === null || column === undefined || board === null || board === undefined) return;
  let to: HTMLElement | undefined;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const cards = cardsOf(column);
    to = cards[cards.indexOf(from) + (event.key === 'ArrowDown' ? 1 : -1)];
  } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    const columns = [...board.querySelectorAll('[data-column]')];
    const step = event.key === 'ArrowRight' ? 1 : -1;
    for (let at = columns.indexOf(column) + step; at >= 0 && at < columns.length && to === undefined; at += step) {
      const next = columns[at];
      if (next !== undefined) to = nearest(cardsOf(next), middleOf(from));
    }
  } else return;
  event.preventDefault();
  to?.focus();
};
