// Ports whose calls take different numbers of turns, and whose user may be killed before or after any of them.
import type { Alarm, Ports, Store, TownRuntime, Workflow } from '../../../functions/ports.ts';
import type { Random } from './random.ts';

/** A call takes up to so many turns of the event loop's microtasks. */
const mostTurns = 3;
const turns = async (random: Random): Promise<void> => {
  for (let left = random.between(0, mostTurns); left > 0; left -= 1) await Promise.resolve();
};

/** The store with interleaving. */
export const slowStore = (store: Store, random: Random): Store => ({
  ...store,
  get: async (name, key) => {
    await turns(random);
    return store.get(name, key);
  },
  getMany: async (name, keys) => {
    await turns(random);
    return store.getMany(name, keys);
  },
  passOf: async (townId) => {
    await turns(random);
    return store.passOf(townId);
  },
  workOf: async (townId) => {
    await turns(random);
    return store.workOf(townId);
  },
  agentsOf: async (townId) => {
    await turns(random);
    return store.agentsOf(townId);
  },
  slotsOf: async (townId) => {
    await turns(random);
    return store.slotsOf(townId);
  },
  readyOf: async (townId, rigId, queue, limit) => {
    await turns(random);
    return store.readyOf(townId, rigId, queue, limit);
  },
  commit: async (writes) => {
    await turns(random);
    return store.commit(writes);
  },
});

export interface Life {
  readonly dead: Promise<void>;
  readonly ports: Ports;
}
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Ports of one process that dies at its `lastCall`-th commit or outside call, before or after it takes effect. */
export const mortalPorts = (ports: Ports, lastCall: number | undefined, random: Random): Life => {
  const { promise: dead, resolve: die } = Promise.withResolvers<void>();
  let calls = 0;
  let gone = false;
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    if (gone) return never();
    calls += 1;
    if (calls !== lastCall) return call();
    gone = true;
    try {
      if (random.chance(0.5)) await call();
    } catch {
      // The answer reaches nobody.
    }
    die();
    return never();
  };
  const store: Store = { ...ports.store, commit: (writes) => guarded(() => ports.store.commit(writes)) };
  const workflow: Workflow = {
    ...ports.workflow,
    start: (machine, name, input) => guarded(() => ports.workflow.start(machine, name, input)),
    status: (machine, name) => guarded(() => ports.workflow.status(machine, name)),
  };
  const runtime: TownRuntime = {
    start: (start) => guarded(() => ports.runtime.start(start)),
    status: (ref) => guarded(() => ports.runtime.status(ref)),
    stop: (ref) => guarded(() => ports.runtime.stop(ref)),
    stopTown: (townId) => guarded(() => ports.runtime.stopTown(townId)),
    removeTown: (townId) => guarded(() => ports.runtime.removeTown(townId)),
  };
  const alarm: Alarm = {
    arm: (wake) => guarded(() => ports.alarm.arm(wake)),
    disarm: (townId) => guarded(() => ports.alarm.disarm(townId)),
  };
  return { dead, ports: { ...ports, store, workflow, runtime, alarm } };
};
