// What a town did in a window, counted from its own events: the same on AWS and on one machine, and still there after a restart.
import type { TownEvent } from '../contracts/event.schema.ts';
import type { Ports } from '../ports.ts';
import { requestsAtWork } from './requests-at-work.ts';

export const windows = { '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Window = keyof typeof windows;

const eventsPerPage = 500;
const pagesAtMost = 20;

const eventsSince = async (
  { store }: Pick<Ports, 'store'>,
  townId: string,
  sinceMs: number,
): Promise<{ events: TownEvent[]; complete: boolean }> => {
  const events: TownEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesAtMost; page += 1) {
    const read = await store.eventsOf(townId, { newestFirst: true }, { limit: eventsPerPage, cursor });
    const inWindow = read.items.filter((event) => Date.parse(event.at) >= sinceMs);
    events.push(...inWindow);
    cursor = read.cursor;
    if (cursor === undefined || inWindow.length < read.items.length) return { events, complete: true };
  }
  return { events, complete: false };
};

const share = (sorted: readonly number[], part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const spreadOf = (valuesMs: readonly number[]) => {
  const sorted = valuesMs.toSorted((one, other) => one - other);
  return { count: sorted.length, p50Ms: share(sorted, 0.5), p95Ms: share(sorted, 0.95) };
};

/** Time from one event of a bead to its first next one of another type, for beads that have both in the window. */
const between = (events: readonly TownEvent[], from: TownEvent['type'], to: TownEvent['type']): number[] => {
  const starts = new Map<string, number>();
  const waits: number[] = [];
  for (const event of events.toReversed()) {
    if (event.beadId === undefined) continue;
    if (event.type === from) starts.set(event.beadId, Date.parse(event.at));
    const startMs = starts.get(event.beadId);
    if (event.type !== to || startMs === undefined) continue;
    waits.push(Date.parse(event.at) - startMs);
    starts.delete(event.beadId);
  }
  return waits;
};

export const townMetrics = async (ports: Pick<Ports, 'store' | 'clock'>, townId: string, window: Window) => {
  const nowMs = ports.clock.nowMs();
  const [{ events, complete }, work] = await Promise.all([eventsSince(ports, townId, nowMs - windows[window]), ports.store.workOf(townId)]);
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  const merges = (await requestsAtWork(ports, townId, work)).length;
  const ofKind = (kind: string): number => work.filter((item) => item.kind === kind).length;
  return {
    window,
    complete,
    events: counts,
    dispatchWait: spreadOf(between(events, 'created', 'dispatched')),
    now: { inFlight: ofKind('flight'), merges, queues: ofKind('queue'), openBreakers: ofKind('breaker') },
  };
};
