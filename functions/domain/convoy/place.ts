// Where work on a bead happens: the branch that is pushed, and the one that it is meant for. Pure.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import { isConvoy } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import { memberBranch } from './branches.ts';

interface Dispatched {
  readonly rig: Pick<Rig, 'defaultBranch'>;
  readonly agentId: string;
  readonly convoy: Bead | undefined;
}
/** A member of a convoy that lands together works beside its feature branch. Undefined when the convoy gives nothing out. */
export const placeOf = (
  { beadId, details }: Bead & BeadOf<'issue'>,
  { rig, agentId, convoy }: Dispatched,
): { branch?: string; targetBranch: string } | undefined => {
  if (convoy !== undefined && isConvoy(convoy) && (convoy.details.staged || convoy.details.closing !== undefined)) return undefined;
  const together = convoy !== undefined && isConvoy(convoy) && !isFinal(convoy.status) && convoy.details.mergeMode === 'review-then-land';
  const feature = together ? convoy.details.featureBranch : undefined;
  const fresh = feature === undefined ? `gt/${agentId}/${beadId}` : memberBranch(feature, agentId, beadId);
  return {
    ...(details.kind === 'no-code' ? {} : { branch: details.branch ?? fresh }),
    targetBranch: details.targetBranch ?? feature ?? rig.defaultBranch,
  };
};
