// Rules about merge requests: M1 start, M2 executions that ended without a result, M4 results that nobody has taken. Trains are in trains.ts.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import { isConvoy, isIssue } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { moneyGate } from './budgets.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';

export type MergeRequest = Bead & BeadOf<'merge_request'>;
type Found = ReturnType<typeof findings>;
/** Beats come so many times within one heartbeat limit. */
const beatsPerLimit = 3;

/** A landing goes on as long as its convoy does and has made no newer one. */
const landingOvertakenBy = (request: MergeRequest, convoy: Bead | undefined): string | undefined => {
  if (convoy === undefined || !isConvoy(convoy)) return 'its convoy is gone';
  if (isFinal(convoy.status)) return `its convoy ${convoy.beadId} is ${convoy.status}`;
  if (convoy.details.closing !== undefined) return `its convoy ${convoy.beadId} is being cancelled`;
  const known = convoy.details.landings?.some((landing) => landing.mergeRequestId === request.beadId) === true;
  return known ? undefined : 'a newer landing took its place';
};

/** Why a request cannot be merged any more: its source went another way. */
export const overtakenBy = (request: MergeRequest, source: Bead | undefined): string | undefined => {
  if (request.details.kind === 'landing') return landingOvertakenBy(request, source);
  if (source === undefined) return 'its source bead is gone';
  if (isFinal(source.status)) return `its source ${source.beadId} is ${source.status}`;
  if (!isIssue(source)) return 'its source bead is gone';
  const latest = source.details.latestMergeRequestId;
  return latest !== undefined && latest !== request.beadId ? `${latest} took its place` : undefined;
};

const inTrain = (view: View, beadId: string): boolean =>
  view.snapshot.trains.some(
    (train) => train.currentMergeRequestId === beadId || train.queued.some((entry) => entry.mergeRequestId === beadId),
  );

const openRules = (view: View, request: MergeRequest, found: Found): void => {
  const { beadId, details } = request;
  const overtaken = overtakenBy(request, view.bead(details.sourceBeadId));
  if (overtaken !== undefined) {
    found.actions.push({
      rule: 'M1',
      kind: 'supersede-merge',
      subject: beadId,
      beadId,
      why: overtaken,
      sentence: `${beadId} is not merged: ${overtaken}.`,
    });
    return;
  }
  const retry = details.stage === 'target_red' || (details.stage === 'queued' && !inTrain(view, beadId));
  if (details.stage !== 'new' && !retry) return;
  if (request.openBlockers > 0 || request.held) return;
  const lastBackoffMs = view.timings.dispatchBackoffMs.at(-1) ?? view.timings.mergeRetryMs;
  const dueAtMs =
    details.stage === 'target_red' ? Math.max(msOf(details.notBefore), msOf(request.updatedAt) + lastBackoffMs) : msOf(details.notBefore);
  const money = moneyGate(view);
  if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
  // A merge asks for a review, which costs money.
  else if (money.town !== undefined) found.waits.push(...money.waits);
  else if (retry)
    found.actions.push({
      rule: 'M1',
      kind: 'retry-target',
      subject: beadId,
      beadId,
      sentence: `${beadId} waited for its target long enough: it is tried again.`,
    });
  else
    found.actions.push({
      rule: 'M1',
      kind: 'start-merge',
      subject: beadId,
      beadId,
      sentence: `Nothing is in the way of ${beadId}: its merge attempt ${details.attempt} starts.`,
    });
};

const runningRules = (view: View, request: MergeRequest, itemDueAtMs: number, found: Found): void => {
  const { beadId, details } = request;
  const { review } = details;
  if (review?.verdict !== undefined && !review.tokenTaken) {
    const dueAtMs = msOf(review.verdict.at) + view.timings.resendMs;
    if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
    else
      found.actions.push({
        rule: 'M4',
        kind: 'resend-verdict',
        subject: beadId,
        beadId,
        sentence: `The verdict on ${beadId} has not been taken yet: it is sent again.`,
      });
  }
  if (view.snapshot.trains.some((train) => train.currentMergeRequestId === beadId && train.executionName !== undefined)) return;
  const dueAtMs = Math.max(itemDueAtMs, msOf(request.updatedAt) + view.timings.mergeRetryMs);
  if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
  else
    found.actions.push({
      rule: 'M2',
      kind: 'check-merge',
      subject: beadId,
      beadId,
      sentence: `${beadId} has been in progress for a while: is its execution alive?`,
    });
};

const commandRules = (view: View): Findings => {
  const found = findings();
  for (const command of view.snapshot.commands) {
    const { commandId, token } = command;
    const subject = commandId;
    if (command.state === 'done') {
      if (token === undefined) continue;
      // A try that failed and has been told stays as long as a later try may look for it.
      const dueAtMs = command.tokenTaken
        ? command.deadlineAtMs + view.timings.reviewDeadlineMs
        : msOf(command.updatedAt) + view.timings.resendMs;
      if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
      else
        found.actions.push({
          rule: 'M4',
          kind: 'resend-command',
          subject,
          commandId,
          sentence: command.tokenTaken
            ? `${subject} is of no use any more.`
            : `The result of ${subject} has not been taken yet: it is sent again.`,
        });
      continue;
    }
    if (command.deadlineAtMs <= view.nowMs) {
      found.actions.push({ rule: 'M4', kind: 'expire-command', subject, commandId, sentence: `${subject} has passed its deadline.` });
      continue;
    }
    found.waits.push(command.deadlineAtMs);
    const { lease } = view.snapshot;
    if (token === undefined || lease?.state !== 'live' || (lease.lastReportAtMs ?? 0) + view.timings.runtimeSilentMs < view.nowMs) continue;
    const beatAtMs = Math.max(command.beatAtMs ?? 0, msOf(command.createdAt) + view.timings.workflowHeartbeatMs / beatsPerLimit);
    if (beatAtMs > view.nowMs) found.waits.push(beatAtMs);
    else
      found.actions.push({
        rule: 'M4',
        kind: 'beat-command',
        subject,
        commandId,
        sentence: `The runner lives: the step that waits for ${subject} is told.`,
      });
  }
  return found;
};

export const mergeRules = (view: View): Findings => {
  const found = findings();
  for (const { request, dueAtMs } of view.requests) {
    if (request.status === 'open') openRules(view, request, found);
    if (request.status === 'in_progress') runningRules(view, request, dueAtMs, found);
  }
  const commands = commandRules(view);
  return { actions: [...found.actions, ...commands.actions], waits: [...found.waits, ...commands.waits] };
};
