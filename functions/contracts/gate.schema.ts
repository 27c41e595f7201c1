// A gate: a command that must succeed before work is called done or merged.
import { z } from 'zod';
import { lineSchema, proseSchema } from './primitives.schema.ts';

export const gateSchema = z.strictObject({
  name: lineSchema.min(1).max(60),
  /** One shell command line, run in the root of a clean checkout. */
  command: proseSchema.min(1).max(2000),
  timeoutSeconds: z.int().min(1).max(3600).default(600),
  phase: z.enum(['polecat', 'merge', 'both']).default('both'),
});
export const storedGateSchema = gateSchema.extend({ name: z.string().min(1).max(60), command: z.string().min(1).max(2000) });
export type Gate = z.infer<typeof storedGateSchema>;
