// What search keeps of a town's past: small documents in the order of time, who was in which folder, and notes that agents leave on files.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  isoTimeSchema,
  lineSchema,
  principalSchema,
  rigIdSchema,
  townIdSchema,
  ulidSchema,
} from './primitives.schema.ts';

/** A file of a repository, or a folder (ends with a slash), from the repository's top. */
export const filePathSchema = z.string().min(1).max(300);
/** `./` is the repository as a whole. */
const isPlainPath = (path: string): boolean =>
  path === './' || (!path.startsWith('/') && !path.split('/').some((part) => part === '..' || part === '.') && !path.includes('\\'));
/** A path that comes in. */
export const pathInputSchema = lineSchema.min(1).max(300).refine(isPlainPath, {
  error: 'a path from the top of the repository, such as src/billing/ or src/app.ts',
});

/** Talk is long and of little use later; it lies apart, so that nobody reads through it to find work. */
export const shelfSchema = z.enum(['work', 'talk']);
export type Shelf = z.infer<typeof shelfSchema>;
/** bead: what was asked for · commit: what was done · event: what was said or went wrong · transcript: what an agent said · note: left on files. */
export const historyKindSchema = z.enum(['bead', 'commit', 'event', 'transcript', 'note']);
export type HistoryKind = z.infer<typeof historyKindSchema>;

/** One unit of the table each: whatever does not fit is left out of the words. */
export const historySchema = z.object({
  townId: townIdSchema,
  shelf: shelfSchema,
  at: isoTimeSchema,
  kind: historyKindSchema,
  /** Of the bead, event or note; of a transcript `<agent>/<epoch>/<batch>`. */
  id: z.string().min(1).max(200),
  title: z.string().max(200),
  /** Distinct words in the form in which they are looked for. */
  words: z.string().max(1000),
  beadId: beadIdSchema.optional(),
  agentId: agentIdSchema.optional(),
  rigId: rigIdSchema.optional(),
  files: z.array(filePathSchema).max(40).optional(),
  /** Of what it is made from; an older one never replaces a newer one. */
  version: z.int().min(1),
  deleteAfterEpochSeconds: z.int().positive().optional(),
});
export type HistoryDocument = z.infer<typeof historySchema>;

/** Who was in one folder last, newest first, and which notes lie there. */
export const traceSchema = z.object({
  townId: townIdSchema,
  rigId: rigIdSchema,
  /** Without a slash at the end; `.` is the top. */
  folder: z.string().min(1).max(300),
  touches: z
    .array(
      z.object({
        beadId: beadIdSchema,
        agentId: agentIdSchema.optional(),
        at: isoTimeSchema,
        /** Names in the folder; none: there were too many to name. */
        files: z.array(z.string().max(300)).max(40),
      }),
    )
    .max(20),
  notes: z.array(z.object({ noteId: ulidSchema, files: z.array(z.string().max(300)).max(10) })).max(8),
  version: z.int().min(1),
  /** A folder in which nothing happens for long is forgotten. */
  deleteAfterEpochSeconds: z.int().positive(),
});
export type Trace = z.infer<typeof traceSchema>;

export const noteSchema = z.object({
  townId: townIdSchema,
  noteId: ulidSchema,
  rigId: rigIdSchema,
  paths: z.array(filePathSchema).min(1).max(10),
  text: z.string().max(2048),
  by: principalSchema,
  /** What its writer worked on. */
  beadId: beadIdSchema.optional(),
  at: isoTimeSchema,
  deleteAfterEpochSeconds: z.int().positive(),
});
export type Note = z.infer<typeof noteSchema>;
