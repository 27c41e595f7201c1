// What is asked of GitHub's GraphQL, and the shape of its answers. Threads and whether they are resolved are told nowhere else.
import { z } from 'zod';
import { shaSchema } from '../../contracts/primitives.schema.ts';

const actor = z
  .object({ __typename: z.string().optional(), login: z.string() })
  .transform(({ __typename: kind, login }) => ({ isBot: kind === 'Bot', login }))
  .nullable();
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const comments = z.object({
  totalCount: z.int(),
  nodes: z.array(z.object({ id: z.string(), body: z.string(), author: actor, authorAssociation: z.string() })),
});
const threadSchema = z.object({
  id: z.string(),
  isResolved: z.boolean(),
  path: z.string(),
  line: z.int().nullable(),
  originalLine: z.int().nullable().optional(),
  comments,
});
export type Thread = z.infer<typeof threadSchema>;
const threadsSchema = z.object({ nodes: z.array(threadSchema), pageInfo });
const reviewSchema = z.object({
  id: z.string(),
  state: z.string(),
  body: z.string(),
  author: actor,
  authorAssociation: z.string(),
});
export type Review = z.infer<typeof reviewSchema>;
const reviews = z.object({ totalCount: z.int(), nodes: z.array(reviewSchema) });

const pullSchema = z.object({
  number: z.int(),
  url: z.string(),
  state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
  title: z.string(),
  isDraft: z.boolean(),
  updatedAt: z.string(),
  author: actor,
  viewerDidAuthor: z.boolean(),
  headRefName: z.string(),
  headRefOid: shaSchema,
  isCrossRepository: z.boolean(),
  baseRefName: z.string(),
  baseRef: z
    .object({
      target: z.object({ oid: shaSchema }).nullable(),
      refUpdateRule: z
        .object({
          requiredApprovingReviewCount: z.int().nullable(),
          requiredStatusCheckContexts: z.array(z.string().nullable()).nullable(),
        })
        .nullable(),
    })
    .nullable(),
  mergeable: z.enum(['MERGEABLE', 'CONFLICTING', 'UNKNOWN']),
  mergeCommit: z.object({ oid: shaSchema }).nullable(),
  mergedBy: actor,
  reviewDecision: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'REVIEW_REQUIRED']).nullable(),
  latestOpinionatedReviews: reviews,
  reviews,
  timelineItems: z.object({ nodes: z.array(z.object({ actor: actor.optional() })) }),
  reviewThreads: threadsSchema,
});
export type Pull = z.infer<typeof pullSchema>;
const repositorySchema = z.object({
  mergeCommitAllowed: z.boolean(),
  squashMergeAllowed: z.boolean(),
  rebaseMergeAllowed: z.boolean(),
});
export type RepositoryFlags = z.infer<typeof repositorySchema>;

const threadFields = `nodes { id isResolved path line originalLine comments(first: 100) {
  totalCount nodes { id body author { __typename login } authorAssociation } } } pageInfo { hasNextPage endCursor }`;
const reviewFields = `totalCount nodes { id state body author { __typename login } authorAssociation }`;

/** `$after` goes on with the threads. */
export const factsQuery = `query facts($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
    pullRequest(number: $number) {
      number url state title isDraft updatedAt author { __typename login } viewerDidAuthor headRefName headRefOid isCrossRepository baseRefName
      baseRef { target { oid } refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts } }
      mergeable mergeCommit { oid } mergedBy { __typename login } reviewDecision
      latestOpinionatedReviews(first: 100, writersOnly: true) { ${reviewFields} }
      reviews(first: 100, states: [CHANGES_REQUESTED, DISMISSED]) { ${reviewFields} }
      timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent { actor { __typename login } } } }
      reviewThreads(first: 100, after: $after) { ${threadFields} }
    }
  }
}`;
export const factsAnswer = z.object({
  viewer: z.object({ login: z.string() }),
  repository: repositorySchema.extend({ pullRequest: pullSchema.nullable() }).nullable(),
});

export const viewerQuery = `query viewer($owner: String!, $name: String!) {
  viewer { login }
  repository(owner: $owner, name: $name) { nameWithOwner mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed isArchived viewerPermission }
}`;
export const viewerAnswer = z.object({
  viewer: z.object({ login: z.string() }),
  repository: repositorySchema
    .extend({ nameWithOwner: z.string(), isArchived: z.boolean(), viewerPermission: z.string().nullable() })
    .nullable(),
});

const written = z.object({ nodes: z.array(z.object({ body: z.string(), viewerDidAuthor: z.boolean() })) });
/** What was said last: a text that is written again was written a short time ago. */
export const writtenQuery = `query written($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { viewerDidAuthor
    comments(last: 100) { nodes { body viewerDidAuthor } } reviews(last: 100) { nodes { body viewerDidAuthor } } } }
}`;
export const writtenAnswer = z.object({
  repository: z
    .object({ pullRequest: z.object({ viewerDidAuthor: z.boolean(), comments: written, reviews: written }).nullable() })
    .nullable(),
});

/** Tells nothing of what is no thread, or gone. */
export const threadQuery = `query thread($threadId: ID!) {
  node(id: $threadId) { ... on PullRequestReviewThread { isResolved comments(last: 100) { nodes { body viewerDidAuthor } } } }
}`;
export const threadAnswer = z.object({ node: z.object({ isResolved: z.boolean(), comments: written }).nullable() });
export const replyMutation = `mutation reply($threadId: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $threadId, body: $body }) { clientMutationId }
}`;
export const resolveMutation = `mutation resolve($threadId: ID!) {
  resolveReviewThread(input: { threadId: $threadId }) { clientMutationId }
}`;
