// The timeline of an agent: events about itself, and its part in the timelines of the beads that it was given last.
import { z } from 'zod';
import type { TownEvent } from '../contracts/event.schema.ts';
import { ulidSchema } from '../contracts/primitives.schema.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { BadCursor } from '../store-errors.ts';

/** The cursor is the last event that was given out. */
const cursorSchema = z.union([ulidSchema, z.undefined()]);

/** Events behind the given one of one timeline, so many at most. */
const behind = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  query: { readonly agentId: string; readonly beadId?: string | undefined; readonly after: string | undefined },
  limit: number,
): Promise<TownEvent[]> => {
  const found: TownEvent[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<TownEvent> = await ports.store.eventsOf(townId, query, { limit, cursor });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < limit);
  return found.slice(0, limit);
};

/** Oldest first. Eventually consistent. Throws `BadCursor`. */
export const agentEvents = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  agentId: string,
  page: PageRequest,
): Promise<Page<TownEvent>> => {
  const parsed = cursorSchema.safeParse(page.cursor);
  if (!parsed.success) throw new BadCursor();
  const agent = await ports.store.get('agent', { townId, agentId });
  const timelines = [undefined, ...(agent?.recentBeadIds ?? [])];
  const more = page.limit + 1;
  const found = await Promise.all(timelines.map((beadId) => behind(ports, townId, { agentId, beadId, after: parsed.data }, more)));
  const ordered = found.flat().toSorted((one, other) => (one.eventId < other.eventId ? -1 : 1));
  const items = ordered.slice(0, page.limit);
  const last = items.at(-1);
  return ordered.length > page.limit && last !== undefined ? { items, cursor: last.eventId } : { items };
};
