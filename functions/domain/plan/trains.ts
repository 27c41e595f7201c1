// Rules about merge trains: M5 start, M2 and M3 executions that died. The train's own item is the slot: one execution at most holds it.
import type { Train } from '../../contracts/work.schema.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';

type Found = ReturnType<typeof findings>;

const waitingTrain = (view: View, train: Train, found: Found): void => {
  const { rigId, targetBranch } = train;
  const subject = `${rigId}#${targetBranch}`;
  for (const { mergeRequestId } of train.queued) {
    const request = view.mergeRequest(mergeRequestId);
    if (request === undefined || request.status !== 'open' || request.details.stage !== 'queued') {
      found.actions.push({
        rule: 'M5',
        kind: 'trim-train',
        subject,
        rigId,
        targetBranch,
        mergeRequestId,
        sentence: `${mergeRequestId} leaves the train: it is not queued any more.`,
      });
    }
  }
  if (train.pausedReason !== undefined) return;
  for (const { mergeRequestId } of train.queued) {
    const request = view.mergeRequest(mergeRequestId);
    if (request === undefined || request.status !== 'open' || request.details.stage !== 'queued' || request.held) continue;
    const notBeforeMs = msOf(request.details.notBefore);
    if (notBeforeMs > view.nowMs) {
      found.waits.push(notBeforeMs);
      continue;
    }
    found.actions.push({
      rule: 'M5',
      kind: 'start-train',
      subject,
      rigId,
      targetBranch,
      mergeRequestId,
      sentence: `${mergeRequestId} is next on the train to ${targetBranch}.`,
    });
    return;
  }
};

export const trainRules = (view: View): Findings => {
  const found = findings();
  for (const train of view.snapshot.trains) {
    if (train.executionName === undefined) {
      waitingTrain(view, train, found);
      continue;
    }
    const dueAtMs = msOf(train.updatedAt) + view.timings.mergeRetryMs;
    if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
    else
      found.actions.push({
        rule: 'M2',
        kind: 'check-train',
        subject: `${train.rigId}#${train.targetBranch}`,
        rigId: train.rigId,
        targetBranch: train.targetBranch,
        sentence: `The train to ${train.targetBranch} has been running for a while: is it alive?`,
      });
  }
  return found;
};
