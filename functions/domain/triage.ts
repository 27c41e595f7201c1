// Triage requests as work items: their ids, their data, and whether one more may be made. Pure.
import { z } from 'zod';
import { maxOpenTriage, triageRequestSchema } from '../contracts/triage.schema.ts';
import type { TriageRequest } from '../contracts/triage.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import type { Moment } from './bead-writes.ts';
import { workItem } from './bead-writes.ts';

export const triageIdOf = ({ agentId, kind }: Pick<TriageRequest, 'agentId' | 'kind'>): string => `${agentId}#${kind}`;

/** What an item asks; undefined for data of another version, which nobody can decide about. */
export const triageRequestOf = (item: WorkItem): TriageRequest | undefined => {
  try {
    return triageRequestSchema.parse(JSON.parse(item.data ?? ''));
  } catch {
    // Not a request as this version writes it: the rules drop the item.
    return undefined;
  }
};

export const triageItem = (townId: string, request: TriageRequest, moment: Moment): WorkItem => ({
  ...workItem(townId, 'triage', triageIdOf(request), moment.nowMs, moment.stamp),
  data: JSON.stringify(request),
});

/** At most five are open, one for each agent and kind. */
export const mayAskTriage = (work: readonly WorkItem[], asked: Pick<TriageRequest, 'agentId' | 'kind'>): boolean => {
  const open = work.filter((item) => item.kind === 'triage');
  return open.length < maxOpenTriage && !open.some((item) => item.workId === triageIdOf(asked));
};

export const triageAgentId = 'triage';
/** So often a request is put before a triage agent; then people are asked. */
export const triageTries = 3;
const batchesPerHour = 3;
const hourMs = 60 * 60_000;

const triagerSchema = z.object({ startsMs: z.array(z.int()), notBeforeMs: z.int() });
type Triager = z.infer<typeof triagerSchema>;
/** Starts of the last hour, and the cool-down; unreadable data counts as none. */
export const triagerOf = (item: WorkItem | undefined, nowMs: number): Triager => {
  try {
    const { startsMs, notBeforeMs } = triagerSchema.parse(JSON.parse(item?.data ?? ''));
    return { startsMs: startsMs.filter((atMs) => atMs > nowMs - hourMs), notBeforeMs };
  } catch {
    // None yet, or bookkeeping of another version.
    return { startsMs: [], notBeforeMs: 0 };
  }
};
export const triagerItem = (townId: string, triager: Triager, moment: Moment): WorkItem => ({
  ...workItem(townId, 'triager', '-', moment.nowMs + hourMs, moment.stamp),
  data: JSON.stringify(triager),
});
/** When the next triage agent may start: after its cool-down, and at most three in an hour. */
export const nextTriageMs = ({ startsMs, notBeforeMs }: Triager): number =>
  Math.max(notBeforeMs, startsMs.length < batchesPerHour ? 0 : (startsMs.at(-batchesPerHour) ?? 0) + hourMs);
/** Nothing in it matters any more. */
export const triagerIsSpent = (item: WorkItem, nowMs: number): boolean => {
  const { startsMs, notBeforeMs } = triagerOf(item, nowMs);
  return startsMs.length === 0 && notBeforeMs <= nowMs;
};
