// Opaque page cursors: the list they belong to and the key of the last item, as base64url JSON.
import { z } from 'zod';
import { BadCursor } from '../../store-errors.ts';

const cursorPartsSchema = z.tuple([z.string(), z.string().min(1).max(1500)]);

/** `list` names the query with its parameters; the cursor is good for this list only. */
export const encodeCursor = (list: string, key: string): string => Buffer.from(JSON.stringify([list, key])).toString('base64url');

/** The key inside the cursor. Throws `BadCursor`. */
export const decodeCursor = (list: string, cursor: string): string => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new BadCursor();
  }
  const parsed = cursorPartsSchema.safeParse(value);
  if (!parsed.success || parsed.data[0] !== list) throw new BadCursor();
  return parsed.data[1];
};
