// What a look at a pull request begins with, and the small writes that all its outcomes share.
import { isDeepStrictEqual } from 'node:util';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { EventType } from '../../contracts/event.schema.ts';
import type { MergeRequestDetails } from '../../contracts/merge-request.schema.ts';
import type { PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isIssue, isMergeRequest, isWatched, putWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { authorOf } from '../../domain/commit-identity.ts';
import type { Authors } from '../../domain/merge/pull-request-text.ts';
import type { MergeOwners, PullRequestOptions } from '../../domain/merge/strategy.ts';
import { pullRequestOptions } from '../../domain/merge/strategy.ts';
import { modelOf } from '../../domain/model-choice.ts';
import type { MergeRequestBead } from '../../domain/prompts/refinery.ts';
import { scopesOf } from '../../domain/settings.ts';
import { revised } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import type { HostRepository } from '../../pull-request-host.ts';
import { atHost } from '../../operations/host-access.ts';
import { beadOf, commit, isoOf, momentIn, rigNamed, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

export interface WatchScene {
  readonly request: MergeRequestBead & { readonly rigId: string };
  readonly watch: PullRequestWatch;
  /** The issue, or the convoy of a landing. */
  readonly source: Bead | undefined;
  readonly rig: Rig;
  readonly town: Town;
  readonly owners: MergeOwners;
  readonly options: PullRequestOptions;
  readonly breaker: WorkItem | undefined;
}

/** Undefined when there is nothing to watch any more. */
export const watchScene = async (ctx: PassContext, beadId: string, breaker?: WorkItem): Promise<WatchScene | undefined> => {
  const request = await beadOf(ctx, beadId);
  if (request === undefined || !isMergeRequest(request) || !isWatched(request)) return undefined;
  const { pullRequest } = request.details;
  const [source, rig, town] = await Promise.all([
    beadOf(ctx, request.details.sourceBeadId),
    rigNamed(ctx, request.rigId),
    ctx.ports.store.get('town', { townId: ctx.townId }),
  ]);
  if (pullRequest === undefined || rig === undefined || town === undefined) return undefined;
  const owners: MergeOwners = { town, rig, bead: source, userId: request.requestedBy };
  const own = { ...request, rigId: rig.rigId };
  return { request: own, watch: pullRequest, source, rig, town, owners, options: pullRequestOptions(owners), breaker };
};

/** Asks the host of the request's rig, with the credential that is kept for it. */
export const ask = <T>(ctx: PassContext, { rig }: WatchScene, act: (repository: HostRepository) => Promise<T>): Promise<T> =>
  atHost(ctx.ports, rig, act);

/** People and agents that a pull request names. */
export const authorsOf = async (ctx: PassContext, { request, source, owners }: WatchScene): Promise<Authors> => {
  const known = await ctx.ports.people.identity(request.requestedBy);
  const person = authorOf(known, { town: owners.town, userId: request.requestedBy });
  const issue = source !== undefined && isIssue(source) ? source : undefined;
  const agentId = issue?.assigneeAgentId;
  if (agentId === undefined) return { source: issue, person, agent: undefined };
  const route = modelOf('polecat', scopesOf({ ...owners, bead: source }));
  const name = agentId.charAt(0).toUpperCase() + agentId.slice(1);
  return { source: issue, person, agent: { name, model: route.kind === 'scripted' ? 'scripted' : route.model } };
};

const changed = (scene: WatchScene, watch: PullRequestWatch, at: string, more: Partial<MergeRequestDetails>): Bead =>
  revised(scene.request, { details: { ...scene.request.details, ...more, pullRequest: watch } }, at);

export interface Update {
  readonly watch: PullRequestWatch;
  /** Next look, in ms since the epoch. */
  readonly nextAtMs: number;
  readonly details?: Partial<MergeRequestDetails>;
  readonly event?: { readonly type: EventType; readonly new: string; readonly data?: Readonly<Record<string, string | number>> };
  readonly changes?: readonly BeadChange[];
  readonly more?: readonly Write[];
}
/** Stores what a look has shown, with what follows from it. */
export const updated = (ctx: PassContext, scene: WatchScene, update: Update): Promise<Applied> => {
  const after = changed(scene, update.watch, isoOf(ctx), update.details ?? {});
  const moment = momentIn(ctx);
  const next = putWork(workItem(ctx.townId, 'merge', scene.request.beadId, update.nextAtMs, moment.stamp));
  const event =
    update.event === undefined
      ? undefined
      : ruleEvent(ctx, 'M6', update.event.type, {
          beadId: scene.request.details.sourceBeadId,
          rigId: scene.rig.rigId,
          new: update.event.new.slice(0, 2000),
          ...(scene.request.details.convoyId === undefined ? {} : { convoyId: scene.request.details.convoyId }),
          data: {
            mergeRequestId: scene.request.beadId,
            ...(update.watch.ref === undefined ? {} : { pullRequest: update.watch.ref.url }),
            ...update.event.data,
          },
        });
  return commit(
    ctx,
    writesOf([{ before: scene.request, after }, ...(update.changes ?? [])], event, moment, [
      next,
      ...healed(scene),
      ...(update.more ?? []),
    ]),
  );
};

/** Wait before the next look after so many that showed nothing new, in ms; the last step repeats. */
export const pollStepMs = (ctx: PassContext, looks: number): number => {
  const steps = ctx.ports.deployment.timings.pullRequestPollMs;
  return steps[Math.min(Math.max(looks, 0), steps.length - 1)] ?? 0;
};

/** The host has answered: nothing speaks against it any more. */
export const healed = ({ breaker }: Pick<WatchScene, 'breaker'>): Write[] =>
  breaker === undefined ? [] : [{ remove: 'work', key: { townId: breaker.townId, kind: 'breaker', workId: breaker.workId }, when: 'none' }];

/** Nothing but the time of a look is new. */
export const isSame = (one: PullRequestWatch, other: PullRequestWatch): boolean => {
  const timeless = ({ seen, ...rest }: PullRequestWatch): unknown => ({
    ...rest,
    seen: seen === undefined ? undefined : { ...seen, at: '' },
  });
  return isDeepStrictEqual(timeless(one), timeless(other));
};

/** Looked at with the next pass, e.g. because a bead that answers it is over. */
export const lookSoon = (ctx: PassContext, requestId: string): Write => {
  const { nowMs, stamp } = momentIn(ctx);
  return putWork(workItem(ctx.townId, 'merge', requestId, nowMs, stamp));
};
