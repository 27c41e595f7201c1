// Molecules of the mock town: the steps of a bead, and a gate that a person opens.
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { RouteResponse } from '../../functions/contracts/routes.ts';
import { isIssue } from '../../functions/domain/bead-writes.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { townId, userId } from './mock-town.ts';
import type { MockTown } from './mock-town.ts';

/** Gives a bead three steps: one done, one for which a person has to give the word, and the last. */
export const addSteps = (town: MockTown, beadId: string): void => {
  const moleculeId = `${beadId}m`;
  const step = { description: '', needs: [] };
  town.beads.set(
    moleculeId,
    newBead({
      townId,
      beadId: moleculeId,
      title: 'Release',
      requestedBy: userId,
      createdBy: `user:${userId}`,
      at: new Date().toISOString(),
      details: {
        type: 'molecule',
        formula: 'release',
        mode: 'checklist',
        variables: {},
        steps: [
          { ...step, stepId: 'notes', title: 'Write the notes', state: 'done' },
          { ...step, stepId: 'publish', title: 'Publish', state: 'open', gate: { type: 'human', waitsFor: 'approval' } },
          { ...step, stepId: 'tell', title: 'Tell everybody', state: 'open', needs: ['publish'] },
        ],
      },
    }),
  );
  const bead = town.beads.get(beadId);
  if (bead === undefined || !isIssue(bead)) throw new Error(`the mock has no bead ${beadId}`);
  town.change(beadId, { details: { ...bead.details, moleculeId } });
};

export const moleculeOf = (town: MockTown, bead: Bead): RouteResponse<'getMolecule'> | undefined => {
  const molecule = isIssue(bead) ? town.beads.get(bead.details.moleculeId ?? '') : undefined;
  if (molecule?.details.type !== 'molecule') return undefined;
  const { steps } = molecule.details;
  const next = steps.find(({ state }) => state === 'open');
  const waits = next?.gate !== undefined && next.gateOpenedBy === undefined;
  return {
    bead,
    molecule,
    ...(next === undefined || waits ? {} : { current: { stepId: next.stepId, title: next.title } }),
    waiting: next !== undefined && waits ? [{ stepId: next.stepId, title: next.title, sentence: 'It waits for approval.' }] : [],
    over: steps.filter(({ state }) => state !== 'open').length,
    total: steps.length,
  };
};

export const openGate = (town: MockTown, bead: Bead, stepId: string): void => {
  const molecule = isIssue(bead) ? town.beads.get(bead.details.moleculeId ?? '') : undefined;
  if (molecule?.details.type !== 'molecule') return;
  const steps = molecule.details.steps.map((step) => (step.stepId === stepId ? { ...step, gateOpenedBy: `user:${userId}` } : step));
  town.change(molecule.beadId, { details: { ...molecule.details, steps } });
};
