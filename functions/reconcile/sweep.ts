// Recovers lost hints and lost alarms: towns with work that is due, or after a restart every town with work, get a hint.
import type { Ports } from '../ports.ts';
import { forgetWake } from './wake.ts';

const hintAll = async (ports: Pick<Ports, 'queue'>, towns: readonly string[]): Promise<number> => {
  for (const townId of towns) await ports.queue.hint(townId);
  return towns.length;
};

/** Hints every town with overdue work. Returns how many. */
export const sweep = async (ports: Pick<Ports, 'store' | 'queue' | 'clock'>): Promise<number> =>
  hintAll(ports, await ports.store.overdueTowns(ports.clock.nowMs()));

/** After a restart of a machine whose alarms were timers: every town with work. Returns how many. */
export const sweepEverything = async (ports: Pick<Ports, 'store' | 'queue' | 'clock'>): Promise<number> => {
  const towns = await ports.store.everyTownWithWork();
  for (const townId of towns) await forgetWake(ports, townId);
  return hintAll(ports, towns);
};
