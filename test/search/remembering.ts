// A town over REST whose writes are told to search as the table's stream would tell them, at once.
import { newsInWrites, recordHistory } from '../../functions/stream/history.ts';
import type { Store } from '../../functions/ports.ts';
import { beadTown } from '../beads/bead-town.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { createMemoryStore } from '../store/memory-store.ts';

export const rememberingPorts = (inner: Store = createMemoryStore()): FakePorts => {
  const ports: FakePorts = fakePorts({
    store: {
      ...inner,
      commit: async (writes) => {
        const outcome = await inner.commit(writes);
        if (outcome.ok) await recordHistory({ store: inner, search: ports.search }, newsInWrites(writes));
        return outcome;
      },
    },
  });
  return ports;
};
export const rememberingTown = async () => beadTown(rememberingPorts());
