// Is a polecat's "done" true? Decides from what the runner recorded, and says exactly what is missing. Pure.
import type { IssueBead } from './prompts/polecat.ts';
import type { MergeRequestBead } from './prompts/refinery.ts';

export interface DoneClaim {
  readonly branch: string;
  readonly commit?: string | undefined;
}
export type DoneCheck = { readonly ok: true; readonly headSha?: string } | { readonly ok: false; readonly message: string };

const no = (message: string): DoneCheck => ({ ok: false, message });

/** `branch` is the bead's own; `request` is the merge request that a repair bead belongs to. */
export const checkDone = (bead: IssueBead, branch: string, claim: DoneClaim, request?: MergeRequestBead): DoneCheck => {
  if (bead.details.kind === 'no-code') return { ok: true };
  // A question may be answered in words; the summary is what is said in its thread.
  if (bead.details.feedback?.class === 'question' && bead.details.pushed === undefined && claim.branch === branch) return { ok: true };
  const push = `git push origin HEAD:${branch}`;
  const { pushed } = bead.details;
  if (claim.branch !== branch) {
    return no(
      `Wrong branch: you say ${claim.branch}, but bead ${bead.beadId} belongs on ${branch}. Push there (${push}) and call gt_done with branch "${branch}".`,
    );
  }
  if (pushed === undefined)
    return no(`Nothing is pushed: the host has no commit of yours on ${branch}. Commit your work, run ${push}, then call gt_done again.`);
  if (claim.commit !== undefined && claim.commit !== pushed.sha) {
    return no(
      `Another commit is pushed: ${branch} is at ${pushed.sha}, you say ${claim.commit}. If you have committed since, run ${push}; then call gt_done with the pushed commit.`,
    );
  }
  if (pushed.aheadBy < 1)
    return no(
      `Nothing is ahead of the base: ${branch} at ${pushed.sha} holds no commit of its own. Commit your work, run ${push}, then call gt_done again.`,
    );
  if (request !== undefined && request.details.headSha === pushed.sha) {
    return no(
      `Nothing new is pushed: merge request ${request.beadId} was at ${pushed.sha} before. Commit the fix, run ${push}, then call gt_done again.`,
    );
  }
  return { ok: true, headSha: pushed.sha };
};
