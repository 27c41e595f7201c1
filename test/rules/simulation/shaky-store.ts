// A store that throttles, conflicts, loses answers, and whose index lists lag behind by some seconds.
import type { ItemName, Store, Write } from '../../../functions/ports.ts';
import { StoreUnavailable } from '../../../functions/store-errors.ts';
import { createLightStore } from './light-store.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { Trouble } from './trouble.ts';

interface Weather {
  readonly trouble: Trouble;
  readonly random: Random;
  readonly schedule: Schedule;
}
const indexed: readonly ItemName[] = ['town', 'bead', 'event', 'work'];
const nameOf = (write: Write): ItemName | undefined =>
  'put' in write ? write.put : 'add' in write ? write.add : 'remove' in write ? write.remove : undefined;
const longestLagMs = 4_000;

/** Index lists of a store in memory as they were some seconds ago, in the order of the writes. */
const lateLists = ({
  random,
  schedule,
}: Weather): {
  readonly follow: (writes: readonly Write[]) => void;
  readonly lists: Pick<Store, 'beadsBy' | 'townsOf' | 'overdueTowns'>;
  readonly late: Store;
} => {
  const late = createLightStore();
  let shownAtMs = 0;
  const follow = (writes: readonly Write[]): void => {
    const own = writes.filter((write) => indexed.includes(nameOf(write) ?? 'once')).map((write): Write => ({ ...write, when: 'none' }));
    if (own.length === 0) return;
    shownAtMs = Math.max(shownAtMs, schedule.nowMs() + random.between(0, longestLagMs));
    schedule.at(shownAtMs, async () => {
      await late.commit(own);
    });
  };
  return { follow, lists: { beadsBy: late.beadsBy, townsOf: late.townsOf, overdueTowns: late.overdueTowns }, late };
};

/** `lagging`: false for a store whose lists lag by themselves. */
export const shakyStore = (store: Store, weather: Weather, lagging: boolean): Store => {
  const { trouble } = weather;
  const { follow, lists, late } = lateLists(weather);
  const reached = (): void => {
    if (trouble.hits('storeUnavailable')) throw new StoreUnavailable('The table is throttled.');
  };
  return {
    ...store,
    ...(lagging
      ? {
          ...lists,
          eventsOf: (townId, query, page) =>
            (query.beadId === undefined && query.agentId === undefined ? store : late).eventsOf(townId, query, page),
        }
      : {}),
    get: async (name, key) => {
      reached();
      return store.get(name, key);
    },
    getMany: async (name, keys) => {
      reached();
      return store.getMany(name, keys);
    },
    passOf: async (townId) => {
      reached();
      return store.passOf(townId);
    },
    workOf: async (townId) => {
      reached();
      return store.workOf(townId);
    },
    commit: async (writes) => {
      reached();
      if (trouble.hits('commitConflict')) return { ok: false, failed: [] };
      const outcome = await store.commit(writes);
      if (outcome.ok && lagging) follow(writes);
      if (trouble.hits('answerLost')) throw new StoreUnavailable('The answer of the table was lost.');
      return outcome;
    },
  };
};
