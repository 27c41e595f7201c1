// Everything about one pull request, read in few requests.
import { z } from 'zod';
import { pullRequestFactsSchema } from '../../contracts/pull-request.schema.ts';
import type { MergeMethod, PullRequestFacts } from '../../contracts/pull-request.schema.ts';
import { HostRefused } from '../../host-errors.ts';
import type { Clock } from '../../ports.ts';
import { branchRules, createChecksReader } from './checks.ts';
import type { BranchRules, ChecksRead } from './checks.ts';
import type { GithubClient } from './client.ts';
import { createMemory } from './memory.ts';
import { factsAnswer, factsQuery } from './queries.ts';
import type { Pull, RepositoryFlags, Review } from './queries.ts';
import { askWriter, everyThread, feedbackOf } from './threads.ts';
import type { Asked } from './threads.ts';

const rememberedMs = 5 * 60_000;

/** In the order of preference where a caller has none. */
export const methodsOf = (flags: RepositoryFlags, limited?: readonly MergeMethod[]): MergeMethod[] => {
  const allowed: Readonly<Record<MergeMethod, boolean>> = {
    squash: flags.squashMergeAllowed,
    merge: flags.mergeCommitAllowed,
    rebase: flags.rebaseMergeAllowed,
  };
  return (['squash', 'merge', 'rebase'] as const).filter((method) => allowed[method] && (limited?.includes(method) ?? true));
};

const mergeables = { MERGEABLE: 'clean', CONFLICTING: 'conflict', UNKNOWN: 'unknown' } as const;
const statesOf = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;
const decisionOf = (pull: Pull, opinions: readonly Review[]): PullRequestFacts['reviewDecision'] => {
  if (pull.reviewDecision === 'CHANGES_REQUESTED' || opinions.some(({ state }) => state === 'CHANGES_REQUESTED'))
    return 'changes_requested';
  if (pull.reviewDecision === 'APPROVED') return 'approved';
  return pull.reviewDecision === 'REVIEW_REQUIRED' ? 'review_required' : 'none';
};
const oneTimeFormat = (text: string): string => new Date(text).toISOString();
const loginOf = (field: 'mergedBy' | 'closedBy', login: string | undefined): Partial<Record<'mergedBy' | 'closedBy', string>> =>
  login === undefined ? {} : { [field]: login };

interface Read {
  readonly pull: Pull;
  readonly flags: RepositoryFlags;
  readonly rules: BranchRules;
  readonly checks: ChecksRead;
  readonly threads: PullRequestFacts['threads'];
  readonly threadsComplete: boolean;
  readonly headPushedAt: string;
}
const assembled = (repo: string, read: Read): PullRequestFacts => {
  const { pull, rules } = read;
  const opinions = pull.latestOpinionatedReviews.nodes;
  const baseSha = pull.baseRef?.target?.oid;
  return {
    number: pull.number,
    url: pull.url,
    repo,
    state: statesOf[pull.state],
    title: pull.title.slice(0, 1000),
    author: pull.author?.login ?? 'ghost',
    authorIsSelf: pull.viewerDidAuthor,
    headBranch: pull.headRefName,
    headSha: pull.headRefOid,
    headPushedAt: read.headPushedAt,
    ...(pull.isCrossRepository ? { isFork: true } : {}),
    baseBranch: pull.baseRefName,
    ...(baseSha === undefined ? {} : { baseSha }),
    draft: pull.isDraft,
    mergeable: mergeables[pull.mergeable],
    reviewDecision: decisionOf(pull, opinions),
    requiredApprovals: Math.max(pull.baseRef?.refUpdateRule?.requiredApprovingReviewCount ?? 0, rules.requiredApprovals),
    approvals: opinions.filter(({ state }) => state === 'APPROVED').length,
    threads: read.threads,
    threadsComplete: read.threadsComplete,
    checks: read.checks.checks,
    checksComplete: read.checks.complete,
    allowedMethods: methodsOf(read.flags, rules.methods),
    ...(pull.state === 'MERGED' ? { mergedSha: pull.mergeCommit?.oid ?? pull.headRefOid } : {}),
    ...loginOf('mergedBy', pull.state === 'MERGED' ? pull.mergedBy?.login : undefined),
    ...loginOf('closedBy', pull.state === 'CLOSED' ? pull.timelineItems.nodes[0]?.actor?.login : undefined),
  };
};

const activitySchema = z.array(z.object({ after: z.string(), timestamp: z.string() }));
/** When the head came: by the host's record of pushes, else the last change of the pull request, which is not before it. */
const pushedAt = async (client: GithubClient, { asking, address }: Asked, pull: Pull): Promise<string> => {
  const answer = await client.askOr(asking, {
    route: 'GET /repos/{owner}/{repo}/activity',
    parameters: { owner: address.owner, repo: address.name, ref: `refs/heads/${pull.headRefName}`, per_page: 10 },
    schema: activitySchema,
    expected: [403, 404, 422],
  });
  const push = answer.ok ? answer.data.find(({ after }) => after === pull.headRefOid) : undefined;
  return oneTimeFormat(push?.timestamp ?? pull.updatedAt);
};

export type FactsReader = (asked: Asked, number: number) => Promise<PullRequestFacts>;
export const createFactsReader = (client: GithubClient, clock: Clock): FactsReader => {
  const checksOf = createChecksReader(client, clock);
  const forAWhile = { most: 500, freshUntilMs: (_value: unknown, madeAtMs: number) => madeAtMs + rememberedMs };
  const writers = createMemory<boolean>(clock, forAWhile);
  const rulesOf = createMemory<BranchRules>(clock, forAWhile);
  const pushes = createMemory<string>(clock, { most: 500, freshUntilMs: () => Number.POSITIVE_INFINITY });
  return async (asked, number) => {
    const { asking, address } = asked;
    const where = `${asking.apiUrl} ${address.repo}`;
    const variables = { owner: address.owner, name: address.name, number };
    const { viewer, repository } = await client.graphql(asking, factsQuery, variables, factsAnswer);
    const pull = repository?.pullRequest;
    if (repository === null || pull === null || pull === undefined)
      throw new HostRefused(`There is no pull request ${number} in ${address.repo}.`, 'not_found');
    const [rules, read, headPushedAt] = await Promise.all([
      rulesOf.get(`${where} ${pull.baseRefName}`, () => branchRules(client, asked, pull.baseRefName)),
      everyThread(client, asked, pull),
      pushes.get(`${where} ${pull.headRefOid}`, () => pushedAt(client, asked, pull)),
    ]);
    const classic = pull.baseRef?.refUpdateRule?.requiredStatusCheckContexts ?? [];
    const required = new Set([...rules.requiredChecks, ...classic.filter((name) => name !== null)]);
    const isWriter = (login: string): Promise<boolean> => writers.get(`${where} ${login}`, () => askWriter(client, asked, login));
    const [checks, threads] = await Promise.all([
      checksOf(asked, pull.headRefOid, required),
      feedbackOf({ threads: read.threads, pull, viewer: viewer.login }, isWriter),
    ]);
    const reviewsRead = [pull.reviews, pull.latestOpinionatedReviews].every(({ totalCount, nodes }) => totalCount <= nodes.length);
    const threadsComplete = read.complete && reviewsRead;
    const facts = assembled(address.repo, { pull, flags: repository, rules, checks, threads, threadsComplete, headPushedAt });
    const known = pullRequestFactsSchema.safeParse(facts);
    if (known.success) return known.data;
    const [issue] = known.error.issues;
    throw new HostRefused(
      `Pull request ${number} of ${address.repo} cannot be watched: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
      'invalid',
    );
  };
};
