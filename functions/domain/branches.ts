// H4: which branches of the town may go from a remote. Nothing goes that would be lost: a branch of a merged bead at the commit that was merged, or
// a branch that adds nothing to the default branch. What lives, waits or was continued stays. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import { isConvoy, isIssue, isMergeRequest } from './bead-writes.ts';
import { isFinal } from './transition.ts';

export interface RemoteBranch {
  readonly name: string;
  readonly sha: string;
  /** Commits that the default branch does not have. */
  readonly unmerged: number;
}

/** The bead of `gt/<agent>/<bead>`, `convoy/<slug>/<id>/<agent>-<bead>`, or the convoy of `convoy/<slug>/<id>/head`. */
export const beadOfBranch = (name: string): string | undefined => {
  const parts = name.split('/');
  const last = parts.at(-1) ?? '';
  if (parts[0] === 'convoy' && last === 'head') return parts.at(-2);
  return /(?:^|-)([a-z]{2,6}-[0-9a-z][0-9a-z.]*)$/.exec(last)?.[1];
};

export interface BranchFacts {
  /** The bead that the branch names, and the newest merge request of an issue. */
  readonly bead: Bead | undefined;
  readonly request: Bead | undefined;
}
/** Why the branch stays; undefined when it may go. */
export const reasonToKeep = (branch: RemoteBranch, { bead, request }: BranchFacts): string | undefined => {
  if (bead === undefined) return 'it names no bead of this town';
  if (!isFinal(bead.status)) return `${bead.beadId} is ${bead.status}`;
  if (request !== undefined && !isFinal(request.status)) return `${request.beadId} is open`;
  if (bead.supersededBy !== undefined) return `${bead.supersededBy} goes on with it`;
  if (branch.unmerged === 0) return undefined;
  if (isConvoy(bead)) return `${branch.unmerged} commits of it have not landed`;
  const merged =
    isIssue(bead) && bead.status === 'closed' && request !== undefined && isMergeRequest(request) && request.status === 'closed'
      ? request.details.headSha
      : undefined;
  if (merged === undefined) return `${branch.unmerged} commits of it were never merged`;
  return merged === branch.sha ? undefined : 'somebody pushed to it after the merge';
};
