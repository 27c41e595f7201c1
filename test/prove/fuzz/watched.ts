// Ports whose store, secrets and files tell what was written, and whose commits can be made to conflict or to fail.
import type { ItemName, Write } from '../../../functions/ports.ts';
import { StoreUnavailable } from '../../../functions/store-errors.ts';
import { fakePorts } from '../../fakes/ports.ts';
import type { FakePorts } from '../../fakes/ports.ts';
import { createMemoryStore } from '../../store/memory-store.ts';

export interface Watched {
  readonly ports: FakePorts;
  /** What was really written since it was last cleared; checks are left out. */
  readonly written: Write[];
  /** Names of secrets and paths of files that are there. */
  readonly kept: Set<string>;
  /** Commits from now on: how many conflict, and how many cannot reach the table. */
  readonly faults: { conflicts: number; outages: number };
}
export const watchedPorts = (): Watched => {
  const store = createMemoryStore();
  const written: Write[] = [];
  const kept = new Set<string>();
  const faults = { conflicts: 0, outages: 0 };
  const plain = fakePorts();
  const { secrets, files, runtime } = plain;
  const stopped = new Set<string>();
  const ports: FakePorts = fakePorts({
    store: {
      ...store,
      commit: async (writes) => {
        if (faults.outages > 0) {
          faults.outages -= 1;
          throw new StoreUnavailable('The table cannot be reached.');
        }
        if (faults.conflicts > 0) {
          faults.conflicts -= 1;
          return { ok: false, failed: [] };
        }
        const outcome = await store.commit(writes);
        if (outcome.ok) written.push(...writes.filter((write) => !('check' in write)));
        return outcome;
      },
    },
    runtime: {
      ...runtime,
      start: async (start) => {
        ports.starts.push(start);
        return `runtime-${start.townId}-${start.runtimeEpoch}`;
      },
      status: async (ref) => (stopped.has(ref) ? 'stopped' : 'running'),
      stop: async (ref) => {
        stopped.add(ref);
      },
    },
    secrets: {
      ...secrets,
      put: async (name, value) => {
        kept.add(name);
        await secrets.put(name, value);
      },
      remove: async (name) => {
        kept.delete(name);
        await secrets.remove(name);
      },
      removePrefix: async (prefix) => {
        for (const name of kept) if (name.startsWith(prefix)) kept.delete(name);
        await secrets.removePrefix(prefix);
      },
    },
    files: {
      ...files,
      put: async (path, body) => {
        kept.add(path);
        await files.put(path, body);
      },
      removePrefix: async (prefix) => {
        for (const path of kept) if (path.startsWith(prefix)) kept.delete(path);
        await files.removePrefix(prefix);
      },
    },
  });
  return { ports, written, kept, faults };
};

export const nameOf = (write: Write): ItemName =>
  'put' in write ? write.put : 'add' in write ? write.add : 'remove' in write ? write.remove : write.check;
/** The town that a write is about; undefined for what belongs to none. */
export const townOf = (write: Write): string | undefined => {
  const key: object = 'put' in write || 'add' in write ? write.item : write.key;
  const town: unknown = Reflect.get(key, 'townId') ?? Reflect.get(key, 'scope');
  return typeof town === 'string' ? town : undefined;
};
