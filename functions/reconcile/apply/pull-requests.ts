// Applies M6: one look at a pull request. It is opened, answered, then judged by what the host says now; errors of the host are counted and waited out.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import type { PullRequestFacts, PullRequestRef } from '../../contracts/pull-request.schema.ts';
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import { nextAttempt } from '../../domain/merge-request.ts';
import { calmed, mostWorkAtOnce, wellSeen, withEntries, workFor } from '../../domain/merge/pull-request-work.ts';
import { judge, sightOf } from '../../domain/merge/pull-request.ts';
import type { Judgement, Look } from '../../domain/merge/pull-request.ts';
import { newBead } from '../../domain/new-bead.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import type { Write } from '../../ports.ts';
import { commit, escalationWrites, isoOf, momentIn, onceMark, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { workItem, writesOf } from '../../domain/bead-writes.ts';
import { complete, giveUp, mergeNow } from './pull-request-end.ts';
import { ask, healed, isSame, pollStepMs, updated, watchScene } from './pull-request-scene.ts';
import type { WatchScene } from './pull-request-scene.ts';
import { answerFeedback, openPullRequest, postReview } from './pull-request-start.ts';
import { noteTrouble } from './pull-request-trouble.ts';

const idLength = 5;
/** Nothing is new: only the time of the next look moves, later each time. The count is with the work item. */
const lookLater = async (ctx: PassContext, scene: WatchScene, untilMs: number | undefined): Promise<Applied> => {
  const { store, clock } = ctx.ports;
  const workId = scene.request.beadId;
  const item = await store.get('work', { townId: ctx.townId, kind: 'merge', workId });
  const known = Number(item?.data ?? '0');
  const looks = Number.isSafeInteger(known) ? known + 1 : 1;
  const { stamp } = momentIn(ctx);
  const dueAtMs = Math.min(clock.nowMs() + pollStepMs(ctx, looks), untilMs ?? Number.POSITIVE_INFINITY);
  return commit(ctx, [
    {
      put: 'work',
      item: { ...workItem(ctx.townId, 'merge', workId, dueAtMs, stamp), data: String(looks) },
      when: item === undefined ? { absent: true } : { equals: { stamp: item.stamp } },
    },
    ...healed(scene),
  ]);
};

type Standing = Extract<Judgement, { do: 'wait' | 'ready' }>;
const stands = (ctx: PassContext, scene: WatchScene, seen: PullRequestWatch, judged: Standing): Promise<Applied> => {
  const timer = judged.do === 'ready' ? judged.mergeAtMs : undefined;
  const untilMs = judged.do === 'wait' ? judged.untilMs : timer;
  const { headSha } = seen.seen ?? {};
  const watch: PullRequestWatch = {
    ...calmed(seen),
    waitsFor: judged.why.slice(0, 1000),
    ...(judged.do === 'ready' ? { ready: true } : {}),
    ...(timer === undefined || headSha === undefined ? {} : { mergeAt: new Date(timer).toISOString(), mergeAtSha: headSha }),
  };
  if (isSame(watch, scene.watch)) return lookLater(ctx, scene, untilMs);
  const nextAtMs = Math.min(ctx.ports.clock.nowMs() + pollStepMs(ctx, 0), untilMs ?? Number.POSITIVE_INFINITY);
  const told = watch.waitsFor !== scene.watch.waitsFor;
  return updated(ctx, scene, {
    watch,
    nextAtMs,
    ...(told ? { event: { type: 'fields_updated', new: judged.why, data: { field: 'pullRequest' } } } : {}),
  });
};

const askPeople = async (
  ctx: PassContext,
  scene: WatchScene,
  seen: PullRequestWatch,
  { mark, why }: { mark: string; why: string },
): Promise<Applied> => {
  const { request, source } = scene;
  const more = await escalationWrites(ctx, {
    rule: 'M6',
    mark: `M6#${request.beadId}#${mark}`,
    severity: 'high',
    category: mark.startsWith('conflict') ? 'merge_conflict' : 'gate',
    about: source ?? request,
    title: `The pull request of "${request.title}" needs a person`,
    body: `${why}\n\n${seen.ref?.url ?? ''}`,
  });
  if (more.length === 0) return stands(ctx, scene, seen, { do: 'wait', why });
  return updated(ctx, scene, {
    watch: { ...calmed(seen), waitsFor: why.slice(0, 1000) },
    nextAtMs: ctx.ports.clock.nowMs() + pollStepMs(ctx, 0),
    event: { type: 'escalated', new: why },
    more,
  });
};

const toMayor = (ctx: PassContext, { request }: WatchScene, facts: PullRequestFacts, thread: PullRequestFacts['threads'][number]): Bead =>
  newBead(
    {
      townId: ctx.townId,
      beadId: `hq-${ctx.ports.ids.base36(idLength)}`,
      title: `${thread.author} questions the design of ${request.title}`.slice(0, 500),
      requestedBy: request.requestedBy,
      createdBy: 'patrol:M6',
      at: isoOf(ctx),
      details: { type: 'message', from: 'patrol:M6', to: 'role:mayor', threadId: request.beadId },
    },
    { body: `On pull request ${facts.number} (${facts.url}):\n\n${thread.text}`, parentId: request.beadId },
  );

/** One bead for each thread, one for what fails, one for a conflict. The marks keep each from being made twice. */
const repair = async (
  ctx: PassContext,
  scene: WatchScene,
  seen: PullRequestWatch,
  facts: PullRequestFacts,
  judged: Extract<Judgement, { do: 'repair' }>,
): Promise<Applied> => {
  const { request, rig } = scene;
  const work = { request, facts, rig, at: isoOf(ctx) };
  const made = judged.work.slice(0, mostWorkAtOnce).map((each) => workFor(work, `${rig.prefix}-${ctx.ports.ids.base36(idLength)}`, each));
  const mails = judged.tellMayor.slice(0, mostWorkAtOnce).map((thread) => ({ thread, bead: toMayor(ctx, scene, facts, thread) }));
  const conflicts = made.some(({ entry }) => entry.about === 'conflict');
  const answers = made.some(({ entry }) => entry.about !== 'conflict');
  const entries = withEntries(seen.entries, [
    ...made.map(({ entry }) => entry),
    ...mails.map(({ thread, bead }) => ({
      beadId: bead.beadId,
      about: thread.kind,
      threadId: thread.id,
      commentId: thread.lastCommentId,
      state: 'answered' as const,
    })),
  ]);
  const names = [...made.map(({ bead }) => bead.beadId), ...mails.map(({ bead }) => bead.beadId)].join(', ');
  const what = conflicts ? `It conflicts with ${facts.baseBranch}: ${names}` : `What was said or failed is answered by ${names}`;
  return updated(ctx, scene, {
    watch: { ...calmed(seen), entries, feedbackRounds: seen.feedbackRounds + (answers ? 1 : 0), waitsFor: `${what}.` },
    nextAtMs: ctx.ports.clock.nowMs() + pollStepMs(ctx, 0),
    ...(conflicts ? { details: { conflictRounds: request.details.conflictRounds + 1 } } : {}),
    event: {
      type: conflicts ? 'pr_conflict' : 'pr_feedback',
      new: what,
      data: { beads: made.length, round: seen.feedbackRounds + (answers ? 1 : 0) },
    },
    changes: [...made.map(({ bead }) => ({ after: bead })), ...mails.map(({ bead }) => ({ after: bead }))],
    more: made.map(({ mark }): Write => ({ put: 'once', item: onceMark(ctx, mark), when: { absent: true } })),
  });
};

/** The town's own gates and review look at a head that they do not know. */
const recheck = (ctx: PassContext, scene: WatchScene, seen: PullRequestWatch, headSha: string): Promise<Applied> => {
  const { request } = scene;
  const after = nextAttempt(request, isoOf(ctx), { headSha, pullRequest: calmed(seen) });
  const event = ruleEvent(ctx, 'M6', 'status_changed', {
    beadId: request.details.sourceBeadId,
    rigId: scene.rig.rigId,
    new: 'new',
    data: { mergeRequestId: request.beadId, stage: 'new', headSha },
  });
  return commit(ctx, writesOf([{ before: request, after }], event, momentIn(ctx), healed(scene)));
};

/** One that an agent named and that is not this work's is forgotten: the town opens its own. Of its own a person has changed something. */
const foreign = (ctx: PassContext, scene: WatchScene, seen: PullRequestWatch, why: string): Promise<Applied> => {
  if (scene.watch.claimed !== true) return askPeople(ctx, scene, seen, { mark: `foreign#${why}`.slice(0, 200), why });
  const { ref: _named, ...rest } = calmed(seen);
  return updated(ctx, scene, {
    watch: { ...rest, waitsFor: why },
    nextAtMs: ctx.ports.clock.nowMs(),
    event: { type: 'fields_updated', new: why },
  });
};

/** A review that the host did not take is about a head that is not there any more. */
const withoutReview = ({ review: _review, ...watch }: PullRequestWatch): PullRequestWatch => watch;

const perform = (ctx: PassContext, scene: WatchScene, facts: PullRequestFacts, judged: Judgement): Promise<Applied> => {
  const seen: PullRequestWatch = { ...wellSeen(scene.watch), seen: sightOf(facts, isoOf(ctx)) };
  switch (judged.do) {
    case 'complete':
      return complete(ctx, scene, facts, judged);
    case 'give-up':
      return giveUp(ctx, scene, facts, judged.why);
    case 'foreign':
      return foreign(ctx, scene, seen, judged.why);
    case 'recheck':
      return recheck(ctx, scene, seen, judged.headSha);
    case 'accept-head':
      return updated(ctx, scene, {
        watch: { ...withoutReview(calmed(seen)), checkedSha: judged.headSha },
        nextAtMs: ctx.ports.clock.nowMs(),
        details: { headSha: judged.headSha },
      });
    case 'repair':
      return repair(ctx, scene, seen, facts, judged);
    case 'ask-people':
      return askPeople(ctx, scene, seen, judged);
    case 'merge':
      return mergeNow(ctx, { ...scene, watch: seen }, facts, judged);
    case 'wait':
    case 'ready':
      return stands(ctx, scene, seen, judged);
    default:
      return judged satisfies never;
  }
};

const lookOf = (ctx: PassContext, scene: WatchScene, facts: PullRequestFacts): Look => {
  const { merging, mergeAt: _at, mergeAtSha: _sha, ...calm } = scene.watch;
  return {
    facts,
    // A merge that was begun and is not there has not happened: its timer is off.
    watch: merging === undefined ? scene.watch : calm,
    repo: (scene.rig.pullRequests?.repo ?? facts.repo).toLowerCase(),
    request: scene.request.details,
    working: scene.watch.entries.filter(({ state }) => state === 'open').length,
    onlyItsEnd: scene.request.details.stage !== 'pr_open',
    options: scene.options,
    nowMs: ctx.ports.clock.nowMs(),
    noChecksMs: ctx.ports.deployment.timings.noChecksMs,
  };
};

/** What counts although the host does not take what the town has to say there: its end, and another head. */
const overtakes: readonly Judgement['do'][] = ['complete', 'give-up', 'recheck', 'accept-head'];
/** The refinery's findings and the answers. Undefined when there is nothing to say. */
const saySomething = async (ctx: PassContext, scene: WatchScene, ref: PullRequestRef): Promise<Applied | HostRefused | undefined> => {
  try {
    return scene.watch.review === undefined ? await answerFeedback(ctx, scene) : await postReview(ctx, scene, ref);
  } catch (error) {
    if (error instanceof HostRefused) return error;
    throw error;
  }
};

const look = async (ctx: PassContext, scene: WatchScene, ref: PullRequestRef): Promise<Applied> => {
  const isOpen = scene.request.details.stage === 'pr_open';
  const said = isOpen ? await saySomething(ctx, scene, ref) : undefined;
  if (said !== undefined && !(said instanceof HostRefused)) return said;
  const facts = await ask(ctx, scene, (repository) => ctx.ports.pullRequests.facts(repository, ref.number));
  const judged = judge(lookOf(ctx, scene, facts));
  if (said !== undefined && !overtakes.includes(judged.do)) throw said;
  // A request that is being repaired belongs to others: only its end is written.
  if (!isOpen && judged.do !== 'complete' && judged.do !== 'give-up') return lookLater(ctx, scene, undefined);
  return perform(ctx, scene, facts, judged);
};

export const watchPullRequest = async (ctx: PassContext, action: ActionOf<'watch-pull-request'>): Promise<Applied> => {
  const scene = await watchScene(ctx, action.beadId, action.breaker);
  if (scene === undefined) return 'lost';
  const { ref } = scene.watch;
  try {
    return ref === undefined ? await openPullRequest(ctx, scene) : await look(ctx, scene, ref);
  } catch (error) {
    if (error instanceof HostUnavailable || error instanceof HostRefused) return noteTrouble(ctx, action.beadId, error);
    throw error;
  }
};
