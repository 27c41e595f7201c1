// What the town remembers of a merge request's pull request: which it is, what it waits for, and what was made of its threads.
import { z } from 'zod';
import { mergeMethodSchema, pullRequestRefSchema } from './pull-request.schema.ts';
import { beadIdSchema, isoTimeSchema, limits, principalSchema, shaSchema, storedTextOfBytes } from './primitives.schema.ts';

/** A finding of a review at a place of the change. */
export const findingSchema = z.object({
  path: z.string().min(1).max(500),
  line: z.int().positive().optional(),
  text: storedTextOfBytes(4 * 1024),
});
export type Finding = z.infer<typeof findingSchema>;

/** Work that was made of the pull request. `answered`: the host has its answer. `failed`: its bead failed, people were told. */
export const feedbackEntrySchema = z.object({
  beadId: beadIdSchema,
  about: z.enum(['thread', 'review', 'checks', 'conflict']),
  /** The thread or review, and its newest comment when the bead was made. */
  threadId: z.string().max(200).optional(),
  commentId: z.string().max(200).optional(),
  /** Checks and conflicts: the head that they are about. */
  headSha: shaSchema.optional(),
  state: z.enum(['open', 'answered', 'failed']),
});
export type FeedbackEntry = z.infer<typeof feedbackEntrySchema>;
/** The oldest answered ones are forgotten. */
export const maxFeedbackEntries = 100;
/** With so many a person goes on: what was forgotten would be taken for new. */
export const manyFeedbackEntries = 80;

/** What people are shown of the last look, without the texts. */
export const pullRequestSightSchema = z.object({
  at: isoTimeSchema,
  headSha: shaSchema,
  draft: z.boolean(),
  mergeable: z.enum(['clean', 'conflict', 'unknown']),
  reviewDecision: z.enum(['approved', 'changes_requested', 'review_required', 'none']),
  approvals: z.int().nonnegative(),
  requiredApprovals: z.int().nonnegative(),
  openThreads: z.int().nonnegative(),
  failing: z.array(z.string().max(300)).max(10),
  pending: z.int().nonnegative(),
  passed: z.int().nonnegative(),
  /** Some page of threads or checks could not be read. */
  unchecked: z.boolean(),
});
export type PullRequestSight = z.infer<typeof pullRequestSightSchema>;

export const pullRequestWatchSchema = z.object({
  /** Absent: not opened yet. */
  ref: pullRequestRefSchema.optional(),
  /** Named by the agent that handed the work in; not looked at yet. */
  claimed: z.literal(true).optional(),
  /** The head that the town's own gates and review have passed. */
  checkedSha: shaSchema.optional(),
  /** A review of the refinery that the host does not have yet. */
  review: z
    .object({
      key: z.string().max(80),
      sha: shaSchema,
      event: z.enum(['approve', 'request_changes']),
      text: storedTextOfBytes(limits.feedbackBytes),
      comments: z.array(findingSchema).max(50),
    })
    .optional(),
  /** The refinery wants this head changed. */
  wanted: z.object({ sha: shaSchema, text: storedTextOfBytes(limits.feedbackBytes) }).optional(),
  entries: z.array(feedbackEntrySchema).max(maxFeedbackEntries).default([]),
  feedbackRounds: z.int().nonnegative().default(0),
  seen: pullRequestSightSchema.optional(),
  /** Sentences: what it waits for. */
  waitsFor: z.string().max(1000).optional(),
  /** Everything is good: a person, or the timer, merges it. */
  ready: z.literal(true).optional(),
  /** When the town merges it by itself if nothing changes, and the head that this is about. */
  mergeAt: isoTimeSchema.optional(),
  mergeAtSha: shaSchema.optional(),
  /** The host was asked to merge and the answer is not known yet. */
  merging: z.object({ sha: shaSchema, method: mergeMethodSchema, at: isoTimeSchema }).optional(),
  /** A person wants it merged now. */
  asked: z.object({ by: principalSchema, at: isoTimeSchema }).optional(),
  /** A person has stopped the automatic merge of this head. */
  heldBackSha: shaSchema.optional(),
  /** Looks in a row that failed, and why the last one did. */
  badPolls: z.int().nonnegative().default(0),
  lastError: z.string().max(1000).optional(),
});
export type PullRequestWatch = z.infer<typeof pullRequestWatchSchema>;
