// Details of messages and escalations.
import { z } from 'zod';
import { agentIdSchema, beadIdSchema, isoTimeSchema, principalSchema, rigIdSchema, storedMetadataSchema } from './primitives.schema.ts';

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
/** What a rule of the town tells of; when that is over, the escalation closes by itself. */
export const escalationCauseSchema = z.discriminatedUnion('of', [
  /** Something that every agent needs has failed several times in a row. */
  z.object({ of: z.literal('breaker'), name: z.string().max(40) }),
  /** Many different beads failed one after the other. */
  z.object({ of: z.literal('beads') }),
  z.object({ of: z.literal('runtime') }),
  z.object({ of: z.literal('hours') }),
  /** `day`: of a budget that begins anew every UTC day. */
  z.object({
    of: z.literal('budget'),
    scope: z.string().max(200),
    level: z.enum(['warned', 'asked', 'stopped']),
    day: z.string().max(8).optional(),
  }),
  /** Failed members of the convoy that it is about. */
  z.object({ of: z.literal('members') }),
  /** Nothing of the convoy could start when so many of its beads were closed. */
  z.object({ of: z.literal('stuck'), closed: z.int().nonnegative() }),
  z.object({ of: z.literal('landing'), rigId: rigIdSchema, givenUp: z.boolean() }),
  /** The bead that it is about is held until somebody releases it. */
  z.object({ of: z.literal('held') }),
  z.object({ of: z.literal('review') }),
]);
export type EscalationCause = z.infer<typeof escalationCauseSchema>;
export const escalationDetailsSchema = z.object({
  type: z.literal('escalation'),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  category: z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate', 'lifecycle', 'merge_conflict', 'budget']),
  source: principalSchema,
  aboutBeadId: beadIdSchema.optional(),
  cause: escalationCauseSchema.optional(),
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
