// What a molecule becomes when its issue or its step beads have moved without it, and what becomes of them when it has ended. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { MoleculeStep } from '../../contracts/molecule.schema.ts';
import type { BeadChange } from '../bead-writes.ts';
import { isFinal, transition } from '../transition.ts';
import { endedWith, moleculeFailure, withSteps } from './molecule.ts';
import type { MoleculeBead } from './molecule.ts';
import { begun } from './steps.ts';

export interface MoleculeScene {
  readonly molecule: MoleculeBead;
  /** Undefined when it is not there any more. */
  readonly issue: Bead | undefined;
  readonly stepBeads: readonly Bead[];
}

/** Steps as their beads say. */
const followed = (steps: readonly MoleculeStep[], beads: readonly Bead[], at: string): readonly MoleculeStep[] => {
  const ended = new Map(beads.filter((bead) => isFinal(bead.status)).map((bead) => [bead.beadId, bead]));
  let changed = false;
  const after = steps.map((step): MoleculeStep => {
    const bead = ended.get(step.beadId ?? '');
    if (bead === undefined || step.state !== 'open') return step;
    changed = true;
    return bead.status === 'closed'
      ? { ...step, state: 'done', at: bead.closedAt ?? at }
      : { ...step, state: 'failed', at: bead.closedAt ?? at, note: bead.failure?.message ?? 'its bead failed' };
  });
  return changed ? begun(after, at) : steps;
};

const moleculeAfter = ({ molecule, issue, stepBeads }: MoleculeScene, at: string): Bead => {
  if (isFinal(molecule.status)) return molecule;
  const steps = followed(molecule.details.steps, stepBeads, at);
  const stepped = steps === molecule.details.steps ? molecule : withSteps(molecule, steps, at);
  if (isFinal(stepped.status) || issue === undefined || !isFinal(issue.status)) return stepped;
  return endedWith(molecule, issue, at);
};

/** Step beads that are left when the molecule has ended: closed with it, or failed with its reason. */
const leftovers = (molecule: Bead, beads: readonly Bead[], most: number, at: string): BeadChange[] =>
  beads
    .filter((bead) => !isFinal(bead.status))
    .slice(0, most)
    .flatMap((before) => {
      const failure = { ...moleculeFailure(molecule), source: molecule.beadId };
      const result = transition(before, molecule.status === 'closed' ? { status: 'closed' } : { status: 'failed', failure }, at);
      return result.ok ? [{ before, after: result.bead }] : [];
    });

export interface Settled {
  readonly changes: readonly BeadChange[];
  /** Step beads are left for another time. */
  readonly more: boolean;
}
/** The changes, with at most `most` step beads. Empty when everything fits already. */
export const settled = (scene: MoleculeScene, most: number, at: string): Settled => {
  const { molecule, issue, stepBeads } = scene;
  const after = moleculeAfter(scene, at);
  const changes: BeadChange[] = after === molecule ? [] : [{ before: molecule, after }];
  if (!isFinal(after.status)) return { changes, more: false };
  if (after.status === 'failed' && issue !== undefined && !isFinal(issue.status)) {
    const failed = transition(issue, { status: 'failed', failure: { ...moleculeFailure(after), source: molecule.beadId } }, at);
    if (failed.ok) changes.push({ before: issue, after: failed.bead });
  }
  const open = stepBeads.filter((bead) => !isFinal(bead.status)).length;
  return { changes: [...changes, ...leftovers(after, stepBeads, most, at)], more: open > most };
};
