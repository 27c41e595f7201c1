// A request whose commits are on the target: it closes, and its source with it when this was the source's latest request. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import { isFeatureBranch } from '../convoy/branches.ts';
import type { BeadChange } from '../bead-writes.ts';
import type { IssueBead } from '../prompts/polecat.ts';
import type { MergeRequestBead } from '../prompts/refinery.ts';
import { transition } from '../transition.ts';
import { closedAsMerged } from './leave.ts';
import type { Decided } from './repair.ts';

/** A member that is on its convoy's branch only is not done for others before that has landed. */
export const mergedDetails = (source: IssueBead, request: MergeRequestBead): { readonly awaitsLanding?: true } =>
  source.details.convoyId !== undefined && isFeatureBranch(request.details.targetBranch) ? { awaitsLanding: true } : {};

/** A late result of an older request is recorded on that request and not applied to the source. */
const closedSource = (source: IssueBead | undefined, request: MergeRequestBead, at: string): BeadChange[] => {
  if (source === undefined || source.status !== 'in_review' || source.details.latestMergeRequestId !== request.beadId) return [];
  const moved = transition(source, { status: 'closed' }, at);
  if (!moved.ok) return [];
  const commits = request.details.commits.length > 0 ? request.details.commits : source.details.commits;
  const closed: Bead = { ...moved.bead, details: { ...source.details, commits, ...mergedDetails(source, request) } };
  return [{ before: source, after: closed }];
};

/** Throws `MergeDecided` when the request is final already. `at` is an ISO time. */
export const landed = (request: MergeRequestBead, source: IssueBead | undefined, landedSha: string, at: string): Decided => {
  const sources = closedSource(source, request, at);
  return {
    changes: [{ before: request, after: closedAsMerged(request, landedSha, at) }, ...sources],
    more: [],
    event: {
      type: 'merged',
      new: landedSha,
      data: {
        mergeRequestId: request.beadId,
        landedSha,
        targetBranch: request.details.targetBranch,
        commits: request.details.commits.length,
        sourceClosed: sources.length,
      },
    },
  };
};
