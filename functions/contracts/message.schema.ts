// Details of messages and escalations.
import { z } from 'zod';
import { agentIdSchema, beadIdSchema, isoTimeSchema, principalSchema, storedMetadataSchema } from './primitives.schema.ts';

export const messageDetailsSchema = z.object({
  type: z.literal('message'),
  from: principalSchema,
  /** An agent id, `role:<role>`, `queue:<role or name>`, or `user:<id>`. */
  to: z.string().min(1).max(140),
  /** The group of which `to` is one reader. */
  sentTo: z.string().max(1000).optional(),
  threadId: z.string().max(64).optional(),
  /** The message that this one answers. */
  repliesTo: beadIdSchema.optional(),
  /** Who took it from a role or a queue. */
  takenBy: agentIdSchema.optional(),
  deliveredAt: isoTimeSchema.optional(),
  /** False: it waits until its reader runs for another reason. */
  wakes: z.literal(false).optional(),
});
export const escalationDetailsSchema = z.object({
  type: z.literal('escalation'),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  category: z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate', 'lifecycle', 'merge_conflict', 'budget']),
  source: principalSchema,
  aboutBeadId: beadIdSchema.optional(),
  /** What its author knows about it, as data. */
  context: storedMetadataSchema.optional(),
  /** How often it was raised because nobody had acknowledged it, and when last. */
  rounds: z.int().nonnegative().optional(),
  raisedAt: isoTimeSchema.optional(),
  /** Why it closed by itself. */
  settled: z.string().max(500).optional(),
  acknowledgedAt: isoTimeSchema.optional(),
  acknowledgedBy: principalSchema.optional(),
});
