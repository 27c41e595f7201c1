// The timeline of a bead: its events, and before them the comments that it came with.
import type { Bead } from '../contracts/bead.schema.ts';
import type { TownEvent } from '../contracts/event.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { importedComments } from '../domain/interop/imported-comments.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { beadOf } from './access.ts';
import { partReader } from './foreign-lines.ts';

const commentsOf = async (ports: Ports, bead: Bead): Promise<TownEvent[]> => {
  const foreign = isIssue(bead) ? bead.details.foreign : undefined;
  const line = foreign === undefined ? undefined : await partReader(ports, bead.townId).lineOf(foreign);
  return line === undefined ? [] : importedComments(bead, line);
};

/** Oldest first; the first page begins with the comments of an imported bead, beside what it was asked for. Throws 404. */
export const timelineOf = async (
  ports: Ports,
  { townId, beadId }: { readonly townId: string; readonly beadId: string },
  page: PageRequest,
): Promise<Page<TownEvent>> => {
  const bead = await beadOf(ports, townId, beadId);
  const events = await ports.store.eventsOf(townId, { beadId }, page);
  if (page.cursor !== undefined) return events;
  const comments = await commentsOf(ports, bead);
  if (comments.length === 0) return events;
  return { ...events, items: [...comments, ...events.items].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at)) };
};
