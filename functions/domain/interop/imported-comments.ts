// Comments in the line that a bead came from, as its timeline shows them. Pure; they are read from the line, never stored again.
import { z } from 'zod';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { TownEvent } from '../../contracts/event.schema.ts';
import { newEvent } from '../new-bead.ts';

const commentSchema = z.looseObject({
  author: z.string().max(200).catch(''),
  text: z.string().min(1),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});
const lineSchema = z.looseObject({ comments: z.array(z.unknown()).catch([]) });

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Digits of a number, as many as asked. */
const digits = (value: number, count: number): string =>
  Array.from({ length: count }, (_, place) =>
    crockford.charAt(Math.floor(value / crockford.length ** (count - 1 - place)) % crockford.length),
  ).join('');
/** As long as an event's id, in the order of time, and the same at every reading. */
const idOf = (atMs: number, index: number): string => `${digits(Math.max(0, atMs), 10)}${digits(index, 16)}`;

/** Oldest first. What is no comment is left out: the export has it. The author is what the file says, not somebody of the town. */
export const importedComments = (bead: Bead, line: string): TownEvent[] => {
  const record = lineSchema.safeParse(JSON.parse(line));
  const comments = (record.data?.comments ?? []).flatMap((each, index) => {
    const parsed = commentSchema.safeParse(each);
    return parsed.success ? [{ ...parsed.data, atMs: Date.parse(parsed.data.created_at), index }] : [];
  });
  return comments
    .toSorted((one, other) => one.atMs - other.atMs || one.index - other.index)
    .map(({ author, text, atMs, index }) =>
      newEvent(
        { townId: bead.townId, eventId: idOf(atMs, index), type: 'comment', actor: bead.createdBy, at: new Date(atMs).toISOString() },
        { beadId: bead.beadId, ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }), data: { text, author, imported: true } },
      ),
    );
};
