// One list out of several that are ordered alike: the beads of a type over all statuses, newest change first.
import { z } from 'zod';
import { beadStatusSchema } from '../contracts/bead.schema.ts';
import type { Bead, BeadStatus, BeadType } from '../contracts/bead.schema.ts';
import { isoTimeSchema } from '../contracts/primitives.schema.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { listedAtOf } from '../domain/bead-lists.ts';
import { BadCursor } from '../store-errors.ts';
import { invalid } from '../api/problems.ts';

/** For each status where to read on (absent: from the start; null: at its end), and the last bead that was given out. */
const cursorSchema = z.strictObject({
  next: z.partialRecord(beadStatusSchema, z.string().max(500).nullable()),
  last: z.tuple([isoTimeSchema, z.string().max(60)]),
});
type MergedCursor = z.infer<typeof cursorSchema>;

const decode = (cursor: string): MergedCursor => {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new BadCursor();
  }
};
const encode = (cursor: MergedCursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Whether `one` comes after the position: changed earlier, or at the same time with a smaller id. */
const isAfter = (one: Bead, [at, beadId]: readonly [string, string]): boolean =>
  listedAtOf(one) < at || (listedAtOf(one) === at && one.beadId < beadId);
const newestFirst = (one: Bead, other: Bead): number => (isAfter(one, [listedAtOf(other), other.beadId]) ? 1 : -1);

/** One page of one status, without what was given out already. */
interface Part {
  readonly from: string | undefined;
  readonly next: string | undefined;
  readonly beads: readonly Bead[];
}
interface Query {
  readonly townId: string;
  readonly type: BeadType;
  readonly statuses: readonly BeadStatus[];
  /** Only what is in the archive; else only what is not. */
  readonly archived?: boolean;
}

/** Enough pages of one status that no bead of it is left out of the merged page. */
const partsOf = async (
  ports: Pick<Ports, 'store'>,
  query: Query,
  status: BeadStatus,
  page: { readonly limit: number; readonly cursor: MergedCursor | undefined },
): Promise<Part[]> => {
  const parts: Part[] = [];
  let from = page.cursor?.next[status];
  if (from === null) return parts;
  for (let count = 0; count < page.limit;) {
    const read: Page<Bead> = await ports.store.beadsBy(
      { townId: query.townId, type: query.type, status, archived: query.archived === true },
      { limit: page.limit, cursor: from },
    );
    const last = page.cursor?.last;
    const beads = last === undefined ? read.items : read.items.filter((bead) => isAfter(bead, last));
    parts.push({ from, next: read.cursor, beads });
    count += beads.length;
    if (read.cursor === undefined) break;
    from = read.cursor;
  }
  return parts;
};

/** Where to read this status on: at the first page that still has something to give, else behind the last one. */
const nextOf = (parts: readonly Part[], given: ReadonlySet<string>): string | null | undefined => {
  const rest = parts.find((part) => part.beads.some((bead) => !given.has(bead.beadId)));
  return rest === undefined ? (parts.at(-1)?.next ?? null) : rest.from;
};

/** Beads of one type in the given statuses, newest change first. Throws `BadCursor`. Eventually consistent. */
export const mergedBeads = async (ports: Pick<Ports, 'store'>, query: Query, page: PageRequest): Promise<Page<Bead>> => {
  const [only, ...others] = query.statuses;
  if (only !== undefined && others.length === 0)
    return ports.store.beadsBy({ townId: query.townId, type: query.type, status: only, archived: query.archived === true }, page);
  const cursor = page.cursor === undefined ? undefined : decode(page.cursor);
  const streams = await Promise.all(
    query.statuses.map(async (status) => ({ status, parts: await partsOf(ports, query, status, { limit: page.limit, cursor }) })),
  );
  const items = streams
    .flatMap(({ parts }) => parts.flatMap((part) => part.beads))
    .toSorted(newestFirst)
    .slice(0, page.limit);
  const last = items.at(-1);
  if (last === undefined) return { items };
  const given = new Set(items.map((bead) => bead.beadId));
  const next: MergedCursor['next'] = {};
  for (const { status, parts } of streams) {
    const from = nextOf(parts, given);
    if (from !== undefined) next[status] = from;
  }
  const ended = query.statuses.every((status) => next[status] === null);
  return ended ? { items } : { items, cursor: encode({ next, last: [listedAtOf(last), last.beadId] }) };
};

/** Reads a page; a cursor that no list gave out is the caller's mistake. Throws 400. */
export const readPage = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BadCursor) throw invalid(error.message, [{ path: 'query.cursor', message: error.message }]);
    throw error;
  }
};
