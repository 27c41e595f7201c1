// What a merge request looks like when an execution has let go of it, and how its train moves on. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { MergeRequestDetails, MergeStage } from '../../contracts/merge-request.schema.ts';
import type { Train } from '../../contracts/work.schema.ts';
import type { Write } from '../../ports.ts';
import type { Moment } from '../bead-writes.ts';
import type { MergeRequestBead } from '../prompts/refinery.ts';
import { trainExecutionName } from '../plan/names.ts';
import { revised, transition } from '../transition.ts';

/** A result does not fit the state of the request any more: somebody else has decided. */
export class MergeDecided extends Error {
  override readonly name = 'MergeDecided';
}

const maxMessageCharacters = 4000;

/** Details without everything that belongs to the execution that ends here. Attempts that ended without a result are forgotten. */
const released = (details: MergeRequestDetails): MergeRequestDetails => {
  const { executionName: _execution, review: _review, push: _push, notBefore: _notBefore, failedAttempts: _failed, ...kept } = details;
  return kept;
};
const withResult = (details: MergeRequestDetails, result: string, message: string, at: string): MergeRequestDetails => ({
  ...released(details),
  lastResult: { result, message: message.slice(0, maxMessageCharacters), at },
});

export interface Ending {
  readonly result: string;
  readonly message: string;
  /** ISO time. */ readonly at: string;
}

/** Back to open with the result as its stage. Throws `MergeDecided` when the request is final. */
export const openedAs = (request: MergeRequestBead, stage: MergeStage, ending: Ending, more: Partial<MergeRequestDetails> = {}): Bead => {
  const moved = transition(request, { status: 'open' }, ending.at);
  if (!moved.ok || !moved.changed) throw new MergeDecided(moved.ok ? `${request.beadId} is open already` : moved.message);
  return { ...moved.bead, details: { ...withResult(request.details, ending.result, ending.message, ending.at), stage, ...more } };
};

/** Merged. Throws `MergeDecided` when the request is final. */
export const closedAsMerged = (request: MergeRequestBead, landedSha: string, at: string): Bead => {
  const moved = transition(request, { status: 'closed' }, at);
  if (!moved.ok || !moved.changed) throw new MergeDecided(moved.ok ? `${request.beadId} is closed already` : moved.message);
  // What was tested is what has landed: of it the commit before is enough.
  const { prepared, gatedOn, ...details } = withResult(request.details, 'merged', 'landed', at);
  const { push } = request.details;
  const tested = [
    { tip: push?.newTip, onto: push?.expectedOld },
    { tip: prepared?.tip, onto: prepared?.targetSha },
    { tip: gatedOn?.tip, onto: gatedOn?.targetSha },
  ];
  const landedOnto = tested.find(({ tip }) => tip === landedSha)?.onto;
  return { ...moved.bead, details: { ...details, landedSha, ...(landedOnto === undefined ? {} : { landedOnto }) } };
};

/** Given up for good. Throws `MergeDecided` when the request is final. */
export const failedAs = (request: MergeRequestBead, code: string, ending: Ending): Bead => {
  const moved = transition(
    request,
    { status: 'failed', failure: { code, message: ending.message.slice(0, 2000), source: 'merge' } },
    ending.at,
  );
  if (!moved.ok || !moved.changed) throw new MergeDecided(moved.ok ? `${request.beadId} has failed already` : moved.message);
  return { ...moved.bead, details: withResult(request.details, ending.result, ending.message, ending.at) };
};

/** The request waits for its train, which is made when it is the first. Runs are numbered from the time, so that no execution's name is used twice. */
export const joinTrain = (
  train: Train | undefined,
  request: MergeRequestBead & { readonly rigId: string },
  moment: Moment,
  at: string,
): Write[] => {
  const {
    townId,
    beadId,
    rigId,
    details: { targetBranch },
  } = request;
  const entry = { mergeRequestId: beadId, at };
  if (train === undefined) {
    const item: Train = { townId, rigId, targetBranch, run: moment.nowMs, queued: [entry], version: 1, updatedAt: at };
    return [{ put: 'train', item, when: { absent: true } }];
  }
  const queued = [...train.queued.filter((waiting) => waiting.mergeRequestId !== beadId), entry];
  return [
    { put: 'train', item: { ...train, queued, version: train.version + 1, updatedAt: at }, when: { equals: { version: train.version } } },
  ];
};

/** What an execution of train.asl.json begins with. */
export const trainInput = (train: Train, mergeRequestId: string): Readonly<Record<string, string | number>> => ({
  townId: train.townId,
  rigId: train.rigId,
  targetBranch: train.targetBranch,
  mergeRequestId,
  run: train.run,
});

export interface Departure {
  readonly request: Bead;
  /** Written only if nobody was faster: the train's item is the place in front of the target. */
  readonly train: Train & { readonly executionName: string };
}
/**
 * Nobody waits for the target: the request goes on at once as a train of one, with the intention to push what was gated and approved. The
 * push holds only while the target is where the gates saw it; else the request is stacked again. Undefined when it must queue.
 */
export const departure = (
  train: Train | undefined,
  request: MergeRequestBead & { readonly rigId: string },
  moment: Moment,
  at: string,
): Departure | undefined => {
  const { townId, beadId, rigId, details } = request;
  const { prepared, targetBranch } = details;
  if (train !== undefined || request.held || prepared === undefined || prepared.headSha !== details.headSha) return undefined;
  const run = moment.nowMs;
  const executionName = trainExecutionName(townId, rigId, targetBranch, run);
  const push = { targetBranch, expectedOld: prepared.targetSha, newTip: prepared.tip };
  // What is pushed is what was prepared: stacking it again prepares it anew.
  const { prepared: _pushed, gatedOn: _gated, ...kept } = released(details);
  return {
    request: revised(request, { details: { ...kept, executionName, push } }, at),
    train: {
      townId,
      rigId,
      targetBranch,
      run,
      executionName,
      currentMergeRequestId: beadId,
      queued: [{ mergeRequestId: beadId, at }],
      version: 1,
      updatedAt: at,
    },
  };
};

/** The train without its execution, or no train when nothing waits for it. */
export const haltedTrain = (train: Train, queued: Train['queued'], at: string): Write => {
  const { executionName: _execution, currentMergeRequestId: _current, ...rest } = train;
  const when = { equals: { version: train.version } };
  if (queued.length === 0)
    return { remove: 'train', key: { townId: train.townId, rigId: train.rigId, targetBranch: train.targetBranch }, when };
  return { put: 'train', item: { ...rest, queued, run: train.run + 1, version: train.version + 1, updatedAt: at }, when };
};

/** The execution's request leaves the train, its run is over, and the place in front of the target is free. */
export const advanceTrain = (train: Train, mergeRequestId: string, at: string): Write[] => [
  haltedTrain(
    train,
    train.queued.filter((waiting) => waiting.mergeRequestId !== mergeRequestId),
    at,
  ),
];
