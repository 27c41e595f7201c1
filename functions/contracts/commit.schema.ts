// Commits and gate results as beads keep them.
import { z } from 'zod';
import { isoTimeSchema, shaSchema } from './primitives.schema.ts';

export const commitSchema = z.object({
  sha: shaSchema,
  message: z.string().max(5000),
  authorName: z.string().max(200),
  authorEmail: z.string().max(320),
  committerName: z.string().max(200),
  at: isoTimeSchema,
});
export type Commit = z.infer<typeof commitSchema>;

export const gateResultSchema = z.object({
  name: z.string().min(1).max(100),
  ok: z.boolean(),
  exitCode: z.int().nullable(),
  durationMs: z.int().nonnegative(),
  timedOut: z.boolean(),
  /** First and last part of the output, at most 8 KB together. */
  output: z.string().max(10_000),
});
export type GateResult = z.infer<typeof gateResultSchema>;
