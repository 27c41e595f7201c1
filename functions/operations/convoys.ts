// Convoys as people and the Mayor see them: members with what they wait for, waves, and progress counted from the members themselves.
import type { z } from 'zod';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { convoyViewSchema } from '../contracts/routes.ts';
import { isConvoy } from '../domain/bead-writes.ts';
import { planEstimate } from '../domain/convoy/estimate.ts';
import { countMembers } from '../domain/convoy/progress.ts';
import { convoySentence } from '../domain/convoy/sentence.ts';
import { wavesOf } from '../domain/convoy/waves.ts';
import { isBlocking } from '../domain/dependencies.ts';
import type { Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { notFound } from '../api/problems.ts';

export type ConvoyView = z.infer<typeof convoyViewSchema>;
export type ConvoyBead = Bead & BeadOf<'convoy'>;

/** Throws 404 when the convoy does not exist. */
export const convoyOf = async (ports: Pick<Ports, 'store'>, townId: string, convoyId: string): Promise<ConvoyBead> => {
  const convoy = await ports.store.get('bead', { townId, beadId: convoyId });
  if (convoy === undefined || !isConvoy(convoy)) throw notFound(`There is no convoy ${convoyId} in this town.`);
  return convoy;
};

/** In the order of the plan; beads that are gone are left out. */
export const membersOf = async (ports: Pick<Ports, 'store'>, convoy: ConvoyBead): Promise<Bead[]> => {
  const read = await ports.store.getMany(
    'bead',
    convoy.details.memberIds.map((beadId) => ({ townId: convoy.townId, beadId })),
  );
  return read.flatMap((bead) => bead ?? []);
};

/** Queries of a large convoy's edges at the same time. */
const queriesAtOnce = 25;
const blockerIdsOf = async (ports: Pick<Ports, 'store'>, members: readonly Bead[]): Promise<string[][]> => {
  const all: string[][] = [];
  for (let start = 0; start < members.length; start += queriesAtOnce) {
    const part = members.slice(start, start + queriesAtOnce);
    const edges = await Promise.all(part.map((bead) => ports.store.dependenciesOf(bead.townId, bead.beadId)));
    all.push(...edges.map((list) => list.filter((edge) => isBlocking(edge.type)).map((edge) => edge.dependsOnId)));
  }
  return all;
};

/** Throws 404 when the convoy does not exist. */
export const convoyView = async (ports: Pick<Ports, 'store' | 'clock'>, townId: string, convoyId: string): Promise<ConvoyView> => {
  const convoy = await convoyOf(ports, townId, convoyId);
  const beads = await membersOf(ports, convoy);
  const blockers = await blockerIdsOf(ports, beads);
  const members = beads.map((bead, index) => ({ bead, dependsOn: blockers[index] ?? [] }));
  const count = countMembers(convoy.details, beads);
  const estimate = planEstimate(convoy.details, beads);
  return {
    convoy,
    members,
    progress: { total: count.total, closed: count.closed, failed: count.failed.length },
    ...(estimate === undefined ? {} : { estimate }),
    waves: wavesOf(members.map(({ bead, dependsOn }) => ({ id: bead.beadId, dependsOn }))),
    sentence: convoySentence(convoy, count, ports.clock.nowMs()),
  };
};

/** As it leaves the server. */
export const presentConvoy = (view: ConvoyView): ConvoyView => ({
  ...view,
  members: view.members.map((member) => ({ ...member, bead: presentBead(member.bead) })),
});
