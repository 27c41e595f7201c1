// Triage: cases that no rule can decide. A request is a work item of kind `triage`; what the triage agent may do about it is one closed list.
import { z } from 'zod';
import { agentIdSchema, beadIdSchema, epochMsSchema } from './primitives.schema.ts';

/** `dirty`: a lost agent left work that was not committed · `stalled`: no activity for hours · `help`: it asked · `crash_loop`: it failed again and again. */
export const triageKindSchema = z.enum(['dirty', 'stalled', 'help', 'crash_loop']);
export type TriageKind = z.infer<typeof triageKindSchema>;

export const triageRequestSchema = z.object({
  kind: triageKindSchema,
  agentId: agentIdSchema,
  beadId: beadIdSchema.optional(),
  /** What happened, in plain words. */
  reason: z.string().max(2000),
  atMs: epochMsSchema,
  /** Epoch of the triage agent that was last asked, and how many were. */
  batch: z.int().nonnegative().optional(),
  tries: z.int().nonnegative().default(0),
});
export type TriageRequest = z.infer<typeof triageRequestSchema>;

/** Requests that may be open at once; what comes beyond is decided by the rules' own time limits. */
export const maxOpenTriage = 5;
