// What the product does on GitHub: opens, merges, comments, reviews, answers. Each may be repeated after an answer was lost.
import { z } from 'zod';
import { shaSchema } from '../../contracts/primitives.schema.ts';
import type { PullRequestRef } from '../../contracts/pull-request.schema.ts';
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import type { KeyedText, MergeAnswer, MergeCall, NewPullRequest, NewReview } from '../../pull-request-host.ts';
import { oneLineOf } from './answers.ts';
import type { GithubClient } from './client.ts';
import { shownLines } from './diff-lines.ts';
import { isReplied, isWritten, marked, markedReply } from './marks.ts';
import { replyMutation, resolveMutation, threadAnswer, threadQuery, writtenAnswer, writtenQuery } from './queries.ts';
import type { Asked } from './threads.ts';

const pullSchema = z.object({
  number: z.int().min(1),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullable().optional(),
  merge_commit_sha: z.string().nullable().optional(),
  head: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
  base: z.object({ ref: z.string() }),
});
type ListedPull = z.infer<typeof pullSchema>;
const anything = z.unknown();
const ofRepository = ({ address }: Asked): { owner: string; repo: string } => ({ owner: address.owner, repo: address.name });
const refOf = ({ address }: Asked, pull: ListedPull): PullRequestRef => ({ number: pull.number, url: pull.html_url, repo: address.repo });

/** Those of this repository's own branches only; GitHub answers with all where it does not understand the filter. */
const ofHead = async (client: GithubClient, asked: Asked, headBranch: string, state: 'open' | 'all'): Promise<readonly ListedPull[]> => {
  const parameters = { ...ofRepository(asked), head: `${asked.address.owner}:${headBranch}`, state, sort: 'created', direction: 'desc' };
  const { items } = await client.list(asked.asking, { route: 'GET /repos/{owner}/{repo}/pulls', parameters, item: pullSchema, pages: 1 });
  return items.filter(({ head }) => head.ref === headBranch && head.repo?.full_name.toLowerCase() === asked.address.repo);
};
const order = (pull: ListedPull): number => (pull.state === 'open' ? 0 : pull.merged_at === null || pull.merged_at === undefined ? 2 : 1);
export const findByHead = async (client: GithubClient, asked: Asked, headBranch: string): Promise<PullRequestRef | undefined> => {
  const pulls = await ofHead(client, asked, headBranch, 'all');
  const [found] = pulls.toSorted((one, other) => order(one) - order(other) || other.number - one.number);
  return found === undefined ? undefined : refOf(asked, found);
};
export const isInOpenPullRequest = async (client: GithubClient, asked: Asked, branch: string): Promise<boolean> => {
  if ((await ofHead(client, asked, branch, 'open')).length > 0) return true;
  const parameters = { ...ofRepository(asked), base: branch, state: 'open', per_page: 1 };
  const based = await client.ask(asked.asking, 'GET /repos/{owner}/{repo}/pulls', parameters, z.array(pullSchema));
  return based.some(({ base }) => base.ref === branch);
};

const openOne = async (client: GithubClient, asked: Asked, request: NewPullRequest): Promise<PullRequestRef | undefined> => {
  const pulls = await ofHead(client, asked, request.headBranch, 'open');
  const same = pulls.find(({ base }) => base.ref === request.baseBranch);
  return same === undefined ? undefined : refOf(asked, same);
};
/** GitHub leaves out people who cannot be assigned; an account that does not exist is refused, which is no reason to have no pull request. */
const assign = async (client: GithubClient, asked: Asked, number: number, assignee: string): Promise<void> => {
  const parameters = { ...ofRepository(asked), issue_number: number, assignees: [assignee] };
  await client.askOr(asked.asking, {
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees',
    parameters,
    schema: anything,
    expected: [403, 404, 422],
  });
};
export const open = async (client: GithubClient, asked: Asked, request: NewPullRequest): Promise<PullRequestRef> => {
  const before = await openOne(client, asked, request);
  if (before !== undefined) return before;
  const { headBranch: head, baseBranch: base, title, body, assignee } = request;
  const made = await client.askOr(asked.asking, {
    route: 'POST /repos/{owner}/{repo}/pulls',
    parameters: { ...ofRepository(asked), head, base, title: title.slice(0, 256), body },
    schema: pullSchema,
    expected: [422],
  });
  if (!made.ok) {
    // Somebody was faster, or an answer was lost.
    const found = /already exists/i.test(made.message) ? await openOne(client, asked, request) : undefined;
    if (found !== undefined) return found;
    throw new HostRefused(
      `${asked.asking.hostName} does not open a pull request from ${head} to ${base}: ${oneLineOf(made.message)}. Check that both branches are there and differ.`,
      'invalid',
    );
  }
  if (assignee !== undefined) await assign(client, asked, made.data.number, assignee);
  return refOf(asked, made.data);
};

const mergedSchema = z.object({ sha: shaSchema });
/** 405 and 409 have many reasons, told in words only; a pull request that is merged already is a success. */
export const merge = async (client: GithubClient, asked: Asked, call: MergeCall): Promise<MergeAnswer> => {
  const { number, sha, method, title, message } = call;
  const where = { ...ofRepository(asked), pull_number: number };
  const answer = await client.askOr(asked.asking, {
    route: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
    parameters: { ...where, sha, merge_method: method, commit_title: title, commit_message: message },
    schema: mergedSchema,
    expected: [405, 409, 422],
  });
  if (answer.ok) return { merged: true, sha: answer.data.sha };
  const pull = await client.ask(asked.asking, 'GET /repos/{owner}/{repo}/pulls/{pull_number}', where, pullSchema);
  const landed = shaSchema.safeParse(pull.merge_commit_sha);
  if (typeof pull.merged_at === 'string' && landed.success) return { merged: true, sha: landed.data };
  const said = oneLineOf(answer.message);
  if (/base branch was modified/i.test(said))
    throw new HostUnavailable(`${asked.asking.hostName}: ${said}.`, { reason: 'outage', retryAfterMs: 2000 });
  if (/head branch was modified|head sha|is out of date/i.test(said)) return { merged: false, reason: 'head_moved', message: `${said}.` };
  const isMethod = /merges? (?:commits? )?(?:are|is) not allowed|commits are not allowed|method/i.test(said);
  return { merged: false, reason: isMethod ? 'method_not_allowed' : 'not_mergeable', message: `${said}.` };
};

type Written = NonNullable<NonNullable<z.infer<typeof writtenAnswer>['repository']>['pullRequest']>;
const writtenOn = async (client: GithubClient, { asking, address }: Asked, number: number): Promise<Written> => {
  const variables = { owner: address.owner, name: address.name, number };
  const pull = (await client.graphql(asking, writtenQuery, variables, writtenAnswer)).repository?.pullRequest;
  if (pull === null || pull === undefined) throw new HostRefused(`There is no pull request ${number} in ${address.repo}.`, 'not_found');
  return pull;
};
export const comment = async (client: GithubClient, asked: Asked, { number, key, text }: KeyedText): Promise<void> => {
  if (isWritten((await writtenOn(client, asked, number)).comments.nodes, key)) return;
  const parameters = { ...ofRepository(asked), issue_number: number, body: marked(text, key) };
  await client.ask(asked.asking, 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', parameters, anything);
};

const fileSchema = z.object({ filename: z.string(), patch: z.string().optional() });
type Remark = NewReview['comments'][number];
/** Remarks at lines that the diff shows, and the rest as text. */
const placed = async (
  client: GithubClient,
  asked: Asked,
  review: NewReview,
): Promise<{ readonly at: readonly (Remark & { line: number })[]; readonly rest: readonly Remark[] }> => {
  if (!review.comments.some(({ line }) => line !== undefined)) return { at: [], rest: review.comments };
  const parameters = { ...ofRepository(asked), pull_number: review.number };
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
  const { items } = await client.list(asked.asking, { route, parameters, item: fileSchema, pages: 10 });
  const lines = new Map(items.map(({ filename, patch }) => [filename, shownLines(patch ?? '')]));
  const isShown = (remark: Remark): remark is Remark & { line: number } =>
    remark.line !== undefined && lines.get(remark.path)?.has(remark.line) === true;
  return { at: review.comments.filter(isShown), rest: review.comments.filter((remark) => !isShown(remark)) };
};
const inWords = ({ path, line, text }: Remark): string => `\n\n**${path}${line === undefined ? '' : `:${line}`}** — ${text}`;
const events = { approve: 'APPROVE', request_changes: 'REQUEST_CHANGES', comment: 'COMMENT' } as const;

export const review = async (client: GithubClient, asked: Asked, given: NewReview): Promise<void> => {
  const { reviews, viewerDidAuthor } = await writtenOn(client, asked, given.number);
  if (isWritten(reviews.nodes, given.key)) return;
  const { at, rest } = await placed(client, asked, given);
  const send = async (remarks: readonly (Remark & { line: number })[], words: readonly Remark[], event: keyof typeof events) =>
    client.askOr(asked.asking, {
      route: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      parameters: {
        ...ofRepository(asked),
        pull_number: given.number,
        commit_id: given.sha,
        event: events[event],
        body: marked(`${given.text}${words.map(inWords).join('')}`, given.key),
        comments: remarks.map(({ path, line, text }) => ({ path, line, side: 'RIGHT', body: text })),
      },
      schema: anything,
      expected: [422],
    });
  const first = await send(at, rest, viewerDidAuthor ? 'comment' : given.event);
  // What the diff shows may have changed since it was read, and some accounts may comment only.
  const second = first.ok ? first : await send([], given.comments, 'comment');
  if (!second.ok)
    throw new HostRefused(
      `${asked.asking.hostName} does not take a review of pull request ${given.number}: ${oneLineOf(second.message)}.`,
      'invalid',
    );
};

export const replyAndResolve = async (
  client: GithubClient,
  asked: Asked,
  reply: KeyedText & { readonly threadId: string; readonly kind: 'thread' | 'review' },
): Promise<void> => {
  if (reply.kind === 'review') {
    await comment(client, asked, reply);
    return;
  }
  const { threadId } = reply;
  try {
    const { node: thread } = await client.graphql(asked.asking, threadQuery, { threadId }, threadAnswer);
    if (thread === null) return;
    const isAnswered = isReplied(thread.comments.nodes, reply.key);
    if (!isAnswered && !thread.isResolved)
      await client.graphql(asked.asking, replyMutation, { threadId, body: markedReply(reply.text, reply.key) }, anything);
    if (!thread.isResolved) await client.graphql(asked.asking, resolveMutation, { threadId }, anything);
  } catch (error) {
    // It was removed with its pull request or its file.
    if (error instanceof HostRefused && error.code === 'not_found') return;
    throw error;
  }
};
