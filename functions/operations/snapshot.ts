// Everything that the overview of a town shows, in one read.
import type { z } from 'zod';
import type { Bead, BeadStatus } from '../contracts/bead.schema.ts';
import type { snapshotSchema } from '../contracts/routes.ts';
import type { Town } from '../contracts/town.schema.ts';
import type { Ports } from '../ports.ts';
import { presentRig, presentTown } from '../api/present.ts';
import { agentViews, everyStatus } from './lists.ts';
import { visibleOf } from './visible.ts';

export type TownSnapshot = z.infer<typeof snapshotSchema>;
const countPage = 500;
/** Convoys that run, and those that ended last. */
const runningConvoys = 50;
const endedConvoys = 5;
const openEscalations = 50;

/** Eventually consistent, and as long as the town has beads: counting is reading while no total is stored. */
const countOf = async (ports: Ports, townId: string, status: BeadStatus): Promise<number> => {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await ports.store.beadsBy({ townId, type: 'issue', status }, { limit: countPage, cursor });
    count += (await visibleOf(ports, townId, page.items)).length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
};

const convoysOf = async (ports: Ports, townId: string): Promise<Bead[]> => {
  const read = async (status: BeadStatus, limit: number): Promise<readonly Bead[]> =>
    (await ports.store.beadsBy({ townId, type: 'convoy', status }, { limit })).items;
  const [open, running, closed, failed] = await Promise.all([
    read('open', runningConvoys),
    read('in_progress', runningConvoys),
    read('closed', endedConvoys),
    read('failed', endedConvoys),
  ]);
  return [...running, ...open, ...failed, ...closed];
};

const concernsOf = async (ports: Ports, townId: string): Promise<readonly Bead[]> =>
  (await ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: openEscalations })).items;

/** `town` is the stored one; it is presented here. */
export const townSnapshot = async (ports: Ports, town: Town): Promise<TownSnapshot> => {
  const { townId } = town;
  const [rigs, lease, counts, convoys, agents, escalations, newest] = await Promise.all([
    ports.store.rigsOf(townId),
    ports.store.get('lease', { townId }),
    Promise.all(everyStatus.map((status) => countOf(ports, townId, status))),
    convoysOf(ports, townId),
    agentViews(ports, townId),
    concernsOf(ports, townId),
    ports.store.eventsOf(townId, { newestFirst: true }, { limit: 1 }),
  ]);
  const [open = 0, in_progress = 0, in_review = 0, closed = 0, failed = 0] = counts;
  const lastEventId = newest.items[0]?.eventId;
  return {
    town: presentTown(town),
    rigs: rigs.map(presentRig),
    counters: { open, in_progress, in_review, closed, failed },
    convoys,
    agents,
    escalations: [...escalations],
    ...(lease === undefined ? {} : { runtime: lease }),
    ...(lastEventId === undefined ? {} : { lastEventId }),
  };
};
