// Beads: the one record primitive. Issues, merge requests, convoys, messages and escalations are beads with typed details.
import { z } from 'zod';
import { convoyDetailsSchema } from './convoy.schema.ts';
import { issueDetailsSchema } from './issue.schema.ts';
import { mergeRequestDetailsSchema } from './merge-request.schema.ts';
import { escalationDetailsSchema, messageDetailsSchema } from './message.schema.ts';
import { moleculeDetailsSchema } from './molecule.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  isoTimeSchema,
  limits,
  principalSchema,
  prioritySchema,
  rigIdSchema,
  storedLabelSchema,
  storedMetadataSchema,
  storedTextOfBytes,
  storedTitleSchema,
  townIdSchema,
  ulidSchema,
  userIdSchema,
} from './primitives.schema.ts';

export const beadTypeSchema = z.enum(['issue', 'message', 'escalation', 'merge_request', 'convoy', 'molecule', 'agent']);
export type BeadType = z.infer<typeof beadTypeSchema>;
export const beadStatusSchema = z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']);
export type BeadStatus = z.infer<typeof beadStatusSchema>;

/** Characters of the sentence that says why a bead failed. */
export const failureTextLimit = 2000;

/** Why a bead failed; required whenever the status becomes `failed`. */
export const failureSchema = z.object({
  code: z.string().min(1).max(64),
  message: z.string().min(1).max(failureTextLimit),
  details: z.json().optional(),
  source: z.string().max(128).optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** Where a body of more than 100 KB is: the item holds its beginning. */
export const bodyFileSchema = z.object({ fileId: ulidSchema, bytes: z.int().positive(), /** SHA-256. */ hash: z.string().max(64) });

export const plainDetailsSchema = z.object({ type: z.literal('agent') });

export const beadDetailsSchema = z.discriminatedUnion('type', [
  issueDetailsSchema,
  mergeRequestDetailsSchema,
  convoyDetailsSchema,
  messageDetailsSchema,
  escalationDetailsSchema,
  moleculeDetailsSchema,
  plainDetailsSchema,
]);
export type BeadDetails = z.infer<typeof beadDetailsSchema>;

export const beadSchema = z
  .object({
    townId: townIdSchema,
    beadId: beadIdSchema,
    type: beadTypeSchema,
    status: beadStatusSchema,
    title: storedTitleSchema,
    body: storedTextOfBytes(limits.bodyBytes),
    bodyFile: bodyFileSchema.optional(),
    rigId: rigIdSchema.optional(),
    parentId: beadIdSchema.optional(),
    assigneeAgentId: agentIdSchema.optional(),
    priority: prioritySchema,
    labels: z.array(storedLabelSchema).max(limits.labelsPerBead),
    metadata: storedMetadataSchema,
    details: beadDetailsSchema,
    requestedBy: userIdSchema,
    createdBy: principalSchema,
    dispatchAttempts: z.int().nonnegative(),
    lastDispatchAt: isoTimeSchema.optional(),
    openBlockers: z.int().nonnegative(),
    failure: failureSchema.optional(),
    held: z.boolean(),
    archivedAt: isoTimeSchema.optional(),
    supersedes: beadIdSchema.optional(),
    supersededBy: beadIdSchema.optional(),
    /** Some bead has this one as its parent; set once. */
    hasChildren: z.literal(true).optional(),
    /** Some bead waits for this one, or did: its end is told. Set once, with the first blocking edge towards it (domain/edges.ts). */
    awaited: z.literal(true).optional(),
    /** Its parent waits for something, or the parent's parent does. */
    parentBlocked: z.literal(true).optional(),
    /** It is being removed with all that belongs to it: no list and no read shows it any more. */
    deletingAt: isoTimeSchema.optional(),
    /** Optimistic lock: grows by one with each write. */
    version: z.int().min(1),
    createdAt: isoTimeSchema,
    updatedAt: isoTimeSchema,
    startedAt: isoTimeSchema.optional(),
    closedAt: isoTimeSchema.optional(),
    /** Newest change of the status; lists are in its order. Absent: it has the status it was made with. */
    statusAt: isoTimeSchema.optional(),
  })
  .refine((bead) => bead.details.type === bead.type, { error: 'details must be of the bead type', path: ['details', 'type'] })
  .refine((bead) => bead.status !== 'failed' || bead.failure !== undefined, { error: 'a failed bead has a failure', path: ['failure'] });
export type Bead = z.infer<typeof beadSchema>;
/** A bead narrowed to one type, e.g. `BeadOf<'issue'>`. */
export type BeadOf<T extends BeadDetails['type']> = Omit<Bead, 'type' | 'details'> & {
  type: T;
  details: Extract<BeadDetails, { type: T }>;
};
