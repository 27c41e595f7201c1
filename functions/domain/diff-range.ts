// Which two commits show what a bead changes: what landed when it has landed, else what was pushed. Pure.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';

export interface DiffRange {
  readonly rigId: string;
  readonly baseSha: string;
  readonly headSha: string;
}
type Issue = Bead & BeadOf<'issue'>;
type MergeRequest = Bead & BeadOf<'merge_request'>;

/** `request` is the newest merge request of the issue. Undefined while nothing has been pushed. */
export const diffRange = (issue: Issue | undefined, request: MergeRequest | undefined): DiffRange | undefined => {
  const rigId = request?.rigId ?? issue?.rigId;
  if (rigId === undefined) return undefined;
  if (request?.details.landedSha !== undefined) {
    const { landedSha, landedOnto, push, gatedOn, prepared } = request.details;
    const merges = [
      { base: landedOnto, tip: landedOnto === undefined ? undefined : landedSha },
      { base: push?.expectedOld, tip: push?.newTip },
      { base: gatedOn?.targetSha, tip: gatedOn?.tip },
      { base: prepared?.targetSha, tip: prepared?.tip },
    ];
    const baseSha = merges.find((merge) => merge.tip === landedSha)?.base;
    if (baseSha !== undefined) return { rigId, baseSha, headSha: landedSha };
  }
  const pushed = issue?.details.pushed;
  if (pushed !== undefined) return { rigId, baseSha: pushed.baseSha, headSha: request?.details.headSha ?? pushed.sha };
  return undefined;
};
