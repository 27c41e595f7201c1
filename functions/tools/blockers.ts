// Beads that another one still waits for.
import type { Bead } from '../contracts/bead.schema.ts';
import { isBlocking } from '../domain/dependencies.ts';
import type { Ports } from '../ports.ts';

export interface Blocker {
  readonly id: string;
  readonly title: string;
  readonly status: string;
}
/** Unresolved blockers of a bead; empty when nothing holds it. */
export const explainedBlockers = async (ports: Pick<Ports, 'store'>, bead: Bead): Promise<Blocker[]> => {
  if (bead.openBlockers === 0) return [];
  const edges = (await ports.store.dependenciesOf(bead.townId, bead.beadId)).filter((edge) => isBlocking(edge.type) && !edge.resolved);
  const beads = await ports.store.getMany(
    'bead',
    edges.map((edge) => ({ townId: bead.townId, beadId: edge.dependsOnId })),
  );
  return beads.flatMap((blocker) => (blocker === undefined ? [] : [{ id: blocker.beadId, title: blocker.title, status: blocker.status }]));
};
