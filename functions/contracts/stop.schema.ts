// The emergency stop of a town: who stopped it, what was stopped, and what was seen to have stopped.
import { z } from 'zod';
import { agentIdSchema, isoTimeSchema, principalSchema, proseSchema } from './primitives.schema.ts';

export const townStopSchema = z.object({
  at: isoTimeSchema,
  by: principalSchema,
  reason: z.string().max(500).optional(),
  /** Agents that had a process; their tools and pushes were refused from `at` on. */
  agents: z.array(agentIdSchema).max(200),
  /** The machine or task that was told to end. */
  runtime: z.string().max(500).optional(),
  /** Merge and train executions that were ended. */
  executions: z.array(z.string().max(80)).max(500),
  /** Runner commands that were called off. */
  commands: z.array(z.string().max(160)).max(500),
  /** When nothing of it was seen to run any more; absent while something still does. */
  verifiedAt: isoTimeSchema.optional(),
  stillRuns: z.array(z.string().max(600)).max(600),
});
export type TownStop = z.infer<typeof townStopSchema>;

export const stopRequestSchema = z.strictObject({ reason: proseSchema.trim().min(1).max(500).optional() });
export const resumedSchema = z.object({
  /** False: it was not stopped. */
  resumed: z.boolean(),
  /** The stop that ended. */
  stop: townStopSchema.optional(),
  /** Agents that go on where they were. */
  agents: z.array(agentIdSchema),
});
export type Resumed = z.infer<typeof resumedSchema>;
