// Ids of beads within texts.
/** What the contract calls a bead id, where it is not part of a path, a branch or a longer word. */
export const beadIds = /(?<![\w/.-])[a-z]{2,6}-[a-z0-9]{3,12}(?:\.[a-z0-9]{1,6})*(?![\w/-])/g;
