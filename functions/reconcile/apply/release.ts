// B8: a bead that closed or failed tells what waited for it, edge by edge. Any number of dependents; killed anywhere it goes on.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Dependency } from '../../contracts/dependency.schema.ts';
import { isIssue, isMergeRequest, putWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import { effectOf, isBlocking, shareBranch } from '../../domain/dependencies.ts';
import type { EdgeEffect } from '../../domain/dependencies.ts';
import { resolvedEdge } from '../../domain/edges.ts';
import { nextAttempt } from '../../domain/merge-request.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import { beadOf, commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import type { Write } from '../../ports.ts';
import { lookSoon } from './pull-request-scene.ts';

const tries = 3;

const waiting: readonly string[] = ['blocked', 'target_red'];
const freed = (dependent: Bead, blocker: Bead, at: string): Bead => {
  const openBlockers = Math.max(0, dependent.openBlockers - 1);
  if (openBlockers === 0 && isMergeRequest(dependent) && dependent.status === 'open' && waiting.includes(dependent.details.stage))
    return { ...nextAttempt(dependent, at), openBlockers };
  if (openBlockers === 0 && isIssue(dependent) && isIssue(blocker) && blocker.assigneeAgentId !== undefined)
    return revised(
      dependent,
      { openBlockers, details: { ...dependent.details, preferAgentId: blocker.assigneeAgentId, followsBeadId: blocker.beadId } },
      at,
    );
  return revised(dependent, { openBlockers }, at);
};
const skipped = (dependent: Bead, blocker: Bead, at: string): Bead => {
  const moved = dependent.status === 'open' ? transition(dependent, { status: 'closed' }, at) : undefined;
  return moved?.ok === true ? { ...moved.bead, openBlockers: Math.max(0, dependent.openBlockers - 1) } : freed(dependent, blocker, at);
};

const resolveEdge = async (ctx: PassContext, edge: Dependency, blocker: Bead, effect: 'free' | 'skip'): Promise<Applied> => {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const dependent = await beadOf(ctx, edge.beadId);
    const resolved = resolvedEdge(edge);
    if (dependent === undefined || isFinal(dependent.status)) return commit(ctx, [resolved]);
    const after = effect === 'free' ? freed(dependent, blocker, isoOf(ctx)) : skipped(dependent, blocker, isoOf(ctx));
    const moved = after.status !== dependent.status;
    const event = ruleEvent(ctx, 'B8', moved ? 'status_changed' : 'fields_updated', {
      beadId: dependent.beadId,
      ...(dependent.rigId === undefined ? {} : { rigId: dependent.rigId }),
      ...(moved ? { old: dependent.status, new: after.status } : {}),
      data: {
        unblockedBy: blocker.beadId,
        openBlockers: after.openBlockers,
        status: after.status,
        ...(effect === 'skip' && moved ? { reason: `Skipped: ${blocker.beadId} succeeded.` } : {}),
      },
    });
    if ((await commit(ctx, writesOf([{ before: dependent, after }], event, momentIn(ctx), [resolved]))) === 'done') return 'done';
    const now = await ctx.ports.store.get('dependency', {
      townId: edge.townId,
      beadId: edge.beadId,
      dependsOnId: edge.dependsOnId,
      type: edge.type,
    });
    if (now === undefined || now.resolved) return 'done';
  }
  return 'lost';
};

/** Repairs name their request as parent, for the record only. */
const isChild = (bead: Bead & BeadOf<'issue'>): bead is Bead & BeadOf<'issue'> & { parentId: string } =>
  bead.parentId !== undefined && bead.details.mergeRequestId === undefined;

/** A repair that failed leaves its request without a way on: request and source are held for people. */
const holdRequest = async (ctx: PassContext, repair: Bead & BeadOf<'issue'>): Promise<Applied> => {
  const request = repair.details.mergeRequestId === undefined ? undefined : await beadOf(ctx, repair.details.mergeRequestId);
  if (request === undefined || !isMergeRequest(request) || request.status !== 'open' || request.details.stage !== 'blocked') return 'done';
  const source = await beadOf(ctx, request.details.sourceBeadId);
  const at = isoOf(ctx);
  const heldRequest = revised(request, { details: { ...request.details, stage: 'held' } }, at);
  const open = source?.status === 'in_review' ? transition(source, { status: 'open' }, at) : undefined;
  const changes = [
    { before: request, after: heldRequest },
    ...(source !== undefined && open?.ok === true ? [{ before: source, after: { ...open.bead, held: true } }] : []),
  ];
  const reason = repair.failure?.message ?? 'no reason was recorded';
  const more = await escalationWrites(ctx, {
    rule: 'B8',
    mark: `repair#${repair.beadId}`,
    severity: 'high',
    category: 'failed',
    about: source ?? request,
    ...(open?.ok === true ? { cause: { of: 'held' } } : {}),
    title: `${request.beadId} could not be repaired and is held`,
    body: `${repair.beadId} failed: ${reason}`,
  });
  const event = ruleEvent(ctx, 'B8', 'merge_failed', {
    beadId: source?.beadId ?? request.beadId,
    new: reason.slice(0, 2000),
    data: { mergeRequestId: request.beadId, repairBeadId: repair.beadId },
  });
  return commit(ctx, writesOf(changes, event, momentIn(ctx), more));
};

/** Looks at what waits for the children of a bead. */
const lookAtGates = async (ctx: PassContext, beadId: string): Promise<Applied> => {
  const { store } = ctx.ports;
  const edges = (await store.dependentsOf(ctx.townId, beadId, 'waits-for')).filter((edge) => !edge.resolved);
  const target = edges.length === 0 ? undefined : await beadOf(ctx, beadId);
  if (target === undefined) return 'done';
  const children = (
    await store.getMany(
      'bead',
      (await store.dependentsOf(ctx.townId, beadId, 'parent-child')).map((edge) => ({ townId: ctx.townId, beadId: edge.beadId })),
    )
  ).flatMap((child) => child ?? []);
  for (const edge of edges)
    if (effectOf(edge, target, children) === 'free' && (await resolveEdge(ctx, edge, target, 'free')) === 'lost') return 'lost';
  return 'done';
};

/** The children of a bead have changed, or somebody has begun to wait for them. */
export const openGate = async (ctx: PassContext, { item }: ActionOf<'open-gate'>): Promise<Applied> => {
  if ((await lookAtGates(ctx, item.workId)) === 'lost') return 'lost';
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'gate', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
  ]);
};

/** Within its convoy and rig a member counts as soon as it is on the feature branch; one that failed stops the convoys that wait for it. */
const effectFor = async (ctx: PassContext, edge: Dependency, blocker: Bead): Promise<EdgeEffect | 'lost'> => {
  const effect = effectOf(edge, blocker);
  if (effect !== 'stay') return effect;
  const dependent = await beadOf(ctx, edge.beadId);
  if (dependent === undefined) return effect;
  if (blocker.status === 'closed' && edge.type === 'blocks' && shareBranch(dependent, blocker)) return 'free';
  if (blocker.status === 'failed' && isIssue(dependent) && dependent.details.convoyId !== undefined) {
    const { nowMs, stamp } = momentIn(ctx);
    const convoy = putWork(workItem(ctx.townId, 'convoy', dependent.details.convoyId, nowMs, stamp));
    if ((await commit(ctx, [convoy])) === 'lost') return 'lost';
  }
  return effect;
};

/** What answers a pull request is over: the host hears of it with the next pass. */
const answersOf = (ctx: PassContext, bead: Bead | undefined): Write[] =>
  bead !== undefined && isIssue(bead) && bead.details.feedback !== undefined && bead.details.mergeRequestId !== undefined
    ? [lookSoon(ctx, bead.details.mergeRequestId)]
    : [];

export const release = async (ctx: PassContext, { item, sweepRigId }: ActionOf<'release'>): Promise<Applied> => {
  const blocker = await beadOf(ctx, item.workId);
  if (blocker !== undefined && isFinal(blocker.status)) {
    const edges = (await ctx.ports.store.dependentsOf(ctx.townId, blocker.beadId)).filter(
      (edge) => isBlocking(edge.type) && edge.type !== 'waits-for' && !edge.resolved,
    );
    for (const edge of edges) {
      const effect = await effectFor(ctx, edge, blocker);
      if (effect === 'lost') return 'lost';
      if (effect !== 'stay' && (await resolveEdge(ctx, edge, blocker, effect)) === 'lost') return 'lost';
    }
    if (isIssue(blocker)) {
      if ((await lookAtGates(ctx, blocker.beadId)) === 'lost') return 'lost';
      if (isChild(blocker) && (await lookAtGates(ctx, blocker.parentId)) === 'lost') return 'lost';
    }
    if (blocker.status === 'failed' && isIssue(blocker) && (await holdRequest(ctx, blocker)) === 'lost') return 'lost';
  }
  const { nowMs, stamp } = momentIn(ctx);
  const { branchSweepMs } = ctx.ports.deployment.timings;
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'release', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
    ...answersOf(ctx, blocker),
    ...(sweepRigId === undefined ? [] : [putWork(workItem(ctx.townId, 'branches', sweepRigId, nowMs + branchSweepMs, stamp))]),
  ]);
};
