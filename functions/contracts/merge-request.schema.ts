// Details of a merge request, its review and its push.
import { z } from 'zod';
import { commitSchema, gateResultSchema } from './commit.schema.ts';
import { findingSchema, pullRequestWatchSchema } from './pull-request-watch.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  branchSchema,
  isoTimeSchema,
  limits,
  principalSchema,
  shaSchema,
  storedTextOfBytes,
} from './primitives.schema.ts';

export const mergeStageSchema = z.enum(['new', 'blocked', 'target_red', 'queued', 'pr_open', 'held']);
export type MergeStage = z.infer<typeof mergeStageSchema>;

/** A persisted push intention: `--force-with-lease=<ref>:<expectedOld>`; a resume reads the remote head first. */
export const pushIntentSchema = z.object({ targetBranch: branchSchema, expectedOld: shaSchema, newTip: shaSchema });
export type PushIntent = z.infer<typeof pushIntentSchema>;

export const verdictSchema = z.object({
  outcome: z.enum(['approved', 'changes']),
  summary: storedTextOfBytes(limits.feedbackBytes),
  files: z.array(z.string().max(500)).max(200).default([]),
  /** Findings at lines: threads of the pull request, where there is one. */
  comments: z.array(findingSchema).max(50).optional(),
  score: z.number().min(0).max(10).optional(),
  /** The reviewed tip: a verdict on another tip is not taken. */
  tip: shaSchema,
  by: principalSchema,
  at: isoTimeSchema,
});
export type Verdict = z.infer<typeof verdictSchema>;

export const mergeRequestDetailsSchema = z.object({
  type: z.literal('merge_request'),
  /** `landing`: brings a convoy's feature branch to the rig's default branch; its source is the convoy. Absent: the work of one issue. */
  kind: z.enum(['landing']).optional(),
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
  prepared: z
    .object({
      targetSha: shaSchema,
      tip: shaSchema,
      headSha: shaSchema,
      /** Gates passed on it. */ gated: z.literal(true).optional(),
    })
    .optional(),
  gates: z.array(gateResultSchema).max(20).default([]),
  /** What gates passed on in an earlier attempt: the fast path of the train. */
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
  /** Head of the target before that. */
  landedOnto: shaSchema.optional(),
  /** With strategy `pr`. */
  pullRequest: pullRequestWatchSchema.optional(),
  commits: z.array(commitSchema).max(50).default([]),
});
export type MergeRequestDetails = z.infer<typeof mergeRequestDetailsSchema>;
