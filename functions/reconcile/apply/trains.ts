// Applies the rules about merge trains: start, look after, trim.
import type { Train } from '../../contracts/work.schema.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { haltedTrain, trainInput } from '../../domain/merge/leave.ts';
import { backToQueue } from '../../domain/merge-request.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { trainExecutionName } from '../../domain/plan/names.ts';
import { transition } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { commit, isoAfter, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { endedWith, givenUp, maxFailedAttempts, requestOf } from './merges.ts';

type Line = Pick<Train, 'rigId' | 'targetBranch'>;
const trainOf = (ctx: PassContext, { rigId, targetBranch }: Line): Promise<Train | undefined> =>
  ctx.ports.store.get('train', { townId: ctx.townId, rigId, targetBranch });
const putTrain = (before: Train, item: Train): Write => ({ put: 'train', item, when: { equals: { version: before.version } } });
export const startTrain = async (ctx: PassContext, action: ActionOf<'start-train'>): Promise<Applied> => {
  const [train, request] = await Promise.all([trainOf(ctx, action), requestOf(ctx, action.mergeRequestId)]);
  if (
    train === undefined ||
    train.executionName !== undefined ||
    !train.queued.some((entry) => entry.mergeRequestId === action.mergeRequestId)
  )
    return 'lost';
  if (request?.status !== 'open' || request.details.stage !== 'queued') return 'lost';
  const at = isoOf(ctx);
  const moved = transition(request, { status: 'in_progress' }, at);
  if (!moved.ok) return 'lost';
  const executionName = trainExecutionName(ctx.townId, train.rigId, train.targetBranch, train.run);
  const { notBefore: _over, ...details } = request.details;
  const running: Train = { ...train, executionName, currentMergeRequestId: request.beadId, version: train.version + 1, updatedAt: at };
  const event = ruleEvent(ctx, 'M5', 'status_changed', {
    beadId: details.sourceBeadId,
    rigId: train.rigId,
    data: { mergeRequestId: request.beadId, train: executionName },
  });
  const done = await commit(
    ctx,
    writesOf([{ before: request, after: { ...moved.bead, details: { ...details, executionName } } }], event, momentIn(ctx), [
      putTrain(train, running),
    ]),
  );
  if (done === 'done') await ctx.ports.workflow.start('train', executionName, trainInput(train, request.beadId));
  return done;
};

/** The train after a run without a result, with or without the request that it carried. */
const halted = (ctx: PassContext, train: Train, drop: string | undefined): Write =>
  haltedTrain(
    train,
    train.queued.filter((entry) => entry.mergeRequestId !== drop),
    isoOf(ctx),
  );

/** The execution is over and left no result: the request waits in the queue again, or is given up. */
const afterDeadTrain = async (ctx: PassContext, train: Train, known: string): Promise<Applied> => {
  const { currentMergeRequestId } = train;
  const request = currentMergeRequestId === undefined ? undefined : await requestOf(ctx, currentMergeRequestId);
  if (request?.status !== 'in_progress') return commit(ctx, [halted(ctx, train, currentMergeRequestId)]);
  const at = isoOf(ctx);
  const { why, lastResult } = endedWith(request, known, at);
  const failedAttempts = (request.details.failedAttempts ?? 0) + 1;
  const event = ruleEvent(ctx, 'M2', 'merge_failed', {
    beadId: request.details.sourceBeadId,
    rigId: train.rigId,
    new: why,
    data: { mergeRequestId: request.beadId, run: train.run },
  });
  if (failedAttempts >= maxFailedAttempts) {
    const { changes, more } = await givenUp(ctx, request, why);
    return commit(ctx, writesOf(changes, event, momentIn(ctx), [halted(ctx, train, request.beadId), ...more]));
  }
  const after = backToQueue(request, at, {
    failedAttempts,
    notBefore: isoAfter(ctx, ctx.ports.deployment.timings.mergeRetryMs),
    lastResult,
  });
  const queued = train.queued.some((entry) => entry.mergeRequestId === request.beadId)
    ? train.queued
    : [{ mergeRequestId: request.beadId, at }, ...train.queued];
  return commit(ctx, writesOf([{ before: request, after }], event, momentIn(ctx), [halted(ctx, { ...train, queued }, undefined)]));
};

export const checkTrain = async (ctx: PassContext, action: ActionOf<'check-train'>): Promise<Applied> => {
  const train = await trainOf(ctx, action);
  if (train?.executionName === undefined) return 'lost';
  const status = await ctx.ports.workflow.status('train', train.executionName);
  if (status === 'unknown' && train.currentMergeRequestId !== undefined)
    await ctx.ports.workflow.start('train', train.executionName, trainInput(train, train.currentMergeRequestId));
  if (status === 'unknown' || status === 'running') {
    return commit(ctx, [putTrain(train, { ...train, version: train.version + 1, updatedAt: isoOf(ctx) })]);
  }
  return afterDeadTrain(
    ctx,
    train,
    `execution ${train.executionName} ${status === 'succeeded' ? 'ended without a result' : `is ${status}`}`,
  );
};

export const trimTrain = async (ctx: PassContext, action: ActionOf<'trim-train'>): Promise<Applied> => {
  const [train, request] = await Promise.all([trainOf(ctx, action), requestOf(ctx, action.mergeRequestId)]);
  if (train === undefined || train.executionName !== undefined || (request?.status === 'open' && request.details.stage === 'queued'))
    return 'lost';
  const queued = train.queued.filter((entry) => entry.mergeRequestId !== action.mergeRequestId);
  if (queued.length === train.queued.length) return 'lost';
  return commit(ctx, [halted(ctx, train, action.mergeRequestId)]);
};
