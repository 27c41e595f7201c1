// Beads: the one record primitive. Issues, merge requests, convoys, messages and escalations are beads with typed details.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  branchSchema,
  isoTimeSchema,
  limits,
  principalSchema,
  prioritySchema,
  rigIdSchema,
  shaSchema,
  storedLabelSchema,
  storedMetadataSchema,
  storedTextOfBytes,
  storedTitleSchema,
  townIdSchema,
  userIdSchema,
} from './primitives.schema.ts';

export const beadTypeSchema = z.enum(['issue', 'message', 'escalation', 'merge_request', 'convoy', 'molecule', 'agent']);
export type BeadType = z.infer<typeof beadTypeSchema>;
export const beadStatusSchema = z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']);
export type BeadStatus = z.infer<typeof beadStatusSchema>;

/** Why a bead failed; required whenever the status becomes `failed`. */
export const failureSchema = z.object({
  code: z.string().min(1).max(64),
  message: z.string().min(1).max(2000),
  details: z.json().optional(),
  source: z.string().max(128).optional(),
});
export type Failure = z.infer<typeof failureSchema>;

export const commitSchema = z.object({
  sha: shaSchema,
  message: z.string().max(5000),
  authorName: z.string().max(200),
  authorEmail: z.string().max(320),
  committerName: z.string().max(200),
  at: isoTimeSchema,
});
export type Commit = z.infer<typeof commitSchema>;

export const gateResultSchema = z.object({
  name: z.string().min(1).max(100),
  ok: z.boolean(),
  exitCode: z.int().nullable(),
  durationMs: z.int().nonnegative(),
  timedOut: z.boolean(),
  /** First and last part of the output, at most 8 KB together. */
  output: z.string().max(10_000),
});
export type GateResult = z.infer<typeof gateResultSchema>;

/**
 * What an issue is for. `work` ends in its own merge request; `rework`, `conflict`, `fixup` and `feedback` push to an existing
 * request's branch and close on that verified push; `no-code` closes when its agent says it is done.
 */
export const issueKindSchema = z.enum(['work', 'rework', 'conflict', 'fixup', 'feedback', 'no-code']);
export type IssueKind = z.infer<typeof issueKindSchema>;

export const issueDetailsSchema = z.object({
  type: z.literal('issue'),
  issueType: z.string().min(1).max(40),
  kind: issueKindSchema,
  convoyId: beadIdSchema.optional(),
  /** Branch that the work is merged into; the rig's default branch when the issue was dispatched. */
  targetBranch: branchSchema.optional(),
  /** Branch that the agent pushes to: its own, or the request's for rework and conflict beads. */
  branch: branchSchema.optional(),
  /** Commit from which the branch was cut, set at the first dispatch; dispatches of one bead keep it. */
  baseSha: shaSchema.optional(),
  /** Newest commit that the runner pushed upstream for this bead, with the epoch that pushed it. */
  pushed: z
    .object({ sha: shaSchema, baseSha: shaSchema, aheadBy: z.int().nonnegative(), epoch: z.int().nonnegative(), at: isoTimeSchema })
    .optional(),
  /** The merge request that this rework or conflict bead repairs. */
  mergeRequestId: beadIdSchema.optional(),
  /** Newest merge request made from this issue; a late result of an older one is recorded, not applied. */
  latestMergeRequestId: beadIdSchema.optional(),
  doneSummary: z.string().max(4000).optional(),
  /** Findings for rework, files for a conflict: what the agent must know, quoted as data in its prompt. */
  brief: storedTextOfBytes(limits.feedbackBytes).optional(),
  commits: z.array(commitSchema).max(50).default([]),
  checkpoint: storedTextOfBytes(8 * 1024).optional(),
  lastError: z.string().max(2000).optional(),
  /** Not before this time (back-off after a failed dispatch), ISO time. */
  notBefore: isoTimeSchema.optional(),
});
export type IssueDetails = z.infer<typeof issueDetailsSchema>;

export const mergeStageSchema = z.enum(['new', 'blocked', 'target_red', 'queued', 'pr_open', 'held']);
export type MergeStage = z.infer<typeof mergeStageSchema>;

/** A persisted push intention: `--force-with-lease=<ref>:<expectedOld>`; a resume reads the remote head first. */
export const pushIntentSchema = z.object({ targetBranch: branchSchema, expectedOld: shaSchema, newTip: shaSchema });
export type PushIntent = z.infer<typeof pushIntentSchema>;

export const verdictSchema = z.object({
  outcome: z.enum(['approved', 'changes']),
  summary: storedTextOfBytes(limits.feedbackBytes),
  files: z.array(z.string().max(500)).max(200).default([]),
  score: z.number().min(0).max(10).optional(),
  /** The reviewed tip: a verdict on another tip is not taken. */
  tip: shaSchema,
  by: principalSchema,
  at: isoTimeSchema,
});
export type Verdict = z.infer<typeof verdictSchema>;

export const mergeRequestDetailsSchema = z.object({
  type: z.literal('merge_request'),
  stage: mergeStageSchema,
  sourceBeadId: beadIdSchema,
  convoyId: beadIdSchema.optional(),
  branch: branchSchema,
  targetBranch: branchSchema,
  headSha: shaSchema,
  /** Number of the current or next execution of merge.asl.json, from 1, never reused. */
  attempt: z.int().min(1),
  executionName: z.string().max(80).optional(),
  /** The test merge under review: head of the target it was made on, and its tip. */
  prepared: z.object({ targetSha: shaSchema, tip: shaSchema, headSha: shaSchema }).optional(),
  gates: z.array(gateResultSchema).max(20).default([]),
  /** The head, target and verdict that gates passed on: the fast path of the train. */
  gatedOn: z.object({ targetSha: shaSchema, headSha: shaSchema, tip: shaSchema }).optional(),
  /** A review in progress: the workflow's task token waits for the verdict. */
  review: z
    .object({
      token: z.string().min(1).max(2000),
      tip: shaSchema,
      refineryId: agentIdSchema,
      verdict: verdictSchema.optional(),
      tokenTaken: z.boolean(),
    })
    .optional(),
  reworkRounds: z.int().nonnegative().default(0),
  conflictRounds: z.int().nonnegative().default(0),
  /** Executions in a row that ended without a result (M2). */
  failedAttempts: z.int().nonnegative().optional(),
  repairBeadId: beadIdSchema.optional(),
  lastResult: z
    .object({
      result: z.string().max(40),
      message: z.string().max(4000),
      at: isoTimeSchema,
      /** The execution that failed with it. */ executionName: z.string().max(80).optional(),
    })
    .optional(),
  /** When a rule may look again (back-off), ISO time. */
  notBefore: isoTimeSchema.optional(),
  push: pushIntentSchema.optional(),
  landedSha: shaSchema.optional(),
  commits: z.array(commitSchema).max(50).default([]),
});
export type MergeRequestDetails = z.infer<typeof mergeRequestDetailsSchema>;

export const mergeModeSchema = z.enum(['review-then-land', 'review-and-merge']);
export const convoyDetailsSchema = z.object({
  type: z.literal('convoy'),
  totalBeads: z.int().nonnegative(),
  closedBeads: z.int().nonnegative(),
  failedBeads: z.int().nonnegative(),
  mergeMode: mergeModeSchema,
  staged: z.boolean(),
  /** Beads in the order of creation; `tracks` edges say the same and are what other tools read. */
  memberIds: z.array(beadIdSchema).max(500),
  landedAt: isoTimeSchema.optional(),
});
export type ConvoyDetails = z.infer<typeof convoyDetailsSchema>;

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
export const plainDetailsSchema = z.object({ type: z.enum(['molecule', 'agent']) });

export const beadDetailsSchema = z.discriminatedUnion('type', [
  issueDetailsSchema,
  mergeRequestDetailsSchema,
  convoyDetailsSchema,
  messageDetailsSchema,
  escalationDetailsSchema,
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
    /** Optimistic lock: grows by one with each write. */
    version: z.int().min(1),
    createdAt: isoTimeSchema,
    updatedAt: isoTimeSchema,
    startedAt: isoTimeSchema.optional(),
    closedAt: isoTimeSchema.optional(),
  })
  .refine((bead) => bead.details.type === bead.type, { error: 'details must be of the bead type', path: ['details', 'type'] })
  .refine((bead) => bead.status !== 'failed' || bead.failure !== undefined, { error: 'a failed bead has a failure', path: ['failure'] });
export type Bead = z.infer<typeof beadSchema>;
/** A bead narrowed to one type, e.g. `BeadOf<'issue'>`. */
export type BeadOf<T extends BeadDetails['type']> = Omit<Bead, 'type' | 'details'> & {
  type: T;
  details: Extract<BeadDetails, { type: T }>;
};

export const dependencyTypeSchema = z.enum([
  'blocks',
  'conditional-blocks',
  'waits-for',
  'tracks',
  'parent-child',
  'related',
  'discovered-from',
  'duplicates',
  'supersedes',
  'replies-to',
]);
export type DependencyType = z.infer<typeof dependencyTypeSchema>;
/** `beadId` depends on `dependsOnId`. `resolved` is kept on blocking edges, in the transaction that lowers `openBlockers`. */
export const dependencySchema = z.object({
  townId: townIdSchema,
  beadId: beadIdSchema,
  dependsOnId: beadIdSchema,
  type: dependencyTypeSchema,
  resolved: z.boolean(),
  createdAt: isoTimeSchema,
});
export type Dependency = z.infer<typeof dependencySchema>;

export const eventTypeSchema = z.enum([
  'created',
  'fields_updated',
  'status_changed',
  'assigned',
  'hooked',
  'unhooked',
  'dependency_added',
  'dependency_removed',
  'dispatched',
  'dispatch_failed',
  'agent_started',
  'agent_exited',
  'agent_status',
  'done',
  'review_submitted',
  'review_completed',
  'rework_requested',
  'gate_result',
  'pr_created',
  'pr_feedback',
  'pr_conflict',
  'merged',
  'merge_failed',
  'mail_sent',
  'mail_delivered',
  'nudge_queued',
  'nudge_delivered',
  'escalated',
  'acknowledged',
  're_escalated',
  'notification_failed',
  'triage_requested',
  'triage_resolved',
  'convoy_started',
  'convoy_progress',
  'convoy_landed',
  'molecule_advanced',
  'budget_warned',
  'budget_stopped',
  'archived',
  'unarchived',
  'comment',
  'wasteland_synced',
  'town_created',
  'rig_connected',
  'config_changed',
  'runtime_started',
  'runtime_stopped',
  'mayor_message',
]);
export type EventType = z.infer<typeof eventTypeSchema>;

/** One event per transaction. `id` is a ULID; readers re-read 60 s before their cursor and de-duplicate by id. */
export const eventSchema = z.object({
  townId: townIdSchema,
  eventId: z.string(),
  type: eventTypeSchema,
  beadId: beadIdSchema.optional(),
  agentId: agentIdSchema.optional(),
  rigId: rigIdSchema.optional(),
  convoyId: beadIdSchema.optional(),
  old: z.string().max(2000).optional(),
  new: z.string().max(2000).optional(),
  actor: principalSchema,
  /** Small facts of this event type; large payloads go to Files. */
  data: z.record(z.string(), z.json()),
  at: isoTimeSchema,
});
export type TownEvent = z.infer<typeof eventSchema>;
