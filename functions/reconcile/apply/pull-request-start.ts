// Before a pull request is looked at: it is opened, the refinery's findings are put there, and what was said is answered. Each step is an outside
// call that may be repeated, then one transaction; killed between the two, the next look finds what the host has.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { FeedbackEntry } from '../../contracts/pull-request-watch.schema.ts';
import type { PullRequestRef } from '../../contracts/pull-request.schema.ts';
import { isIssue } from '../../domain/bead-writes.ts';
import { answerText, pullRequestBody, pullRequestTitle } from '../../domain/merge/pull-request-text.ts';
import type { Write } from '../../ports.ts';
import { escalationWrites } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { ask, authorsOf, updated } from './pull-request-scene.ts';
import type { WatchScene } from './pull-request-scene.ts';

/** One that is open for this branch and target, or that was merged at this very head before anybody could note it. */
const existing = async (ctx: PassContext, scene: WatchScene): Promise<PullRequestRef | undefined> => {
  const { branch, targetBranch, headSha } = scene.request.details;
  const { pullRequests } = ctx.ports;
  const found = await ask(ctx, scene, (repository) => pullRequests.findByHead(repository, branch));
  if (found === undefined) return undefined;
  const facts = await ask(ctx, scene, (repository) => pullRequests.facts(repository, found.number));
  const ours = facts.baseBranch === targetBranch && (facts.state === 'open' || (facts.state === 'merged' && facts.headSha === headSha));
  return ours ? found : undefined;
};

export const openPullRequest = async (ctx: PassContext, scene: WatchScene): Promise<Applied> => {
  const { request, watch } = scene;
  const { branch, targetBranch } = request.details;
  const wanted = {
    headBranch: branch,
    baseBranch: targetBranch,
    title: pullRequestTitle(request),
    body: pullRequestBody(request, await authorsOf(ctx, scene)),
  };
  const ref = (await existing(ctx, scene)) ?? (await ask(ctx, scene, (repository) => ctx.ports.pullRequests.open(repository, wanted)));
  return updated(ctx, scene, {
    watch: { ...watch, ref: { ...ref, repo: ref.repo.toLowerCase() } },
    nextAtMs: ctx.ports.clock.nowMs(),
    event: { type: 'pr_created', new: ref.url, data: { number: ref.number } },
  });
};

export const postReview = async (ctx: PassContext, scene: WatchScene, ref: PullRequestRef): Promise<Applied> => {
  const { review, ...watch } = scene.watch;
  if (review === undefined) return 'done';
  await ask(ctx, scene, (repository) => ctx.ports.pullRequests.review(repository, { number: ref.number, ...review }));
  const count = review.comments.length;
  return updated(ctx, scene, {
    watch,
    nextAtMs: ctx.ports.clock.nowMs(),
    event: { type: 'review_submitted', new: review.event, data: { comments: count } },
  });
};

/** An entry after a look at its bead; a retried bead is followed. */
const followed = (entry: FeedbackEntry, bead: Bead | undefined): FeedbackEntry => {
  if (bead?.status === 'failed' && bead.supersededBy !== undefined) return { ...entry, beadId: bead.supersededBy };
  if (bead === undefined || bead.status === 'failed') return { ...entry, state: 'failed' };
  return bead.status === 'closed' ? { ...entry, state: 'answered' } : entry;
};

const answered = async (ctx: PassContext, scene: WatchScene, entry: FeedbackEntry, bead: Bead | undefined): Promise<void> => {
  const { ref } = scene.watch;
  if (ref === undefined || entry.threadId === undefined || (entry.about !== 'thread' && entry.about !== 'review')) return;
  const summary = bead !== undefined && isIssue(bead) ? bead.details.doneSummary : undefined;
  const reply = {
    number: ref.number,
    threadId: entry.threadId,
    kind: entry.about,
    key: entry.beadId,
    text: answerText(entry.beadId, summary),
  };
  await ask(ctx, scene, (repository) => ctx.ports.pullRequests.replyAndResolve(repository, reply));
};

const toldOf = (ctx: PassContext, { request, source }: WatchScene, { beadId }: FeedbackEntry, bead: Bead | undefined): Promise<Write[]> =>
  escalationWrites(ctx, {
    rule: 'M6',
    mark: `feedback-failed#${beadId}`,
    severity: 'high',
    category: 'failed',
    about: source ?? request,
    title: `What was said on the pull request of ${request.beadId} could not be answered`,
    body: `${beadId} failed: ${bead?.failure?.message ?? 'no reason was recorded'}`,
  });

/** Undefined when nothing has changed: the beads are still worked on, or there are none. */
export const answerFeedback = async (ctx: PassContext, scene: WatchScene): Promise<Applied | undefined> => {
  const { watch } = scene;
  const open = watch.entries.filter(({ state }) => state === 'open');
  if (open.length === 0) return undefined;
  const keys = open.map(({ beadId }) => ({ townId: ctx.townId, beadId }));
  const beads = new Map(
    (await ctx.ports.store.getMany('bead', keys)).flatMap((bead) => (bead === undefined ? [] : [[bead.beadId, bead] as const])),
  );
  const entries: FeedbackEntry[] = [];
  const more: Write[] = [];
  for (const entry of watch.entries) {
    const bead = beads.get(entry.beadId);
    const next = entry.state === 'open' ? followed(entry, bead) : entry;
    if (next.state === 'answered' && entry.state === 'open') await answered(ctx, scene, entry, bead);
    if (next.state === 'failed' && entry.state === 'open') more.push(...(await toldOf(ctx, scene, entry, bead)));
    entries.push(next);
  }
  if (entries.every((entry, index) => entry === watch.entries[index])) return undefined;
  return updated(ctx, scene, { watch: { ...watch, entries }, nextAtMs: ctx.ports.clock.nowMs(), more });
};
