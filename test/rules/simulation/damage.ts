// What no operation and no rule leaves behind, but an older version, a restored table or a hand in the table could: work whose agent has left it,
// and reviews whose request ended without them. Rules B4 and B5 are there for it.
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { isIssue, isMergeRequest } from '../../../functions/domain/bead-writes.ts';
import { restWrites } from '../../../functions/domain/agent-writes.ts';
import type { Store, Write } from '../../../functions/ports.ts';

interface Damaged {
  readonly store: Store;
  readonly townId: string;
  readonly at: string;
  readonly beads: readonly Bead[];
}

const leftAlone = async ({ store, townId, at, beads }: Damaged): Promise<Write[]> => {
  const bead = beads.find((each) => isIssue(each) && each.status === 'in_progress' && each.assigneeAgentId !== undefined);
  const agent = bead?.assigneeAgentId === undefined ? undefined : await store.get('agent', { townId, agentId: bead.assigneeAgentId });
  return agent === undefined || agent.hookBeadId !== bead?.beadId ? [] : restWrites(agent, at);
};

const endedAlone = ({ beads, at }: Damaged): Write[] => {
  const issue = beads.find((each) => isIssue(each) && each.status === 'in_review');
  const requestId = issue !== undefined && isIssue(issue) ? issue.details.latestMergeRequestId : undefined;
  const request = beads.find(({ beadId }) => beadId === requestId);
  // One that an execution holds is written by that.
  if (request === undefined || !isMergeRequest(request) || request.status !== 'open') return [];
  const failure = { code: 'damaged', message: 'A hand in the table.' };
  const item: Bead = { ...request, status: 'failed', failure, version: request.version + 1, updatedAt: at, closedAt: at };
  return [
    { put: 'bead', item, when: { equals: { version: request.version } } },
    { remove: 'work', key: { townId: request.townId, kind: 'merge', workId: request.beadId }, when: 'none' },
  ];
};

/** Both, where there is something to damage. */
export const damage = async (damaged: Damaged): Promise<void> => {
  for (const writes of [await leftAlone(damaged), endedAlone(damaged)]) if (writes.length > 0) await damaged.store.commit(writes);
};
