// A live merge request ends with its source, unless its push is under way already.
import type { Bead } from '../contracts/bead.schema.ts';
import { isIssue, isMergeRequest } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { isFinal, transition } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict } from '../api/problems.ts';

/** The change that withdraws the request of an issue in review; none when there is none. Throws 409 while it is being pushed. */
export const withdrawn = async (ports: Pick<Ports, 'store'>, issue: Bead, why: string, at: string): Promise<BeadChange[]> => {
  const requestId = isIssue(issue) ? issue.details.latestMergeRequestId : undefined;
  if (issue.status !== 'in_review' || requestId === undefined) return [];
  const before = await ports.store.get('bead', { townId: issue.townId, beadId: requestId });
  if (before === undefined || isFinal(before.status)) return [];
  if (isMergeRequest(before) && before.details.push !== undefined && before.status === 'in_progress') {
    throw conflict(`${issue.beadId} is being pushed to ${before.details.targetBranch} at this moment; look again in a few seconds.`, []);
  }
  const moved = transition(before, { status: 'failed', failure: { code: 'withdrawn', message: why.slice(0, 2000) } }, at);
  return moved.ok ? [{ before, after: moved.bead }] : [];
};
