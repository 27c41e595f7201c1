// What failed lately: which bead, which agent, when. Kept in one work item, written only when something fails. Pure.
import { z } from 'zod';
import type { WorkItem } from '../contracts/work.schema.ts';
import type { Moment } from './bead-writes.ts';
import { workItem } from './bead-writes.ts';

/** Different beads failing within the window that pause the town (B3). */
export const beadBreakerBeads = 20;
/** Failures of one agent within the window that make it a case for triage (T1). */
export const crashLoopFailures = 3;
/** More entries say nothing more; they must fit the item. */
const mostEntries = 200;

const entrySchema = z.object({ beadId: z.string(), agentId: z.string(), atMs: z.int() });
export type FailureEntry = z.infer<typeof entrySchema>;
const logSchema = z.array(entrySchema);

/** Entries since the time, oldest first; unreadable data counts as none. */
export const failuresIn = (item: WorkItem | undefined, sinceMs: number): FailureEntry[] => {
  if (item?.data === undefined) return [];
  try {
    return logSchema.parse(JSON.parse(item.data)).filter((entry) => entry.atMs > sinceMs);
  } catch {
    // Bookkeeping of another version: the log starts anew.
    return [];
  }
};
export const distinctBeads = (log: readonly FailureEntry[]): number => new Set(log.map((entry) => entry.beadId)).size;
export const failuresOf = (log: readonly FailureEntry[], agentId: string): number =>
  log.filter((entry) => entry.agentId === agentId).length;

/** The log with one more failure; due when everything in it is old. */
export const failureItem = (townId: string, log: readonly FailureEntry[], moment: Moment, windowMs: number): WorkItem => ({
  ...workItem(townId, 'failures', '-', moment.nowMs + windowMs, moment.stamp),
  data: JSON.stringify(log.slice(-mostEntries)),
});
