// Details of messages and escalations.
import { z } from 'zod';
import { beadIdSchema, isoTimeSchema, principalSchema } from './primitives.schema.ts';

export const messageDetailsSchema = z.object({
  type: z.literal('message'),
  from: principalSchema,
  /** An agent id, `role:<role>`, or `user:<id>`. */
  to: z.string().min(1).max(140),
  threadId: z.string().max(64).optional(),
  deliveredAt: isoTimeSchema.optional(),
});
export const escalationDetailsSchema = z.object({
  type: z.literal('escalation'),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  category: z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate', 'lifecycle', 'merge_conflict', 'budget']),
  source: principalSchema,
  aboutBeadId: beadIdSchema.optional(),
  acknowledgedAt: isoTimeSchema.optional(),
  acknowledgedBy: principalSchema.optional(),
});
