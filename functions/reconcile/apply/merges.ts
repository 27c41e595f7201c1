// Applies the rules about merge requests and runner commands. The workflow is called after the commit; a kill between is healed by M2.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Command } from '../../contracts/runner.schema.ts';
import { isIssue, isMergeRequest, workItem, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { nextAttempt } from '../../domain/merge-request.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { overtakenBy } from '../../domain/plan/merges.ts';
import { isTrainExecution, mergeExecutionName } from '../../domain/plan/names.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import { resendResult, settleCommand } from '../../operations/commands.ts';
import { beadOf, commit, escalationWrites, isoAfter, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

type Request = Bead & BeadOf<'merge_request'>;
type LastResult = NonNullable<Request['details']['lastResult']>;
/** Executions in a row without a result, after which a request fails. */
export const maxFailedAttempts = 5;
const beatsPerLimit = 3;

export const requestOf = async (ctx: PassContext, beadId: string): Promise<Request | undefined> => {
  const bead = await beadOf(ctx, beadId);
  return bead !== undefined && isMergeRequest(bead) ? bead : undefined;
};

const mergeInput = (request: Request): Readonly<Record<string, string | number>> => ({
  townId: request.townId,
  mergeRequestId: request.beadId,
  attempt: request.details.attempt,
});

export const startMerge = async (ctx: PassContext, action: ActionOf<'start-merge'>): Promise<Applied> => {
  const request = await requestOf(ctx, action.beadId);
  if (request?.status !== 'open' || request.details.stage !== 'new' || request.openBlockers > 0 || request.held) return 'lost';
  const moved = transition(request, { status: 'in_progress' }, isoOf(ctx));
  if (!moved.ok) return 'lost';
  const { notBefore: _over, ...details } = request.details;
  const executionName = mergeExecutionName(ctx.townId, request.beadId, request.details.attempt);
  // Who holds a request is bookkeeping like a lease: what came of it is told by the events of its gates, its review and its end.
  const done = await commit(
    ctx,
    writesOf([{ before: request, after: { ...moved.bead, details: { ...details, executionName } } }], undefined, momentIn(ctx)),
  );
  if (done === 'done') await ctx.ports.workflow.start('merge', executionName, mergeInput(request));
  return done;
};

export const retryTarget = async (ctx: PassContext, action: ActionOf<'retry-target'>): Promise<Applied> => {
  const request = await requestOf(ctx, action.beadId);
  if (request?.status !== 'open' || (request.details.stage !== 'target_red' && request.details.stage !== 'queued')) return 'lost';
  if (
    request.details.stage === 'queued' &&
    (await ctx.ports.store.trainsOf(ctx.townId)).some((train) => train.queued.some((entry) => entry.mergeRequestId === request.beadId))
  )
    return 'lost';
  const event = ruleEvent(ctx, 'M1', 'status_changed', {
    beadId: request.details.sourceBeadId,
    data: { mergeRequestId: request.beadId, stage: 'new' },
  });
  return commit(ctx, writesOf([{ before: request, after: nextAttempt(request, isoOf(ctx)) }], event, momentIn(ctx)));
};

export const supersedeMerge = async (ctx: PassContext, action: ActionOf<'supersede-merge'>): Promise<Applied> => {
  const request = await requestOf(ctx, action.beadId);
  if (request?.status !== 'open') return 'lost';
  const source = await beadOf(ctx, request.details.sourceBeadId);
  const why = overtakenBy(request, source);
  if (why === undefined) return 'lost';
  const failed = transition(request, { status: 'failed', failure: { code: 'superseded', message: why, source: 'patrol:M1' } }, isoOf(ctx));
  if (!failed.ok) return 'lost';
  return commit(
    ctx,
    writesOf(
      [{ before: request, after: failed.bead }],
      ruleEvent(ctx, 'M1', 'merge_failed', { beadId: request.details.sourceBeadId, new: why, data: { mergeRequestId: request.beadId } }),
      momentIn(ctx),
    ),
  );
};

/** Moves the next look at a request; gives way to whoever wrote the item meanwhile. One that its issue leads to gets an item for it. */
const lookAgain = async (ctx: PassContext, workId: string, afterMs: number): Promise<void> => {
  const { townId } = ctx;
  const item = await ctx.ports.store.get('work', { townId, kind: 'merge', workId });
  const { nowMs, stamp } = momentIn(ctx);
  const next = { ...item, ...workItem(townId, 'merge', workId, nowMs + afterMs, stamp) };
  await commit(ctx, [{ put: 'work', item: next, when: item === undefined ? { absent: true } : { equals: { stamp: item.stamp } } }]);
};

/** Held for people, with the reason on the bead itself. */
const heldFor = (source: Bead, reason: string): Bead => ({
  ...source,
  held: true,
  details: isIssue(source) ? { ...source.details, lastError: reason.slice(0, 2000) } : source.details,
});

/** The request after too many executions without a result: failed, its source open and held. */
export const givenUp = async (
  ctx: PassContext,
  request: Request,
  why: string,
): Promise<{ changes: BeadChange[]; more: Awaited<ReturnType<typeof escalationWrites>> }> => {
  const at = isoOf(ctx);
  const message = `${maxFailedAttempts} executions ended without a result; the last: ${why}`.slice(0, 2000);
  const failed = transition(
    request,
    {
      status: 'failed',
      failure: {
        code: 'merge_attempts_exhausted',
        message,
        source: 'patrol:M2',
      },
    },
    at,
  );
  const source = await beadOf(ctx, request.details.sourceBeadId);
  const open = source?.status === 'in_review' ? transition(source, { status: 'open' }, at) : undefined;
  const changes = [
    ...(failed.ok ? [{ before: request, after: failed.bead }] : []),
    ...(source !== undefined && open?.ok === true
      ? [{ before: source, after: heldFor(open.bead, `${request.beadId} failed: ${message}`) }]
      : []),
  ];
  // A landing is tried again by its convoy, which tells people itself.
  if (request.details.kind === 'landing') return { changes, more: [] };
  const more = await escalationWrites(ctx, {
    rule: 'M2',
    mark: `merge-exhausted#${request.beadId}`,
    severity: 'high',
    category: 'failed',
    about: source ?? request,
    ...(open?.ok === true ? { cause: { of: 'held' } } : {}),
    title: `${request.beadId} could not be merged: its source is held`,
    body: why,
  });
  return { changes, more };
};

/** Why the execution ended: what its failed step stored, if it did; else what is known of the execution itself. */
export const endedWith = (request: Request, known: string, at: string): { readonly why: string; readonly lastResult: LastResult } => {
  const { lastResult, executionName } = request.details;
  if (lastResult !== undefined && executionName !== undefined && lastResult.executionName === executionName)
    return { why: lastResult.message, lastResult };
  return { why: known, lastResult: { result: 'none', message: known, at } };
};

/** The execution is over and left no result: the next attempt after a wait, or the end. */
const afterDeadExecution = async (ctx: PassContext, request: Request, known: string): Promise<Applied> => {
  const at = isoOf(ctx);
  const { why, lastResult } = endedWith(request, known, at);
  const failedAttempts = (request.details.failedAttempts ?? 0) + 1;
  const event = ruleEvent(ctx, 'M2', 'merge_failed', {
    beadId: request.details.sourceBeadId,
    new: why,
    data: { mergeRequestId: request.beadId, attempt: request.details.attempt },
  });
  if (failedAttempts >= maxFailedAttempts) {
    const { changes, more } = await givenUp(ctx, request, why);
    return commit(ctx, writesOf(changes, event, momentIn(ctx), more));
  }
  const after = nextAttempt(request, at, {
    failedAttempts,
    notBefore: isoAfter(ctx, ctx.ports.deployment.timings.mergeRetryMs),
    lastResult,
  });
  return commit(ctx, writesOf([{ before: request, after }], event, momentIn(ctx)));
};

export const checkMerge = async (ctx: PassContext, action: ActionOf<'check-merge'>): Promise<Applied> => {
  const { workflow, deployment } = ctx.ports;
  const request = await requestOf(ctx, action.beadId);
  if (request?.status !== 'in_progress') return 'lost';
  const { executionName, review } = request.details;
  if (review !== undefined && review.verdict === undefined && (await workflow.heartbeat(review.token)) === 'taken') {
    await lookAgain(ctx, request.beadId, deployment.timings.workflowHeartbeatMs / beatsPerLimit);
    return 'done';
  }
  if (executionName === undefined || isTrainExecution(ctx.townId, executionName))
    return afterDeadExecution(ctx, request, 'no execution holds it');
  const status = await workflow.status('merge', executionName);
  if (status === 'unknown') await workflow.start('merge', executionName, mergeInput(request));
  if (status === 'unknown' || status === 'running') {
    await lookAgain(ctx, request.beadId, deployment.timings.mergeRetryMs);
    return 'done';
  }
  return afterDeadExecution(
    ctx,
    request,
    `execution ${executionName} ${status === 'succeeded' ? 'ended without a result' : `is ${status}`}`,
  );
};

/** A verdict whose execution did not take it. */
export const resendVerdict = async (ctx: PassContext, action: ActionOf<'resend-verdict'>): Promise<Applied> => {
  const request = await requestOf(ctx, action.beadId);
  const review = request?.details.review;
  if (request === undefined || isFinal(request.status) || review?.verdict === undefined || review.tokenTaken) return 'lost';
  await ctx.ports.workflow.succeed(review.token, review.verdict);
  const after = revised(request, { details: { ...request.details, review: { ...review, tokenTaken: true } } }, isoOf(ctx));
  return commit(ctx, writesOf([{ before: request, after }], undefined, momentIn(ctx)));
};

const commandOf = (ctx: PassContext, commandId: string): Promise<Command | undefined> =>
  ctx.ports.store.get('command', { townId: ctx.townId, commandId });

export const resendCommand = async (ctx: PassContext, { commandId }: ActionOf<'resend-command'>): Promise<Applied> => {
  const command = await commandOf(ctx, commandId);
  if (command?.state !== 'done') return 'lost';
  await resendResult(ctx.ports, command);
  return 'done';
};

export const expireCommand = async (ctx: PassContext, { commandId }: ActionOf<'expire-command'>): Promise<Applied> => {
  const command = await commandOf(ctx, commandId);
  if (command?.state !== 'queued' || command.deadlineAtMs > ctx.ports.clock.nowMs()) return 'lost';
  await settleCommand(ctx.ports, ctx.townId, commandId, {
    kind: 'error',
    retryable: true,
    message: 'The runner did not answer before the deadline.',
  });
  return 'done';
};

export const beatCommand = async (ctx: PassContext, { commandId }: ActionOf<'beat-command'>): Promise<Applied> => {
  const command = await commandOf(ctx, commandId);
  if (command?.state !== 'queued' || command.token === undefined) return 'lost';
  await ctx.ports.workflow.heartbeat(command.token);
  const beatAtMs = ctx.ports.clock.nowMs() + ctx.ports.deployment.timings.workflowHeartbeatMs / beatsPerLimit;
  return commit(ctx, [
    { put: 'command', item: { ...command, beatAtMs, version: command.version + 1 }, when: { equals: { version: command.version } } },
  ]);
};
