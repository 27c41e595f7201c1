// Rules about merge trains: M5 start, M2 executions that died, M3 slots of dead executions.
import type { Train } from '../../contracts/work.schema.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { trainSlotId } from './names.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';

type Found = ReturnType<typeof findings>;

const waitingTrain = (view: View, train: Train, found: Found): void => {
  const { rigId, targetBranch } = train;
  const subject = `${rigId}#${targetBranch}`;
  const slotTaken = view.snapshot.slots.some((slot) => slot.slotId === trainSlotId(rigId, targetBranch));
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
  if (slotTaken || train.pausedReason !== undefined) return;
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
  for (const item of view.work('train')) {
    const train = view.snapshot.trains.find((candidate) => `${candidate.rigId}#${candidate.targetBranch}` === item.workId);
    if (train === undefined) continue;
    if (train.executionName === undefined) {
      waitingTrain(view, train, found);
      continue;
    }
    const dueAtMs = Math.max(item.dueAtMs, msOf(train.updatedAt) + view.timings.mergeRetryMs);
    if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
    else
      found.actions.push({
        rule: 'M2',
        kind: 'check-train',
        subject: item.workId,
        rigId: train.rigId,
        targetBranch: train.targetBranch,
        sentence: `The train to ${train.targetBranch} has been running for a while: is it alive?`,
      });
  }
  for (const slot of view.snapshot.slots) {
    if (!slot.slotId.startsWith('train#')) continue;
    const train = view.snapshot.trains.find((candidate) => trainSlotId(candidate.rigId, candidate.targetBranch) === slot.slotId);
    if (train?.executionName === slot.holder) continue;
    found.actions.push({
      rule: 'M3',
      kind: 'free-train-slot',
      subject: slot.slotId,
      slotId: slot.slotId,
      holder: slot.holder,
      sentence: `${slot.holder} is over: its place in front of the target is free.`,
    });
  }
  return found;
};
