// Triage requests as work items: their ids, their data, and whether one more may be made. Pure.
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
