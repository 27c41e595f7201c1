// Ends an execution with a result: the request waits for what it needs next, the train moves on, all in one transaction.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { conflictBrief, gatesBrief, gatesGreen, redGateNames, verdictBrief } from '../domain/merge/brief.ts';
import { advanceTrain, departure, joinTrain, openedAs, trainInput } from '../domain/merge/leave.ts';
import type { Departure } from '../domain/merge/leave.ts';
import { reviewedAs } from '../domain/merge/pull-request-work.ts';
import { givenUp, sentToRepair } from '../domain/merge/repair.ts';
import type { Decided, MergeScene } from '../domain/merge/repair.ts';
import { targetBugId, waitsForTarget } from '../domain/merge/target-red.ts';
import type { Ports, Write } from '../ports.ts';
import { forgottenCommands, resultOf } from './commands.ts';
import { MergeInputInvalid } from './errors.ts';
import { decisionWrites, findCarried, requestWrites, sceneOf, settle, stepScene } from './scene.ts';
import type { Carried, StepScene } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

/** `queued`: good, waits for its train · `pr_open`: good, or commented there: goes on as a pull request · `conflict` · `gates_red` and `changes`: rework · `target_red`: the target itself fails · `source_missing`: the commits are gone. */
export const results = ['queued', 'pr_open', 'conflict', 'gates_red', 'changes', 'target_red', 'source_missing'] as const;
const inputSchema = z.object({ ...taskInput, round: roundSchema, result: z.enum(results) });
type Input = z.infer<typeof inputSchema>;

const queued = ({ request, at }: StepScene): Decided => ({
  changes: [{ before: request, after: openedAs(request, 'queued', { result: 'queued', message: 'checked and good', at }) }],
  more: [],
  event: {
    type: 'review_completed',
    new: 'queued',
    data: { mergeRequestId: request.beadId, attempt: request.details.attempt, gates: request.details.gates.length },
  },
});

/** The pull request itself is opened and watched by a rule: no execution waits for people. */
const asPullRequest = ({ request, at }: StepScene): Decided => {
  const { pullRequest, review, prepared, headSha, attempt } = request.details;
  const verdict = review?.verdict?.tip === prepared?.tip ? review?.verdict : undefined;
  const message = verdict?.outcome === 'changes' ? 'reviewed with findings' : 'checked and good';
  const watch = reviewedAs(pullRequest, { key: `${request.beadId}.r${attempt}`, headSha, verdict });
  return {
    changes: [{ before: request, after: openedAs(request, 'pr_open', { result: 'pr_open', message, at }, { pullRequest: watch }) }],
    more: [],
    event: { type: 'review_completed', new: 'pr_open', data: { mergeRequestId: request.beadId, attempt } },
  };
};

const conflicted = async (ports: Ports, input: Input, carried: Carried, scene: MergeScene): Promise<Decided> => {
  const result = await resultOf(ports, { ...input, step: 'prepare' }, carried, 'prepare');
  const { targetBranch } = scene.request.details;
  const files = result.conflictFiles;
  return sentToRepair(scene, {
    kind: 'conflict',
    message: `It does not merge onto ${targetBranch}: ${files.slice(0, 10).join(', ')}${files.length > 10 ? ` and ${files.length - 10} more` : ''}.`,
    brief: conflictBrief(files, targetBranch),
  });
};

const gatesRed = (scene: MergeScene): Decided => {
  const { gates, targetBranch } = scene.request.details;
  return sentToRepair(scene, {
    kind: 'rework',
    message: `Gates fail on the merge with ${targetBranch}: ${redGateNames(gates)}.`,
    brief: gatesBrief(gates),
  });
};

const changesWanted = (scene: MergeScene): Decided => {
  const verdict = scene.request.details.review?.verdict;
  if (verdict === undefined) throw new MergeInputInvalid('there is no verdict to send back');
  return sentToRepair(scene, {
    kind: 'rework',
    message: `The review asks for changes: ${verdict.summary.split('\n')[0]?.slice(0, 500) ?? ''}`,
    brief: verdictBrief(verdict),
  });
};

const targetRed = async (ports: Ports, input: Input, carried: Carried, scene: MergeScene): Promise<Decided> => {
  const result = await resultOf(ports, { ...input, step: 'target-gates' }, carried, 'gates');
  const targetSha = scene.request.details.prepared?.targetSha;
  if (targetSha === undefined) throw new MergeInputInvalid('nothing is prepared');
  const known = await ports.store.get('bead', { townId: input.townId, beadId: targetBugId(scene.rig.prefix, targetSha) });
  return waitsForTarget(scene, targetSha, result.results, known);
};

const decide = async (ports: Ports, input: Input, carried: Carried, step: StepScene): Promise<Decided> => {
  if (input.result === 'queued') return queued(step);
  if (input.result === 'pr_open') return asPullRequest(step);
  const scene: MergeScene = { ...(await sceneOf(ports, carried, input)), ...step };
  switch (input.result) {
    case 'conflict':
      return conflicted(ports, input, carried, scene);
    case 'gates_red':
      return gatesRed(scene);
    case 'changes':
      return changesWanted(scene);
    case 'target_red':
      return targetRed(ports, input, carried, scene);
    case 'source_missing':
      return givenUp(
        scene,
        'source_missing',
        `The commits of ${scene.request.details.branch} (${scene.request.details.headSha.slice(0, 8)}) are not on the host any more.`,
      );
    default:
      return unknownResult(input.result);
  }
};
const unknownResult = (result: never): never => {
  throw new MergeInputInvalid(`no result is called ${String(result)}`);
};

/** The train that leaves at once; undefined when the request queues. A stopped or deleted town starts nothing. */
const departing = async (ports: Pick<Ports, 'store'>, carried: Carried, step: StepScene): Promise<Departure | undefined> => {
  const found = departure(carried.train, carried.request, step.moment, step.at);
  if (found === undefined) return undefined;
  const town = await ports.store.get('town', { townId: carried.request.townId });
  return town === undefined || town.deletedAt !== undefined || town.stopped !== undefined ? undefined : found;
};
/** The verdict has told that it may land, and `merged` will name the train; without a review the gates are still to be told. */
const boardingWrites = (ports: Pick<Ports, 'ids'>, scene: StepScene, { request: after, train }: Departure): Write[] => {
  const { request } = scene;
  const { gates, review } = request.details;
  const place: Write = { put: 'train', item: train, when: { absent: true } };
  if (gates.length > 0 && review?.verdict === undefined) {
    const event = gatesGreen(request.beadId, gates.length);
    return decisionWrites(ports, scene, { changes: [{ before: request, after }], more: [place], event });
  }
  return [...requestWrites(request, after, scene), place];
};

type Recorded = { readonly outcome: 'recorded' | 'stale'; readonly train?: Departure['train'] };
const record = async (ports: Ports, input: Input): Promise<{ writes: readonly Write[]; result: Recorded }> => {
  const carried = await findCarried(ports, input);
  if (carried === undefined) return { writes: [], result: { outcome: 'stale' } };
  const scene = stepScene(ports, carried, input);
  const { request, train, onTrain } = carried;
  const leaves = input.result === 'queued' ? await departing(ports, carried, scene) : undefined;
  if (leaves !== undefined) return { writes: boardingWrites(ports, scene, leaves), result: { outcome: 'recorded', train: leaves.train } };
  const decided = await decide(ports, input, carried, scene);
  if (input.result === 'queued')
    return {
      writes: decisionWrites(ports, scene, decided, joinTrain(train, request, scene.moment, scene.at)),
      result: { outcome: 'recorded' },
    };
  const moved = onTrain && train !== undefined ? advanceTrain(train, request.beadId, scene.at) : [];
  return {
    writes: decisionWrites(ports, scene, decided, [...moved, ...(await forgottenCommands(ports, input))]),
    result: { outcome: 'recorded' },
  };
};

/** Idempotent: when the execution does not carry the request any more, the result was recorded before. */
export const createTask = defineTask(inputSchema, async (ports, input): Promise<{ outcome: 'recorded' | 'stale' }> => {
  const { outcome, train } = await settle(ports, () => record(ports, input));
  if (train === undefined) return { outcome };
  try {
    await ports.workflow.start('train', train.executionName, trainInput(train, input.mergeRequestId));
  } catch (error) {
    // The train stands in the table: the rule that looks after trains starts it.
    ports.log.warn('train_not_started', { townId: input.townId, error: error instanceof Error ? error.name : 'unknown' });
  }
  return { outcome };
});

export const handler = lambda(createTask);
