// Read, decide, write under conditions, and again from the reading when somebody else was faster.
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';

const attempts = 8;

/** Writes to make and what to answer when they are made. No writes: the answer as it is. */
export interface Decision<T> {
  readonly writes: readonly Write[];
  readonly result: T;
}

/**
 * Calls `decide` (which reads) and commits, up to 8 times. What `decide` throws ends it.
 * Throws a 409 problem when the items keep changing.
 */
export const transact = async <T>(ports: Pick<Ports, 'store'>, what: string, decide: () => Promise<Decision<T>>): Promise<T> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { writes, result } = await decide();
    if (writes.length === 0) return result;
    const outcome = await ports.store.commit(writes);
    if (outcome.ok) return result;
  }
  throw conflict(`${what} kept changing while it was being written; try again.`);
};

/** ISO text of the injected clock's time. */
export const isoNow = (ports: Pick<Ports, 'clock'>): string => new Date(ports.clock.nowMs()).toISOString();
/** Time and a fresh stamp for one transaction. */
export const momentOf = (ports: Pick<Ports, 'clock' | 'ids'>): { nowMs: number; stamp: string } => ({
  nowMs: ports.clock.nowMs(),
  stamp: ports.ids.ulid(),
});
