// Which beads may be put away, and what that changes about them: nothing but whether lists show them and whether they are worked. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import { isFinal, revised } from './transition.ts';

/** Nobody works on it and nobody waits for its result: it is over, or an issue that was not begun. */
export const isArchivable = (bead: Bead): boolean => isFinal(bead.status) || (bead.type === 'issue' && bead.status === 'open');

export const archived = (bead: Bead, at: string): Bead => revised(bead, { archivedAt: at }, at);
export const unarchived = (bead: Bead, at: string): Bead => {
  const { archivedAt: _since, ...back } = revised(bead, {}, at);
  return back;
};
