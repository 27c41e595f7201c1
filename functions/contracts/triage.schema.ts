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
/** Requests that one triage agent is given. */
export const triageBatch = 20;

/** The one list: offered in the prompt, accepted by the tool, carried out by the resolver. The sentence says what really happens. */
export const triageActions = {
  RESTART: 'The same agent starts again now, with its conversation and its bead. Refused when no place is free.',
  RESTART_WITH_BACKOFF: 'The bead waits a while, then the same agent gets it again if it is free.',
  REASSIGN: 'The bead goes to another agent, at once.',
  CLOSE_BEAD: 'The bead ends here: closed when it needs no code, else failed with your notes as the reason.',
  ESCALATE: 'People are asked, with your notes as the question.',
  NUDGE: 'The agent gets a short message to go on; a stalled one is started again for it.',
  PROVIDE_GUIDANCE: 'The agent gets your notes as a message; when nobody has the bead, the notes wait on it for the next one.',
  DISCARD: 'What was not pushed is given up: the bead starts over with the next agent.',
} as const;
export type TriageAction = keyof typeof triageActions;
export const triageActionSchema = z.enum(Object.keys(triageActions) as [TriageAction, ...TriageAction[]]);
