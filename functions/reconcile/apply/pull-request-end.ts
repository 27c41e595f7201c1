// The end of a pull request: merged by the town or by anybody else, or closed without a merge. Request, source and what still repairs it end together.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import type { MergeMethod, PullRequestFacts } from '../../contracts/pull-request.schema.ts';
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { landed } from '../../domain/merge/landed.ts';
import { failedAs } from '../../domain/merge/leave.ts';
import { mergeCommit } from '../../domain/merge/pull-request-text.ts';
import { calmed, wellSeen } from '../../domain/merge/pull-request-work.ts';
import { sightOf } from '../../domain/merge/pull-request.ts';
import { heldSource } from '../../domain/merge/repair.ts';
import { isFinal, transition } from '../../domain/transition.ts';
import { sweepAfterMerge } from '../../operations/branch-sweep.ts';
import { commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { ask, authorsOf, healed, pollStepMs, updated, watchScene } from './pull-request-scene.ts';
import type { WatchScene } from './pull-request-scene.ts';

const issueOf = (source: Bead | undefined) => (source !== undefined && isIssue(source) ? source : undefined);

/** Beads that were to repair it have nothing to repair any more; agents at work on them are stopped by A4. */
const obsolete = async (ctx: PassContext, { request, watch }: WatchScene): Promise<BeadChange[]> => {
  const { repairBeadId } = request.details;
  const ids = [
    ...watch.entries.flatMap(({ state, beadId }) => (state === 'open' ? [beadId] : [])),
    ...(repairBeadId === undefined ? [] : [repairBeadId]),
  ];
  const keys = [...new Set(ids)].map((beadId) => ({ townId: ctx.townId, beadId }));
  const beads = keys.length === 0 ? [] : await ctx.ports.store.getMany('bead', keys);
  return beads.flatMap((before) => {
    if (before === undefined || !isIssue(before) || isFinal(before.status)) return [];
    const moved = transition(before, { status: 'closed' }, isoOf(ctx));
    const doneSummary = `Not needed any more: ${request.beadId} is over.`;
    return moved.ok ? [{ before, after: { ...moved.bead, details: { ...before.details, doneSummary } } }] : [];
  });
};

/** What stays on a request that is over. */
const overWatch = (ctx: PassContext, watch: PullRequestWatch, facts: PullRequestFacts): PullRequestWatch => ({
  ...wellSeen(calmed(watch)),
  seen: sightOf(facts, isoOf(ctx)),
});
const withWatch = (bead: Bead, pullRequest: PullRequestWatch): Bead =>
  bead.details.type === 'merge_request' ? { ...bead, details: { ...bead.details, pullRequest } } : bead;

/** Merged on the host: request and source close, whoever has merged it. */
export const complete = async (
  ctx: PassContext,
  scene: WatchScene,
  facts: PullRequestFacts,
  end: { readonly sha: string; readonly by: string },
): Promise<Applied> => {
  const { request, source, watch } = scene;
  const decided = landed(request, issueOf(source), end.sha, isoOf(ctx));
  const [own, ...others] = decided.changes;
  if (own === undefined) return 'lost';
  const event = ruleEvent(ctx, 'M6', 'merged', {
    beadId: request.details.sourceBeadId,
    rigId: scene.rig.rigId,
    new: end.sha,
    ...(request.details.convoyId === undefined ? {} : { convoyId: request.details.convoyId }),
    data: { ...decided.event.data, pullRequest: facts.url, by: end.by },
  });
  const changes = [{ ...own, after: withWatch(own.after, overWatch(ctx, watch, facts)) }, ...others, ...(await obsolete(ctx, scene))];
  const moment = momentIn(ctx);
  const sweep = await sweepAfterMerge(ctx.ports, { townId: ctx.townId, rigId: scene.rig.rigId, details: request.details }, moment);
  return commit(ctx, writesOf(changes, event, moment, [...decided.more, ...healed(scene), ...sweep]));
};

/** Closed without a merge: somebody does not want it. Its source waits for a person, with the reason. */
export const giveUp = async (ctx: PassContext, scene: WatchScene, facts: PullRequestFacts, why: string): Promise<Applied> => {
  const { request, source, watch } = scene;
  const at = isoOf(ctx);
  const failed = failedAs(request, 'pull_request_closed', { result: 'failed', message: why, at });
  const reason = `${request.beadId} is not merged: ${why}`;
  const isLanding = request.details.kind === 'landing';
  const more = isLanding
    ? []
    : await escalationWrites(ctx, {
        rule: 'M6',
        mark: `closed#${request.beadId}`,
        severity: 'medium',
        category: 'decision',
        about: source ?? request,
        title: `The pull request of "${request.title}" was closed`,
        body: `${why} ${source?.beadId ?? ''} is held: release it to have it worked on again, or give it up.`,
      });
  const event = ruleEvent(ctx, 'M6', 'merge_failed', {
    beadId: request.details.sourceBeadId,
    rigId: scene.rig.rigId,
    new: why,
    data: { mergeRequestId: request.beadId, code: 'pull_request_closed', pullRequest: facts.url },
  });
  const changes = [
    { before: request, after: withWatch(failed, overWatch(ctx, watch, facts)) },
    ...heldSource({ request, source: issueOf(source), at }, reason),
    ...(await obsolete(ctx, scene)),
  ];
  return commit(ctx, writesOf(changes, event, momentIn(ctx), [...more, ...healed(scene)]));
};

/** The host will not merge it: the timer is off, people hear why, and it is watched further. */
const refused = async (ctx: PassContext, scene: WatchScene, sha: string, message: string): Promise<Applied> => {
  const { request, source, watch } = scene;
  const waitsFor = `The host does not merge it: ${message}`.slice(0, 1000);
  return updated(ctx, scene, {
    watch: { ...calmed(watch), heldBackSha: sha, waitsFor },
    nextAtMs: ctx.ports.clock.nowMs() + pollStepMs(ctx, 0),
    event: { type: 'merge_failed', new: waitsFor },
    more: await escalationWrites(ctx, {
      rule: 'M6',
      mark: `merge-refused#${request.beadId}#${sha}`,
      severity: 'high',
      category: 'gate',
      about: source ?? request,
      title: `"${request.title}" cannot be merged on its host`,
      body: waitsFor,
    }),
  });
};

/** Intention first, then the host; a kill between the two is healed by the next look, which sees whether it was merged. */
export const mergeNow = async (
  ctx: PassContext,
  before: WatchScene,
  facts: PullRequestFacts,
  { sha, methods }: { readonly sha: string; readonly methods: readonly MergeMethod[] },
): Promise<Applied> => {
  const [first] = methods;
  if (first === undefined) return 'lost';
  const nextAtMs = ctx.ports.clock.nowMs() + pollStepMs(ctx, 0);
  const by = before.watch.asked?.by ?? 'patrol:M6';
  const merging = { sha, method: first, at: isoOf(ctx) };
  if ((await updated(ctx, before, { watch: { ...before.watch, merging }, nextAtMs })) === 'lost') return 'lost';
  const scene = await watchScene(ctx, before.request.beadId, before.breaker);
  if (scene === undefined) return 'lost';
  const texts = mergeCommit(scene.request, facts.number, await authorsOf(ctx, scene));
  let message = '';
  for (const method of methods) {
    const call = { number: facts.number, sha, method, ...texts };
    const answer = await ask(ctx, scene, (repository) => ctx.ports.pullRequests.merge(repository, call));
    if (answer.merged) return complete(ctx, scene, facts, { sha: answer.sha, by });
    message = answer.message;
    if (answer.reason === 'head_moved')
      return updated(ctx, scene, {
        watch: { ...calmed(scene.watch), waitsFor: 'Somebody has pushed to it: it is looked at again.' },
        nextAtMs: ctx.ports.clock.nowMs(),
      });
    if (answer.reason === 'not_mergeable') break;
  }
  return refused(ctx, scene, sha, message);
};
