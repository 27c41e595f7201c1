// Nudges: short words to a running agent. They pass by; what must last is mail.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  epochMsSchema,
  isoTimeSchema,
  principalSchema,
  storedTextOfBytes,
  textOfBytes,
  userIdSchema,
} from './primitives.schema.ts';

/**
 * When a nudge goes in. `wait-idle`: when the agent's turn has ended. `immediate`: at once; a turn that runs takes it up before its next model
 * call. `queue`: together with the next prompt that the agent gets anyway.
 */
export const nudgeModeSchema = z.enum(['wait-idle', 'immediate', 'queue']);
export type NudgeMode = z.infer<typeof nudgeModeSchema>;
export const nudgePrioritySchema = z.enum(['normal', 'urgent']);

export const nudgeBytes = 8 * 1024;
/** Half an hour, unless told. */
export const nudgeSeconds = { usual: 1800, least: 30, most: 86_400 } as const;

/** As it is stored in its work item. */
export const nudgeSchema = z.object({
  to: agentIdSchema,
  from: principalSchema,
  text: storedTextOfBytes(nudgeBytes),
  mode: nudgeModeSchema,
  priority: nudgePrioritySchema,
  requestedBy: userIdSchema,
  /** It is about this bead: said while that is on the agent's hook, and dropped afterwards. */
  beadId: beadIdSchema.optional(),
  /** Which rule says it, and in which tier; one of each waits for an agent at most. */
  tier: z.string().max(40).optional(),
  sentAtMs: epochMsSchema,
  expiresAtMs: epochMsSchema,
});
export type Nudge = z.infer<typeof nudgeSchema>;

export const nudgeShape = {
  text: textOfBytes(nudgeBytes).refine((text) => text.trim() !== '', { error: 'write something first' }),
  mode: nudgeModeSchema.optional(),
  priority: nudgePrioritySchema.optional(),
  expiresInSeconds: z.int().min(nudgeSeconds.least).max(nudgeSeconds.most).optional(),
};

/** What became of a nudge or of words to an agent, and a sentence that says so. */
export const sentNudgeSchema = z.object({
  /** `mail`: the Mayor reads mail. `mayor`: it was about the town, and stands in the sender's conversation with the Mayor. */
  sentAs: z.enum(['nudge', 'mail', 'mayor']),
  id: z.string(),
  to: agentIdSchema,
  expiresAt: isoTimeSchema.optional(),
  sentence: z.string(),
});
export type SentNudge = z.infer<typeof sentNudgeSchema>;
