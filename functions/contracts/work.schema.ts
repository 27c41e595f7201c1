// Bookkeeping items of a town's work partition: what can move now or later, slots, once-only marks. A pass reads these and what they name.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  branchSchema,
  epochMsSchema,
  isoTimeSchema,
  microUsdSchema,
  principalSchema,
  rigIdSchema,
  townIdSchema,
  ulidSchema,
  userIdSchema,
} from './primitives.schema.ts';

/**
 * Kinds of work items; `workId` is the rest of the key.
 * queue     `<rigId>#<convoyId or ->`     a ready queue that may hold beads (its entries are `ready` items)
 * flight    `<beadId>`                    an issue in_progress or in_review
 * merge     `<beadId>`                    a merge request to which no issue in review leads, or whose execution is watched
 * convoy    `<beadId>`                    a convoy whose progress must be counted, or that may land
 * release   `<beadId>`                    a closed or failed blocker whose dependents must be told; a convoy: a rig of it has landed
 * gate      `<beadId>`                    a bead whose children changed: who waits for them is looked at again
 * family    `<beadId>`                    a parent that begins or ceases to wait, which its children must know
 * follow    `<beadId>`                    a failed bead whose dependents and convoy must follow its successor
 * archive   `<convoyId>`, `closed`        beads that are put away or taken back, some in each pass; `data` is the task
 * delete    `<beadId>`                    a bead that is being removed with all that belongs to it; `data` is who asked
 * molecule  `<beadId>`                    a molecule whose issue or step beads have ended: it follows them, and they follow it
 * mail      `<beadId>`                    a message not yet delivered
 * escalation `<beadId>`                   an escalation that nobody has acknowledged; `data` says what it is about and since when
 * notify    `<escalationId>#<round>`      people are still to be told about this round of an escalation; `data` says who was
 * nudge     `<nudgeId>`                   a nudge not yet delivered; `data` is the nudge
 * mayor     `<userId>#<messageId>`        a message to the Mayor that has no answer yet
 * batch     `<convoyId>`                  a batch being created; it hides its items until it is removed
 * command   `<commandId>`                 a runner command that answers a person; those of workflows lie beside the work items themselves
 * breaker   `model`, `git`, … (blames)    failures in a row of something that every agent needs; `data` counts them
 * failures  `-`                           failures of the last half hour, in `data`: which bead, which agent (failure-log.ts)
 * triage    `<agentId>#<kind>`            an ambiguous case that the triage agent decides; `data` says what happened (triage.schema.ts)
 * triager   `-`                           when triage agents started lately, and when the next may (triage.ts)
 * branches  `<rigId>`                     branches of finished work may be on the remote; `data` names the command that is asked
 * runtime   `<townId>`                    the town is awake: its runtime is not absent, or something moves. The sweep finds it; flights and merges are not in its index
 * import    `<importId>`                  beads of a finished import that are released now; `data` says how far that is
 * removal   `<townId>`                    a deleted town that is being removed
 * spend     `<day>#<rigId or ->`          what a rig's agents have spent on a UTC day, added up by reports; over when the day is (`<day>#told`: what was said about it)
 * budget    `<beadId>`                    a bead or convoy that has used most of its budget; `costMicroUsd` is what it has spent in its life
 * stop      `<townId>`                    an emergency stop that holds: what runs is stopped, and looked at again and again
 */
export const workKindSchema = z.enum([
  'queue',
  'flight',
  'merge',
  'convoy',
  'release',
  'gate',
  'family',
  'follow',
  'archive',
  'delete',
  'molecule',
  'mail',
  'escalation',
  'notify',
  'nudge',
  'mayor',
  'batch',
  'command',
  'breaker',
  'failures',
  'triage',
  'triager',
  'branches',
  'runtime',
  'spend',
  'removal',
  'import',
  'budget',
  'stop',
]);
export type WorkKind = z.infer<typeof workKindSchema>;
/** Kinds that the sweep does not look for: the town's `runtime` item stands for them, and they change often. */
export const unsweptKinds: readonly WorkKind[] = ['flight', 'merge'];
export const workItemSchema = z.object({
  townId: townIdSchema,
  kind: workKindSchema,
  workId: z.string().min(1).max(400),
  /** When a pass has something to do here at the latest; the sweep finds overdue ones. */
  dueAtMs: epochMsSchema,
  /** It was due and nothing could be done: `dueAtMs` is when it is looked at again, and means no back-off (W2). */
  rests: z.literal(true).optional(),
  /** Changes with every write; a removal is conditional on the value that was read. */
  stamp: z.string().max(40),
  /** What the kind needs beside its id, e.g. the member ids of a batch as JSON. */
  data: z.string().max(60_000).optional(),
  /** Kinds `spend` and `budget`: money and tokens so far. */
  costMicroUsd: microUsdSchema.optional(),
  tokens: z.int().nonnegative().optional(),
});
export type WorkItem = z.infer<typeof workItemSchema>;

/** What an `archive` item has still to do. */
export const archiveTaskSchema = z.discriminatedUnion('of', [
  z.object({ of: z.literal('members'), archive: z.boolean(), from: z.int().nonnegative(), actor: principalSchema }),
  z.object({
    of: z.literal('closed'),
    type: z.enum(['issue', 'merge_request', 'convoy']),
    /** What was closed later stays. */
    before: isoTimeSchema,
    cursor: z.string().optional(),
    actor: principalSchema,
  }),
]);
export type ArchiveTask = z.infer<typeof archiveTaskSchema>;

/** One ready bead in its queue, ordered by priority (critical first), creation time, id. */
export const readyEntrySchema = z.object({
  townId: townIdSchema,
  rigId: rigIdSchema,
  /** Convoy id, or `-` for standalone beads. */
  queue: z.string(),
  /** `<priority rank 0-3>#<createdAt>#<beadId>`, for a convoy's member with its place in the plan before the id. */
  order: z.string(),
  beadId: beadIdSchema,
  notBeforeMs: epochMsSchema,
});
export type ReadyEntry = z.infer<typeof readyEntrySchema>;

/** A claimed place under a cap: `<rigId>#<n>` for polecats, `town#<n>` for the town. No item = free. */
export const slotSchema = z.object({
  townId: townIdSchema,
  slotId: z.string().min(1).max(300),
  holder: z.string().min(1).max(160),
  claimedAt: isoTimeSchema,
  /** Names this one claim; a town-wide slot `town#<n>` is held as long as the rig slot in its holder carries the same stamp. */
  stamp: z.string().max(40).optional(),
});
export type Slot = z.infer<typeof slotSchema>;

/** `<rule>#<subject>#<round>`: makes a creation happen once. */
export const onceMarkSchema = z.object({
  townId: townIdSchema,
  mark: z.string().min(1).max(300),
  createdAt: isoTimeSchema,
  deleteAfterEpochSeconds: z.int().positive(),
});
export type OnceMark = z.infer<typeof onceMarkSchema>;

/** The answer of a POST with an Idempotency-Key, stored in the effect's transaction. Scope = town id, or `user#<id>` for town creation. */
export const idempotencySchema = z.object({
  scope: z.string().min(1).max(160),
  key: z.string().min(1).max(200),
  requestHash: z.string(),
  status: z.int(),
  response: z.string(),
  deleteAfterEpochSeconds: z.int().positive(),
});
export type IdempotencyRecord = z.infer<typeof idempotencySchema>;

/** A merge train of one (rig, target): requests that wait for the push, and the execution that holds the slot. */
export const trainSchema = z.object({
  townId: townIdSchema,
  rigId: rigIdSchema,
  targetBranch: branchSchema,
  /** Number of the current or next execution of train.asl.json, never reused. */
  run: z.int().min(1),
  executionName: z.string().max(80).optional(),
  /** Request that the current execution carries. */
  currentMergeRequestId: beadIdSchema.optional(),
  queued: z.array(z.object({ mergeRequestId: beadIdSchema, at: isoTimeSchema })).max(200),
  pausedReason: z.string().max(1000).optional(),
  version: z.int().min(1),
  updatedAt: isoTimeSchema,
});
export type Train = z.infer<typeof trainSchema>;

/** When the town wakes up next; only pulled nearer by new work. */
export const alarmSchema = z.object({
  townId: townIdSchema,
  armedAtMs: epochMsSchema,
  generation: z.int().nonnegative(),
  lastPassAtMs: epochMsSchema.optional(),
  /** Nobody is judged lost before this: set after a gap in passes. */ judgeAfterMs: epochMsSchema.optional(),
  version: z.int().min(1),
});
export type AlarmItem = z.infer<typeof alarmSchema>;

/** A browser or runner on the WebSocket. */
export const connectionSchema = z.object({
  connectionId: z.string().min(1).max(200),
  kind: z.enum(['user', 'runner']),
  userId: userIdSchema.optional(),
  townId: townIdSchema.optional(),
  topics: z.array(z.string().max(100)).max(50),
  /** Grows with each change of the topics; absent before the first. */
  version: z.int().min(1).optional(),
  deleteAfterEpochSeconds: z.int().positive(),
});
export type Connection = z.infer<typeof connectionSchema>;
/** One-time key to open a WebSocket, 30 s. */
export const ticketSchema = z.object({
  ticketId: z.string().min(16).max(100),
  kind: z.enum(['user', 'runner']),
  userId: userIdSchema.optional(),
  townId: townIdSchema.optional(),
  expiresAtMs: epochMsSchema,
  deleteAfterEpochSeconds: z.int().positive(),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const sessionBatchSchema = z.object({
  townId: townIdSchema,
  agentId: agentIdSchema,
  epoch: z.int(),
  batchId: ulidSchema,
  parts: z.string(),
  beadId: beadIdSchema.optional(),
  at: isoTimeSchema,
  /** Set when it is written, by the town's `retention.transcriptsDays`. */
  deleteAfterEpochSeconds: z.int().positive().optional(),
});
export type SessionBatch = z.infer<typeof sessionBatchSchema>;
