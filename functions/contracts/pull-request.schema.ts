// What a git host tells about a pull request. Every adapter says it in these words; rules know no host.
import { z } from 'zod';
import { branchSchema, isoTimeSchema, shaSchema } from './primitives.schema.ts';

export const mergeMethodSchema = z.enum(['squash', 'merge', 'rebase']);
export type MergeMethod = z.infer<typeof mergeMethodSchema>;

/** Which pull request. `repo` is its path on the host, e.g. `owner/name`, in lower case; it must be the rig's. */
export const pullRequestRefSchema = z.object({
  number: z.int().min(1),
  url: z.string().min(1).max(1000),
  repo: z.string().min(1).max(300),
});
export type PullRequestRef = z.infer<typeof pullRequestRefSchema>;

/** Texts of people are cut by the adapter to this many characters, log tails too (their end is kept). */
export const hostTextCharacters = 8000;
const hostText = z.string().max(hostTextCharacters);
const login = z.string().min(1).max(200);

/**
 * What somebody said and wants answered. `thread`: a conversation at a line, which can be resolved. `review`: the text of a review that asks
 * for changes; it counts as resolved once it is dismissed or the reviewer has decided otherwise. Other comments are not listed.
 */
export const reviewThreadSchema = z.object({
  id: z.string().min(1).max(200),
  kind: z.enum(['thread', 'review']),
  path: z.string().max(1000).optional(),
  line: z.int().positive().optional(),
  /** Of the first comment. */
  author: login,
  /** The first author may write to the repository. Only then does it make work. */
  canWrite: z.boolean(),
  /** All its comments of people who may write but our answers (what `replyAndResolve` wrote), oldest first, each with its author where there are several. A finding of our own review is no answer. */
  text: hostText,
  /** Of its newest comment of somebody who may write that is not our answer: a thread that goes on is work again, but not by a stranger's word. */
  lastCommentId: z.string().min(1).max(200),
  resolved: z.boolean(),
});
export type ReviewThread = z.infer<typeof reviewThreadSchema>;

/** A check run or a commit status of the head; a name that exists as both counts once per kind. */
export const pullRequestCheckSchema = z.object({
  name: z.string().min(1).max(300),
  /** `passed`: success, neutral, skipped. `failed`: failure, error, timed out, cancelled, stale, action required. */
  state: z.enum(['pending', 'passed', 'failed']),
  required: z.boolean(),
  url: z.string().max(1000).optional(),
  /** End of the failing job's log, where it can be read. */
  logTail: hostText.optional(),
});
export type PullRequestCheck = z.infer<typeof pullRequestCheckSchema>;

export const pullRequestFactsSchema = pullRequestRefSchema.extend({
  state: z.enum(['open', 'closed', 'merged']),
  title: z.string().max(1000),
  author: login,
  /** Opened by the account that asks: it cannot approve it. */
  authorIsSelf: z.boolean(),
  headBranch: branchSchema,
  headSha: shaSchema,
  /** When this head came to the host: without any check, none is expected some time after it. */
  headPushedAt: isoTimeSchema,
  /** Its head is a branch of another repository, whatever that branch is called. */
  isFork: z.boolean().optional(),
  baseBranch: branchSchema,
  /** Head of the base as the host sees it. */
  baseSha: shaSchema.optional(),
  draft: z.boolean(),
  /** `unknown`: the host has not worked it out yet. */
  mergeable: z.enum(['clean', 'conflict', 'unknown']),
  reviewDecision: z.enum(['approved', 'changes_requested', 'review_required', 'none']),
  requiredApprovals: z.int().nonnegative(),
  approvals: z.int().nonnegative(),
  threads: z.array(reviewThreadSchema).max(500),
  /** Every page was read. What was not read counts as unchecked, never as failing. */
  threadsComplete: z.boolean(),
  checks: z.array(pullRequestCheckSchema).max(500),
  /** Every page of check runs AND of commit statuses was read. */
  checksComplete: z.boolean(),
  /** Names of checks that must pass and have not begun are in `checks` as pending and required. */
  allowedMethods: z.array(mergeMethodSchema).max(3),
  /** With state `merged`: what is on the base now. */
  mergedSha: shaSchema.optional(),
  mergedBy: login.optional(),
  closedBy: login.optional(),
});
export type PullRequestFacts = z.infer<typeof pullRequestFactsSchema>;
