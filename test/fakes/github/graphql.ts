// GraphQL by the name of the operation: answers the whole of what these operations may ask for, and lets the caller take what it wants.
import { z } from 'zod';
import { mustHave, permissionOf, repositoryFor } from './apps.ts';
import { decisions, headOf, mergeableOf, pullOf } from './pulls.ts';
import { threadOf } from './reviews.ts';
import { Refusal, isoOf } from './world.ts';
import type { Answer, Asked, FakePull, FakeRepository, FakeThread } from './world.ts';

const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).default({}) });
const error = (type: string, message: string): Answer => ({ status: 200, body: { data: null, errors: [{ type, message }] } });
const pageSize = 100;

interface Node {
  readonly [field: string]: unknown;
}
const connection = (nodes: readonly Node[], after: unknown): Node => {
  const from = typeof after === 'string' ? Number(after) : 0;
  const page = nodes.slice(from, from + pageSize);
  const next = from + page.length;
  return { totalCount: nodes.length, nodes: page, pageInfo: { hasNextPage: next < nodes.length, endCursor: String(next) } };
};
/** GraphQL names a bot without the suffix that REST gives it. */
const actor = (login: string): Node => ({ __typename: login.endsWith('[bot]') ? 'Bot' : 'User', login: login.replace(/\[bot\]$/, '') });
const association = (repository: FakeRepository, login: string): string => {
  if (login === repository.owner) return 'OWNER';
  return repository.people.has(login) ? 'COLLABORATOR' : 'NONE';
};

const commentsOf = (asked: Asked, thread: FakeThread, repository?: FakeRepository): Node =>
  connection(
    thread.comments.map((each) => ({
      id: `PRRC_${each.id}`,
      body: each.body,
      author: actor(each.login),
      authorAssociation: repository === undefined ? 'NONE' : association(repository, each.login),
      viewerDidAuthor: each.login === asked.token.login,
    })),
    null,
  );
const threadNode = (asked: Asked, repository: FakeRepository, thread: FakeThread): Node => ({
  id: thread.id,
  isResolved: thread.isResolved,
  isOutdated: thread.isOutdated,
  path: thread.path,
  line: thread.line,
  originalLine: thread.line,
  comments: commentsOf(asked, thread, repository),
});

const states = { true: 'MERGEABLE', false: 'CONFLICTING', null: 'UNKNOWN' } as const;
const decisionOf = (repository: FakeRepository, pull: FakePull): string | null => {
  const rule = repository.rules.get(pull.baseRef);
  if (rule === undefined || rule.requiredApprovals === 0) return null;
  const decided = decisions(repository, pull);
  if (decided.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  return decided.filter(({ state }) => state === 'APPROVED').length >= rule.requiredApprovals ? 'APPROVED' : 'REVIEW_REQUIRED';
};
const reviewNode = (asked: Asked, repository: FakeRepository, review: FakePull['reviews'][number]): Node => ({
  viewerDidAuthor: review.login === asked.token.login,
  id: `PRR_${review.id}`,
  databaseId: review.id,
  state: review.state,
  body: review.body,
  submittedAt: review.submittedAt,
  author: actor(review.login),
  authorAssociation: association(repository, review.login),
});

const pullNode = (
  asked: Asked,
  repository: FakeRepository,
  pull: FakePull,
  { variables, query }: { variables: Node; query: string },
): Node => {
  const reviews = pull.reviews.filter(({ state }) => !query.includes('states:') || state === 'CHANGES_REQUESTED' || state === 'DISMISSED');
  const rule = repository.rules.get(pull.baseRef);
  const baseSha = repository.git.headOf(pull.baseRef);
  const closedBy = pull.state === 'closed' && pull.merged === undefined ? [{ actor: actor(pull.author) }] : [];
  return {
    number: pull.number,
    url: `${asked.origin}/${repository.owner}/${repository.name}/pull/${pull.number}`,
    state: pull.merged === undefined ? pull.state.toUpperCase() : 'MERGED',
    title: pull.title,
    isDraft: pull.draft,
    createdAt: pull.createdAt,
    updatedAt: isoOf(asked.world),
    author: actor(pull.author),
    viewerDidAuthor: pull.author === asked.token.login,
    headRefName: pull.headRef,
    headRefOid: headOf(repository, pull),
    isCrossRepository: pull.headRepository.toLowerCase() !== `${repository.owner}/${repository.name}`.toLowerCase(),
    headRepository: { nameWithOwner: pull.headRepository },
    baseRefName: pull.baseRef,
    baseRef:
      baseSha === undefined
        ? null
        : {
            target: { oid: baseSha },
            refUpdateRule:
              rule?.kind === 'protection'
                ? { requiredApprovingReviewCount: rule.requiredApprovals, requiredStatusCheckContexts: rule.requiredChecks }
                : null,
          },
    mergeable: states[`${mergeableOf(repository, pull)}`],
    mergeCommit: pull.merged === undefined ? null : { oid: pull.merged.sha },
    mergedBy: pull.merged === undefined ? null : actor(pull.merged.by),
    reviewDecision: decisionOf(repository, pull),
    latestOpinionatedReviews: connection(
      decisions(repository, pull).map((review) => reviewNode(asked, repository, review)),
      null,
    ),
    reviews: connection(
      reviews.map((review) => reviewNode(asked, repository, review)),
      null,
    ),
    timelineItems: { nodes: closedBy },
    comments: connection(
      pull.comments.map((each) => ({ body: each.body, viewerDidAuthor: each.login === asked.token.login })),
      null,
    ),
    reviewThreads: connection(
      pull.threads.map((thread) => threadNode(asked, repository, thread)),
      variables['after'],
    ),
  };
};

const repositoryNode = (asked: Asked, repository: FakeRepository, fields: Node): Node => ({
  nameWithOwner: `${repository.owner}/${repository.name}`,
  isArchived: repository.isArchived,
  mergeCommitAllowed: repository.methods.includes('merge'),
  squashMergeAllowed: repository.methods.includes('squash'),
  rebaseMergeAllowed: repository.methods.includes('rebase'),
  viewerPermission: permissionOf(repository, asked.token).toUpperCase(),
  ...fields,
});

const text = (variables: Node, name: string): string => {
  const value = variables[name];
  return typeof value === 'string' ? value : '';
};

/** Answers 200 with `errors` where GitHub does. */
export const graphql = (asked: Asked): Answer => {
  const request = requestSchema.parse(asked.body);
  const { query, variables } = request;
  const operation = /^\s*(?:query|mutation)\s+(\w+)/.exec(query)?.[1];
  try {
    mustHave(asked.token, 'pull_requests', operation === 'reply' || operation === 'resolve' ? 'write' : 'read');
  } catch (refusal) {
    return error('FORBIDDEN', refusal instanceof Error ? refusal.message : 'Forbidden');
  }
  if (operation === 'thread' || operation === 'reply' || operation === 'resolve') {
    const thread = threadOf(asked, text(variables, 'threadId'));
    if (thread === undefined)
      return error('NOT_FOUND', `Could not resolve to a node with the global id of '${text(variables, 'threadId')}'.`);
    if (operation === 'thread')
      return { status: 200, body: { data: { node: { isResolved: thread.isResolved, comments: commentsOf(asked, thread) } } } };
    if (operation === 'reply')
      thread.comments.push({
        id: asked.world.nextId(),
        login: asked.token.login,
        body: text(variables, 'body'),
        createdAt: isoOf(asked.world),
      });
    else thread.isResolved = true;
    return { status: 200, body: { data: { [operation]: { clientMutationId: null } } } };
  }
  const path = `${text(variables, 'owner')}/${text(variables, 'name')}`;
  try {
    const repository = repositoryFor(asked, path);
    const pull =
      variables['number'] === undefined ? undefined : pullNode(asked, repository, pullOf(repository, Number(variables['number'])), request);
    return {
      status: 200,
      body: {
        data: {
          viewer: { login: asked.token.login },
          repository: repositoryNode(asked, repository, pull === undefined ? {} : { pullRequest: pull }),
        },
      },
    };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const what = refusal.status === 404 ? 'NOT_FOUND' : 'FORBIDDEN';
    return error(
      what,
      what === 'NOT_FOUND' ? `Could not resolve to a Repository or PullRequest with the name '${path}'.` : refusal.message,
    );
  }
};
