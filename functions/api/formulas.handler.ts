// Formulas of a town and of the account's registry.
import type { MoleculeWire } from '../contracts/routes/formulas.ts';
import { positionOf } from '../domain/molecules/steps.ts';
import { beadOf, ownTown } from '../operations/access.ts';
import { installFormula, publishFormula, publishedText, withdrawFormula } from '../operations/formula-registry.ts';
import { cookNamed, createFormula, deleteFormula, formulaSummaries, formulaView, replaceFormula } from '../operations/formulas.ts';
import { presentConvoy } from '../operations/convoys.ts';
import { pageOfAll } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { moleculeView } from '../operations/molecule-scene.ts';
import { advanceByPerson, openGate } from '../operations/molecules.ts';
import type { Advanced } from '../operations/molecules.ts';
import { pourFormula } from '../operations/pour.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const wire = ({ issue, molecule, position: { current, waiting, over, total } }: Omit<Advanced, 'released'>): MoleculeWire => ({
  bead: issue,
  molecule,
  ...(current === undefined ? {} : { current: { stepId: current.stepId, title: current.title } }),
  waiting: waiting.map(({ step, sentence }) => ({ stepId: step.stepId, title: step.title, sentence })),
  over,
  total,
});

export const createHandler = (ports: Ports): ApiHandler => {
  const own = async (call: { caller: { userId: string }; params: { townId: string } }) => {
    await ownTown(ports, call.caller.userId, call.params.townId);
    return { townId: call.params.townId, actor: `user:${call.caller.userId}` as const, userId: call.caller.userId };
  };
  return createGroupHandler('formulas', ports, {
    createFormula: async (call) => createFormula(ports, { ...(await own(call)), ...call.body }),
    listFormulas: async (call) => {
      const { townId } = await own(call);
      return readPage(async () => wirePage(pageOfAll(await formulaSummaries(ports, townId), pageOf(call.query))));
    },
    getFormula: async (call) => formulaView(ports, (await own(call)).townId, call.params.name),
    replaceFormula: async (call) =>
      replaceFormula(ports, { ...(await own(call)), ...call.body, name: call.params.name, ifMatch: call.ifMatch }),
    deleteFormula: async (call) => deleteFormula(ports, { ...(await own(call)), name: call.params.name }),
    cookFormula: async (call) => {
      const { townId } = await own(call);
      const { variables, title, body } = call.body;
      const subject = { title: title ?? 'the task', description: body ?? '' };
      const { formula, kind, steps, warnings } = await cookNamed(ports, { townId, name: call.params.name, variables, subject });
      return { formula, kind, steps: [...steps], warnings: [...warnings] };
    },
    pourFormula: async (call) => {
      const poured = await pourFormula(ports, {
        ...(await own(call)),
        name: call.params.name,
        input: call.body,
        idempotencyKey: call.idempotencyKey,
      });
      return poured.kind === 'convoy' ? { convoy: presentConvoy(poured.convoy) } : { bead: poured.bead, molecule: poured.molecule };
    },
    getMolecule: async (call) => {
      const { townId } = await own(call);
      const { issue, molecule, facts } = await moleculeView(ports, await beadOf(ports, townId, call.params.beadId));
      return wire({ issue, molecule, position: positionOf(molecule.details.steps, facts) });
    },
    advanceMolecule: async (call) =>
      wire(await advanceByPerson(ports, { ...(await own(call)), beadId: call.params.beadId, move: call.body })),
    openMoleculeGate: async (call) => wire(await openGate(ports, { ...(await own(call)), ...call.body, beadId: call.params.beadId })),
    installFormula: async (call) => installFormula(ports, { ...(await own(call)), name: call.params.name }),
    publishFormula: async ({ caller, body }) => {
      await ownTown(ports, caller.userId, body.fromTownId);
      return publishFormula(ports, { townId: body.fromTownId, name: body.name, userId: caller.userId });
    },
    listPublishedFormulas: async ({ query }) => readPage(async () => wirePage(await ports.store.publishedFormulas(pageOf(query)))),
    getPublishedFormula: async ({ params }) => publishedText(ports, params.name),
    withdrawFormula: async ({ caller, params }) => withdrawFormula(ports, { name: params.name, userId: caller.userId }),
  });
};
export const handler = lambda(createHandler);
