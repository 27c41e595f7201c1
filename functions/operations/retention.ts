// History goes when it is as old as its town's settings say. Each event and each part of a conversation is written with the time at which the
// table deletes it, at no cost; at night goes what was written with a longer time, or is in Files.
import type { Town } from '../contracts/town.schema.ts';
import { deleteAfter, keptSinceMs, retentionOf } from '../domain/retention.ts';
import type { Retention } from '../domain/retention.ts';
import type { Clock, Page, Ports, Store, Write } from '../ports.ts';
import { madeAtMs, pagesOf } from './orphan-files.ts';
import { sessionsFolder } from './session-parts.ts';

/** A change of the setting is seen by what is written so much later at most. */
const rememberedMs = 5 * 60 * 1000;
const townsRemembered = 1000;

const townOf = (write: Write): string | undefined =>
  'put' in write && (write.put === 'event' || write.put === 'sessionBatch') ? write.item.townId : undefined;
const timed = (write: Write, { events, transcripts }: Retention): Write => {
  if (!('put' in write)) return write;
  if (write.put === 'event') return { ...write, item: { ...write.item, deleteAfterEpochSeconds: deleteAfter(write.item.at, events) } };
  if (write.put === 'sessionBatch')
    return { ...write, item: { ...write.item, deleteAfterEpochSeconds: deleteAfter(write.item.at, transcripts) } };
  return write;
};

/** A store whose history ends. */
export const withRetention = (store: Store, clock: Clock): Store => {
  const known = new Map<string, { readonly retention: Retention; readonly untilMs: number }>();
  const retentionIn = async (townId: string, writes: readonly Write[]): Promise<Retention> => {
    const nowMs = clock.nowMs();
    const remembered = known.get(townId);
    const written = writes.flatMap((write) => ('put' in write && write.put === 'town' && write.item.townId === townId ? [write.item] : []));
    if (remembered !== undefined && remembered.untilMs > nowMs && written.length === 0) return remembered.retention;
    const town: Town | undefined = written[0] ?? (await store.get('town', { townId }));
    const retention = retentionOf(town);
    if (known.size >= townsRemembered) known.clear();
    known.set(townId, { retention, untilMs: nowMs + rememberedMs });
    return retention;
  };
  return {
    ...store,
    commit: async (writes) => {
      const townId = writes.map(townOf).find((id) => id !== undefined);
      if (townId === undefined) return store.commit(writes);
      const retention = await retentionIn(townId, writes);
      return store.commit(writes.map((write) => timed(write, retention)));
    },
  };
};

/** The table has deleted what it deletes by then: here goes what it does not. */
const graceDays = 3;
const removalsPerCommit = 40;
type Patrol = Pick<Ports, 'store' | 'files' | 'clock'>;

/** Removes from a list, oldest first, until something is younger. One read where nothing is old. */
const removeOld = async <T extends { readonly at: string }>(
  ports: Patrol,
  sinceMs: number,
  list: { readonly read: (limit: number) => Promise<Page<T>>; readonly removal: (item: T) => Write },
): Promise<number> => {
  let removed = 0;
  for (let limit = 1; ; limit = removalsPerCommit) {
    const { items } = await list.read(limit);
    const old = items.filter(({ at }) => Date.parse(at) < sinceMs);
    if (old.length > 0 && !(await ports.store.commit(old.map(list.removal))).ok) return removed;
    removed += old.length;
    if (old.length === 0 || old.length < items.length) return removed;
  }
};

const oldFiles = async (ports: Patrol, townId: string, sinceMs: number): Promise<number> => {
  let removed = 0;
  for await (const paths of pagesOf(ports, sessionsFolder(townId)))
    for (const path of paths) {
      const batchId = path.slice(path.lastIndexOf('/') + 1).split('-')[0] ?? '';
      if ((madeAtMs(batchId) ?? Infinity) >= sinceMs) continue;
      await ports.files.removePrefix(path);
      removed += 1;
    }
  return removed;
};

/** What is older than the town's settings say. Returns how many items and files were removed. */
export const forgetOld = async (ports: Patrol, town: Town): Promise<number> => {
  const { townId } = town;
  const nowMs = ports.clock.nowMs();
  const { events, transcripts } = retentionOf(town);
  let removed = await removeOld(ports, keptSinceMs(nowMs, events + graceDays), {
    read: (limit) => ports.store.eventsOf(townId, {}, { limit }),
    removal: (item): Write => ({ remove: 'event', key: item, when: 'none' }),
  });
  const [agents, identities] = await Promise.all([ports.store.agentsOf(townId), ports.store.identitiesOf(townId)]);
  for (const agentId of new Set([...agents, ...identities].map((each) => each.agentId)))
    removed += await removeOld(ports, keptSinceMs(nowMs, transcripts + graceDays), {
      read: (limit) => ports.store.sessionBatches(townId, agentId, {}, { limit }),
      removal: (item): Write => ({ remove: 'sessionBatch', key: item, when: 'none' }),
    });
  return removed + (await oldFiles(ports, townId, keptSinceMs(nowMs, transcripts)));
};
