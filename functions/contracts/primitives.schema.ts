// Building blocks of every wire format: ids, times, text limits. Knows zod and nothing else.
import { z } from 'zod';

/** Server-made town id, e.g. `t-4f9k2m1q`. Lower case so that keys, branch names and execution names stay legal everywhere. */
export const townIdSchema = z.string().regex(/^t-[a-z0-9]{4,16}$/, 'a town id looks like t-4f9k2m1q');
/** Server-made rig id, e.g. `r-8d2k1m0p`. */
export const rigIdSchema = z.string().regex(/^r-[a-z0-9]{4,16}$/, 'a rig id looks like r-8d2k1m0p');
/** `<prefix>-<base36>`, unique in its town; the prefix is the rig's (2 to 6 letters) or `hq`. */
export const beadIdSchema = z.string().regex(/^[a-z]{2,6}-[a-z0-9]{3,12}(\.[a-z0-9]{1,6})*$/, 'a bead id looks like web-3kf9');
/** Lower-case agent name, unique in its town: `toast`, `polecat-21`, `mayor`, `refinery-r-8d2k1m0p`. */
export const agentIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'an agent id looks like toast');
export const userIdSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._:@-]+$/);
export const ulidSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/);
export const shaSchema = z.string().regex(/^[0-9a-f]{40}$/, 'a full commit id of 40 hexadecimal digits');
/** A branch name without `refs/heads/`; the rules of git-check-ref-format that matter for us. */
export const branchSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?![-/.])(?!HEAD$)(?!.*\.\.)(?!.*\/[/.])(?!.*\.lock(?:\/|$))[A-Za-z0-9._/-]+(?<![/.])$/, 'a plain git branch name');
/** ISO 8601 in UTC, the one time format of the product (e.g. `2026-11-21T10:00:00.000Z`). */
export const isoTimeSchema = z.iso.datetime();
/** Milliseconds since the epoch, to the end of the year 9999: later ones cannot be written in the one time format. */
export const epochMsSchema = z.int().nonnegative().max(253_402_300_799_999);
/** A money amount in millionths of a US dollar. */
export const microUsdSchema = z.int().nonnegative();

/** Sizes in characters or bytes; a longer text goes to Files. Source: domain rules of the product; DynamoDB's item limit is 400 KB. */
export const limits = {
  titleCharacters: 500,
  /** Of a body that is kept with its item. */
  bodyBytes: 100 * 1024,
  /** Of a longer one, which is kept in Files; its item holds the first bytes. A Lambda takes and answers at most 6 MB. */
  wholeBodyBytes: 2 * 1024 * 1024,
  bodyStartBytes: 16 * 1024,
  metadataBytes: 16 * 1024,
  metadataDepth: 32,
  mailBodyBytes: 16 * 1024,
  feedbackBytes: 32 * 1024,
  chatBytes: 32 * 1024,
  commentBytes: 8 * 1024,
  labelCharacters: 80,
  labelsPerBead: 50,
  batchTasks: 250,
  convoyMembers: 500,
  convoyRigs: 40,
  pageItems: 100,
  changedPaths: 500,
  changedPathCharacters: 500,
  requestBytes: 3 * 1024 * 1024,
  jsonDepth: 64,
} as const;

/** Whether there is something more than `most` levels below the value. Level by level: what goes down recursively runs out of stack. */
export const isDeeperThan = (value: unknown, most: number): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
};

/** NUL ends a text early in files and processes; half a surrogate pair is no character and cannot be written as UTF-8. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
const isOneLine = (text: string): boolean => isStorable(text) && !/[\p{Cc}\u2028\u2029]/u.test(text);
const isProse = (text: string): boolean => isStorable(text) && !/(?![\n\r\t\u007f-\u009f])\p{Cc}/u.test(text);

const storableError = 'whole characters only, without NUL';
const lineError = 'one line of whole characters, without control characters';
// Texts that come in. What is stored is read by the `stored` forms, so that a stricter rule here never makes old items unreadable.
/** Names, labels, ids: one line without control characters. */
export const lineSchema = z.string().refine(isOneLine, { error: lineError });
/** Instructions, reasons, commands: several lines; of the control characters only line breaks and tabs. */
export const proseSchema = z
  .string()
  .refine(isProse, { error: 'whole characters only; of the control characters only line breaks and tabs' });
/** Bodies and chat, which may be copied from a terminal: everything but NUL and half surrogate pairs. */
export const freeTextSchema = z.string().refine(isStorable, { error: storableError });

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;
const atMostBytes = (schema: z.ZodString, maxBytes: number): z.ZodString =>
  schema.refine((text) => utf8Bytes(text) <= maxBytes, { error: `at most ${maxBytes} bytes` });
/** Text that comes in, limited by its UTF-8 size in bytes. */
export const textOfBytes = (maxBytes: number) => atMostBytes(freeTextSchema, maxBytes);
/** Text as it is stored, limited by its UTF-8 size in bytes. */
export const storedTextOfBytes = (maxBytes: number) => atMostBytes(z.string(), maxBytes);

/** One line: what cannot be part of a commit's subject becomes a space. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
/** Line breaks and tabs become a space: a title that was copied from two lines is still a title. */
const joinedLines = (text: string): string => text.replaceAll(/[\t\n\r\u0085\u2028\u2029]+/gu, ' ').trim();
const namedTitle = (schema: z.ZodString): z.ZodString => schema.min(1, 'a title is needed').max(limits.titleCharacters);
export const titleSchema = namedTitle(z.string().overwrite(joinedLines).refine(isOneLine, { error: lineError }));
/** Also for titles that the town makes of other texts. */
export const storedTitleSchema = namedTitle(z.string().overwrite(oneLine));
export const nameSchema = lineSchema.trim().min(1).max(80);
export const bodySchema = textOfBytes(limits.bodyBytes);
/** The body of a bead of work; what does not fit its item goes to Files. */
export const wholeBodySchema = textOfBytes(limits.wholeBodyBytes);
export const labelSchema = lineSchema.min(1).max(limits.labelCharacters);
export const storedLabelSchema = z.string().min(1).max(limits.labelCharacters);

type Json = z.core.util.JSONType;
const areTextsStorable = (value: Json): boolean => {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && areTextsStorable(inner));
};
export const storedMetadataSchema = z.record(z.string(), z.json());
/** Free JSON for callers, at most 16 KB; keys that start with `gt:` are the server's. The depth is looked at first, before anything recurses. */
export const metadataSchema = z.preprocess(
  (value: Readonly<Record<string, Json>>, context) => {
    if (isDeeperThan(value, limits.metadataDepth))
      context.addIssue({ code: 'custom', message: `metadata may be nested ${limits.metadataDepth} levels deep at most`, input: undefined });
    return value;
  },
  z
    .record(z.string().min(1).max(100), z.json())
    .refine((value) => utf8Bytes(JSON.stringify(value)) <= limits.metadataBytes, { error: 'metadata is limited to 16 KB' })
    .refine((value) => !Object.keys(value).some((key) => key.startsWith('gt:')), { error: 'keys that start with "gt:" are reserved' })
    .refine((value) => Object.keys(value).every(isOneLine), { error: `a key is ${lineError}` })
    .refine(areTextsStorable, { error: `keys and texts hold ${storableError}` }),
);

export const prioritySchema = z.enum(['low', 'medium', 'high', 'critical']);
export type Priority = z.infer<typeof prioritySchema>;
/** How the members of a convoy reach the target branch. */
export const mergeModeSchema = z.enum(['review-then-land', 'review-and-merge']);

/** Who did something; written as `user:<id>`, `agent:<id>`, `webhook:<host>`, `patrol:<rule>`, `runner:<town>`, `workflow:<name>`. */
export const principalSchema = z.string().regex(/^(user|agent|webhook|patrol|runner|workflow):[A-Za-z0-9._:@-]{1,128}$/);
export type Principal = z.infer<typeof principalSchema>;

/** A cursor is opaque to clients. */
export const cursorSchema = lineSchema.min(1).max(2000);
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageItems).optional(),
  cursor: cursorSchema.optional(),
});
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), cursor: cursorSchema.optional() });
