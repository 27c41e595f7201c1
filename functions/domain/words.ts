// Counted words for sentences that people and agents read. Pure.

/** `1 bead`, `3 beads`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
