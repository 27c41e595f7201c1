// Reads what the newest finished beads have cost, for the estimate of a plan. Bounded: one page of closed beads and their sums, nothing written.
import type { Bead } from '../contracts/bead.schema.ts';
import type { ConvoyEstimate } from '../contracts/convoy.schema.ts';
import type { Rig, Town } from '../contracts/town.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { estimateOf } from '../domain/convoy/estimate.ts';
import type { FinishedBead, PlannedRig } from '../domain/convoy/estimate.ts';
import { modelOf, smallModelOf } from '../domain/model-choice.ts';
import { scopesOf } from '../domain/settings.ts';
import type { Ports } from '../ports.ts';

/** Closed beads that are looked at, newest first. */
const newest = 24;

/** Repairs count for the bead that they repair, and steps for the bead of their molecule. */
const isOwnWork = (bead: Bead): boolean => isIssue(bead) && (bead.details.kind === 'work' || bead.details.kind === 'no-code');

const finishedBeads = async ({ store }: Pick<Ports, 'store'>, townId: string): Promise<FinishedBead[]> => {
  const { items } = await store.beadsBy({ townId, type: 'issue', status: 'closed' }, { limit: newest });
  const beads = items.filter(isOwnWork);
  if (beads.length === 0) return [];
  const tallies = await store.getMany(
    'tally',
    beads.map(({ beadId }) => ({ townId, period: 'life' as const, scope: `bead#${beadId}` })),
  );
  // A bead that nobody was paid for was closed by hand.
  return beads.flatMap(({ rigId }, index) => {
    const tally = tallies[index];
    return tally === undefined ? [] : [{ rigId, model: tally.model, costMicroUsd: tally.costMicroUsd }];
  });
};

const plannedRig = (town: Town | undefined, rig: Rig): PlannedRig => {
  const scopes = scopesOf({ town, rig });
  const route = modelOf('polecat', scopes);
  const model = route.kind === 'scripted' ? route.kind : route.model;
  const small = smallModelOf(scopes);
  return { rigId: rig.rigId, name: rig.name, model, models: small === undefined ? [model] : [model, small] };
};

export const estimateBatch = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  owners: { readonly town: Town | undefined; readonly rigs: readonly Rig[] },
): Promise<ConvoyEstimate> => {
  const finished = await finishedBeads(ports, townId);
  return estimateOf(
    owners.rigs.map((rig) => plannedRig(owners.town, rig)),
    finished,
  );
};
