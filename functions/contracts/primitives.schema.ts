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
/** Milliseconds since the epoch. */
export const epochMsSchema = z.int().nonnegative();
/** A money amount in millionths of a US dollar. */
export const microUsdSchema = z.int().nonnegative();

/** Sizes in characters or bytes; a longer text goes to Files. Source: domain rules of the product; DynamoDB's item limit is 400 KB. */
export const limits = {
  titleCharacters: 500,
  bodyBytes: 100 * 1024,
  metadataBytes: 16 * 1024,
  mailBodyBytes: 16 * 1024,
  feedbackBytes: 32 * 1024,
  chatBytes: 32 * 1024,
  labelCharacters: 80,
  labelsPerBead: 50,
  batchTasks: 40,
  pageItems: 100,
  requestBytes: 1024 * 1024,
  jsonDepth: 64,
} as const;

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;
/** Text limited by its UTF-8 size in bytes. */
export const textOfBytes = (maxBytes: number) =>
  z.string().refine((text) => utf8Bytes(text) <= maxBytes, { error: `at most ${maxBytes} bytes` });

/** One line: what cannot be part of a commit's subject becomes a space. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
export const titleSchema = z.string().overwrite(oneLine).min(1, 'a title is needed').max(limits.titleCharacters);
export const bodySchema = textOfBytes(limits.bodyBytes);
export const labelSchema = z.string().min(1).max(limits.labelCharacters);
/** Free JSON for callers, at most 16 KB; keys that start with `gt:` are the server's. */
export const metadataSchema = z
  .record(z.string().min(1).max(100), z.json())
  .refine((value) => utf8Bytes(JSON.stringify(value)) <= limits.metadataBytes, { error: 'metadata is limited to 16 KB' })
  .refine((value) => !Object.keys(value).some((key) => key.startsWith('gt:')), { error: 'keys that start with "gt:" are reserved' });

export const prioritySchema = z.enum(['low', 'medium', 'high', 'critical']);
export type Priority = z.infer<typeof prioritySchema>;

/** Who did something; written as `user:<id>`, `agent:<id>`, `webhook:<host>`, `patrol:<rule>`, `runner:<town>`, `workflow:<name>`. */
export const principalSchema = z.string().regex(/^(user|agent|webhook|patrol|runner|workflow):[A-Za-z0-9._:@-]{1,128}$/);
export type Principal = z.infer<typeof principalSchema>;

/** A cursor is opaque to clients. */
export const cursorSchema = z.string().min(1).max(2000);
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageItems).optional(),
  cursor: cursorSchema.optional(),
});
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), cursor: cursorSchema.optional() });
