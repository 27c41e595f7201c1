// Keeps a scrolling box at its end while its content grows, until the person scrolls up; at the end again it goes on.
import { onCleanup } from 'solid-js';

/** Within this of the end counts as reading along. */
const nearEndPixels = 40;

export interface StickToEnd {
  /** `content` is the one child of `box`; it grows when messages come and when their markdown is there. */
  readonly attach: (box: HTMLElement, content: HTMLElement) => void;
  readonly onScroll: () => void;
  /** Something is about to be read: stay there. */
  readonly letGo: () => void;
  readonly goToEnd: () => void;
}

export const createStickToEnd = (): StickToEnd => {
  let box: HTMLElement | undefined;
  let isAtEnd = true;
  let lastTop = 0;
  const toEnd = (): void => {
    if (box === undefined) return;
    box.scrollTop = box.scrollHeight;
    lastTop = box.scrollTop;
  };
  return {
    attach: (scrolled, content) => {
      box = scrolled;
      const observer = new ResizeObserver(() => {
        if (isAtEnd) toEnd();
      });
      observer.observe(scrolled);
      observer.observe(content);
      onCleanup(() => observer.disconnect());
    },
    onScroll: () => {
      if (box === undefined) return;
      const top = box.scrollTop;
      // Growing content leaves the end without any scrolling; only going up is a wish to stay.
      if (box.scrollHeight - top - box.clientHeight < nearEndPixels) isAtEnd = true;
      else if (top < lastTop - 1) isAtEnd = false;
      lastTop = top;
    },
    letGo: () => {
      isAtEnd = false;
    },
    goToEnd: () => {
      isAtEnd = true;
      toEnd();
    },
  };
};
