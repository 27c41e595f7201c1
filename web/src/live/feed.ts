// The feed of one town: newest first, continued by cursor. A slower writer may commit a smaller id later, so reads overlap by a minute.
import { createSignal } from 'solid-js';
import type { Accessor } from 'solid-js';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { call } from '../api/client.ts';
import { timeOfUlid, ulidAt } from './ulid-time.ts';

const overlapMs = 60_000;
const pageSize = 50;
/** Older events leave the page's memory; they stay readable with "Show older". */
const keptEvents = 600;

export interface Feed {
  /** Newest first; undefined before the first answer. */
  readonly events: Accessor<readonly TownEvent[] | undefined>;
  readonly hasOlder: Accessor<boolean>;
  readonly isLoadingOlder: Accessor<boolean>;
  /** Reads what is new. Throws what the client throws. */
  readonly catchUp: () => Promise<void>;
  readonly loadOlder: () => Promise<void>;
}

/** Both lists as one, newest first, each event once. */
export const merged = (known: readonly TownEvent[], read: readonly TownEvent[]): readonly TownEvent[] => {
  const byId = new Map(known.map((event) => [event.eventId, event]));
  const fresh = read.filter((event) => !byId.has(event.eventId));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].toSorted((left, right) => (left.eventId < right.eventId ? 1 : left.eventId > right.eventId ? -1 : 0));
};

export const createFeed = (townId: string): Feed => {
  const [events, setEvents] = createSignal<readonly TownEvent[]>();
  const [olderCursor, setOlderCursor] = createSignal<string>();
  const [isLoadingOlder, setLoadingOlder] = createSignal(false);
  let running: Promise<void> | undefined;

  const first = async (): Promise<void> => {
    const page = await call('listEvents', { params: { townId }, query: { newest: 'true', limit: pageSize } });
    setOlderCursor(page.cursor);
    setEvents((known) => merged(known ?? [], page.items));
  };
  const further = async (newest: TownEvent): Promise<void> => {
    const after = ulidAt(timeOfUlid(newest.eventId) - overlapMs);
    let cursor: string | undefined;
    do {
      const page = await call('listEvents', {
        params: { townId },
        query: { after, limit: 100, ...(cursor === undefined ? {} : { cursor }) },
      });
      setEvents((known) => merged(known ?? [], page.items).slice(0, keptEvents));
      cursor = page.items.length === 0 ? undefined : page.cursor;
    } while (cursor !== undefined);
  };
  const catchUp = async (): Promise<void> => {
    // Whoever started that read hears of its failure.
    await running?.catch(() => undefined);
    const newest = events()?.[0];
    running = newest === undefined ? first() : further(newest);
    try {
      await running;
    } finally {
      running = undefined;
    }
  };
  return {
    events,
    isLoadingOlder,
    catchUp,
    hasOlder: () => olderCursor() !== undefined,
    loadOlder: async () => {
      const cursor = olderCursor();
      if (cursor === undefined || isLoadingOlder()) return;
      setLoadingOlder(true);
      try {
        const page = await call('listEvents', { params: { townId }, query: { newest: 'true', limit: pageSize, cursor } });
        setOlderCursor(page.cursor);
        setEvents((known) => merged(known ?? [], page.items));
      } finally {
        setLoadingOlder(false);
      }
    },
  };
};
