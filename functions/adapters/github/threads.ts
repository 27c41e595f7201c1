// What people said on a pull request: threads at lines, and reviews that ask for changes.
import { z } from 'zod';
import { hostTextCharacters } from '../../contracts/pull-request.schema.ts';
import type { ReviewThread } from '../../contracts/pull-request.schema.ts';
import { HostRefused } from '../../host-errors.ts';
import type { GithubAddress } from './address.ts';
import type { Asking, GithubClient } from './client.ts';
import { isReply } from './marks.ts';
import { factsAnswer, factsQuery } from './queries.ts';
import type { Pull, Review, Thread } from './queries.ts';

/** With the first page of the facts: 500 threads. */
const morePages = 4;
const threadsKept = 500;
/** Of a login that an account no longer has. */
const ghost = 'ghost';

export interface Asked {
  readonly asking: Asking;
  readonly address: GithubAddress;
}
/** May this account write? Answered from memory where that is fresh. */
export type WriterCheck = (login: string) => Promise<boolean>;

type Comment = Thread['comments']['nodes'][number];
const nameOf = (author: Comment['author']): string => author?.login ?? ghost;
const cut = (text: string): string => (text.length > hostTextCharacters ? `${text.slice(0, hostTextCharacters - 1)}…` : text);

/** Threads of all pages up to a bound. */
export const everyThread = async (
  client: GithubClient,
  { asking, address }: Asked,
  pull: Pull,
): Promise<{ readonly threads: readonly Thread[]; readonly complete: boolean }> => {
  const threads = [...pull.reviewThreads.nodes];
  let { pageInfo } = pull.reviewThreads;
  for (let page = 0; page < morePages && pageInfo.hasNextPage; page += 1) {
    const variables = { owner: address.owner, name: address.name, number: pull.number, after: pageInfo.endCursor ?? undefined };
    const next = (await client.graphql(asking, factsQuery, variables, factsAnswer)).repository?.pullRequest?.reviewThreads;
    if (next === undefined) break;
    threads.push(...next.nodes);
    ({ pageInfo } = next);
  }
  const isRead = threads.every(({ comments }) => comments.nodes.length >= comments.totalCount);
  return { threads: threads.slice(0, threadsKept), complete: !pageInfo.hasNextPage && isRead };
};

/** Accounts without a tie to the repository cannot write to it, and the owner can; the others are asked about. */
const mayWrite = async (author: Comment['author'], association: string, viewer: string, isWriter: WriterCheck): Promise<boolean> => {
  if (author === null) return false;
  if (association === 'OWNER' || author.login === viewer) return true;
  return (association === 'MEMBER' || association === 'COLLABORATOR') && !author.isBot && isWriter(author.login);
};

/** A thread goes on by the words of people who may write; of a stranger's thread all is told, and none of it is work. */
const ofWriters = async (comments: readonly Comment[], viewer: string, isWriter: WriterCheck): Promise<readonly Comment[]> => {
  const judged = await Promise.all(
    comments.map(async (comment) => ((await mayWrite(comment.author, comment.authorAssociation, viewer, isWriter)) ? [comment] : [])),
  );
  return judged[0]?.length === 0 ? comments : judged.flat();
};

const threadFact = async (thread: Thread, viewer: string, isWriter: WriterCheck): Promise<ReviewThread | undefined> => {
  const all = thread.comments.nodes.filter(({ body }) => !isReply(body));
  const [first] = all;
  const said = thread.isResolved ? all : await ofWriters(all, viewer, isWriter);
  const last = said.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const line = thread.line ?? thread.originalLine ?? undefined;
  const text = said.length === 1 ? last.body : said.map(({ author, body }) => `${nameOf(author)}: ${body}`).join('\n\n');
  return {
    id: thread.id,
    kind: 'thread',
    path: thread.path.slice(0, 1000),
    ...(line === undefined || line < 1 ? {} : { line }),
    author: nameOf(first.author),
    canWrite: !thread.isResolved && (await mayWrite(first.author, first.authorAssociation, viewer, isWriter)),
    text: cut(text),
    lastCommentId: last.id,
    resolved: thread.isResolved,
  };
};
/** It holds as long as it is the newest decision of its author. */
const reviewFact = async (review: Review, pull: Pull, viewer: string, isWriter: WriterCheck): Promise<ReviewThread> => {
  const isHeld = pull.latestOpinionatedReviews.nodes.some(({ id, state }) => id === review.id && state === 'CHANGES_REQUESTED');
  return {
    id: review.id,
    kind: 'review',
    author: nameOf(review.author),
    canWrite: isHeld && (await mayWrite(review.author, review.authorAssociation, viewer, isWriter)),
    text: cut(review.body),
    lastCommentId: review.id,
    resolved: !isHeld,
  };
};

export const feedbackOf = async (
  read: { readonly threads: readonly Thread[]; readonly pull: Pull; readonly viewer: string },
  isWriter: WriterCheck,
): Promise<ReviewThread[]> => {
  const viewer = read.viewer.replace(/\[bot\]$/, '');
  const threads = await Promise.all(read.threads.map((thread) => threadFact(thread, viewer, isWriter)));
  const reviews = read.pull.reviews.nodes.filter(({ body }) => body.trim() !== '');
  const reviewed = await Promise.all(reviews.map((review) => reviewFact(review, read.pull, viewer, isWriter)));
  return [...threads.filter((thread) => thread !== undefined), ...reviewed].slice(0, threadsKept);
};

const permissionSchema = z.object({ permission: z.string() });
/** Asks for one account. What cannot be asked counts as no. */
export const askWriter = async (client: GithubClient, { asking, address }: Asked, login: string): Promise<boolean> => {
  try {
    const parameters = { owner: address.owner, repo: address.name, username: login };
    const { permission } = await client.ask(
      asking,
      'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
      parameters,
      permissionSchema,
    );
    return permission === 'admin' || permission === 'write';
  } catch (error) {
    // Nobody's word starts work because a token may not ask who they are.
    if (error instanceof HostRefused) return false;
    throw error;
  }
};
