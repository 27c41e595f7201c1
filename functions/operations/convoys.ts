// Convoys as people and the Mayor see them: members with what they wait for, and progress counted from the members themselves.
import type { z } from 'zod';
import type { convoyViewSchema } from '../contracts/routes.ts';
import { isConvoy } from '../domain/bead-writes.ts';
import { isBlocking } from '../domain/dependencies.ts';
import type { Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { notFound } from '../api/problems.ts';

export type ConvoyView = z.infer<typeof convoyViewSchema>;

/** Throws 404 when the convoy does not exist. */
export const convoyView = async (ports: Pick<Ports, 'store'>, townId: string, convoyId: string): Promise<ConvoyView> => {
  const convoy = await ports.store.get('bead', { townId, beadId: convoyId });
  if (convoy === undefined || !isConvoy(convoy)) throw notFound(`There is no convoy ${convoyId} in this town.`);
  const read = await ports.store.getMany(
    'bead',
    convoy.details.memberIds.map((beadId) => ({ townId, beadId })),
  );
  const members = await Promise.all(
    read
      .flatMap((bead) => bead ?? [])
      .map(async (bead) => {
        const edges = await ports.store.dependenciesOf(townId, bead.beadId);
        return { bead, dependsOn: edges.filter((edge) => isBlocking(edge.type)).map((edge) => edge.dependsOnId) };
      }),
  );
  const count = (status: 'closed' | 'failed'): number => members.filter((member) => member.bead.status === status).length;
  return { convoy, members, progress: { total: convoy.details.memberIds.length, closed: count('closed'), failed: count('failed') } };
};

/** As it leaves the server. */
export const presentConvoy = (view: ConvoyView): ConvoyView => ({
  ...view,
  members: view.members.map((member) => ({ ...member, bead: presentBead(member.bead) })),
});
