// What handing in work means for the molecule of its bead.
import type { BeadChange } from '../domain/bead-writes.ts';
import { stepBeadChanges, withSteps } from '../domain/molecules/molecule.ts';
import { missingSteps, skippedRest } from '../domain/molecules/steps.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { Ports } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { moleculeView } from './molecule-scene.ts';
import { isoNow } from './transact.ts';

/**
 * What handing in means for the molecule: nothing when it is over; optional steps that are left are skipped with it.
 * Throws 409 with the steps that are missing.
 */
export const moleculeAtDone = async (ports: Ports, issue: IssueBead): Promise<BeadChange[]> => {
  if (issue.details.moleculeId === undefined) return [];
  const { molecule, stepBeads } = await moleculeView(ports, issue);
  if (molecule.status === 'closed') return [];
  if (molecule.status === 'failed')
    throw conflict(`The molecule of ${issue.beadId} has failed: ${molecule.failure?.message ?? ''} Call gt_escalate.`);
  const missing = missingSteps(molecule.details.steps);
  if (missing.length > 0)
    throw conflict(
      `Steps of the molecule are not finished: ${missing.map((step) => `${step.stepId} "${step.title}"`).join(', ')}. Finish each with gt_mol_advance, then call gt_done again.`.slice(
        0,
        4000,
      ),
    );
  const at = isoNow(ports);
  const steps = skippedRest(molecule.details.steps, at, 'left out when the work was handed in');
  return [{ before: molecule, after: withSteps(molecule, steps, at) }, ...stepBeadChanges(steps, stepBeads, undefined, at)];
};
