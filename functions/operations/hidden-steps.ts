// The step beads of a molecule that does not fit one transaction: written first, hidden by a `batch` work item. The transaction that makes the
// molecule removes this item and so shows them; what is never finished is removed by rule C4.
import type { WorkItem } from '../contracts/work.schema.ts';
import { workItem, writesOf } from '../domain/bead-writes.ts';
import { edgeWrites } from '../domain/edges.ts';
import type { MadeMolecule } from '../domain/molecules/molecule.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { chunked } from './chunks.ts';
import { momentOf } from './transact.ts';

/** A transaction holds 100, the check of the work item among them. */
const itemsPerCommit = 99;

/** Writes the steps; answers with the write that shows them. The molecule's id must be in no use. Throws 409 when it cannot be done now. */
export const hiddenSteps = async (ports: Ports, { molecule, stepBeads, edges }: MadeMolecule): Promise<Write> => {
  const { townId, beadId } = molecule;
  const moment = momentOf(ports);
  const marker: WorkItem = {
    ...workItem(townId, 'batch', beadId, moment.nowMs + ports.deployment.timings.pendingBatchMs, moment.stamp),
    data: JSON.stringify(stepBeads.map((step) => step.beadId)),
  };
  const key = { townId, kind: marker.kind, workId: marker.workId };
  const mine = { equals: { stamp: marker.stamp } };
  if (!(await ports.store.commit([{ put: 'work', item: marker, when: { absent: true } }])).ok)
    throw conflict(`${beadId} is being made already; try again.`);
  const steps = writesOf(
    stepBeads.map((after) => ({ after })),
    undefined,
    moment,
    edgeWrites(edges, stepBeads),
  );
  for (const chunk of chunked(steps, itemsPerCommit)) {
    if ((await ports.store.commit([{ check: 'work', key, when: mine }, ...chunk])).ok) continue;
    await ports.store.commit([{ put: 'work', item: { ...marker, dueAtMs: moment.nowMs }, when: mine }]);
    throw conflict('The steps could not be written because other work kept coming between; try again.');
  }
  return { remove: 'work', key, when: mine };
};
