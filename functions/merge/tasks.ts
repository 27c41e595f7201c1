// All merge tasks by the name of their file. The state machines call `${ClaimMergeFunctionArn}` for `claim-merge`; a test compares both.
import type { Ports } from '../ports.ts';
import { createTask as askReview } from './ask-review.task.ts';
import { createTask as claimMerge } from './claim-merge.task.ts';
import { createTask as claimTrain } from './claim-train.task.ts';
import { createTask as completeMerge } from './complete-merge.task.ts';
import { createTask as intendPush } from './intend-push.task.ts';
import { createTask as recordFailure } from './record-failure.task.ts';
import { createTask as recordResult } from './record-result.task.ts';
import { createTask as runStep } from './run-step.task.ts';
import { createTask as takeGates } from './take-gates.task.ts';
import { createTask as takePrepared } from './take-prepared.task.ts';
import { createTask as takePush } from './take-push.task.ts';
import { createTask as takeVerdict } from './take-verdict.task.ts';
import type { Task } from './task.ts';

const creators = {
  'ask-review': askReview,
  'claim-merge': claimMerge,
  'claim-train': claimTrain,
  'complete-merge': completeMerge,
  'intend-push': intendPush,
  'record-failure': recordFailure,
  'record-result': recordResult,
  'run-step': runStep,
  'take-gates': takeGates,
  'take-prepared': takePrepared,
  'take-push': takePush,
  'take-verdict': takeVerdict,
} as const;
export type TaskName = keyof typeof creators;
export const taskNames: readonly string[] = Object.keys(creators);

/** Every task on these ports, for machines that run in this process. */
export const createMergeTasks = (ports: Ports): Readonly<Record<string, Task>> =>
  Object.fromEntries(Object.entries(creators).map(([name, create]) => [name, create(ports)]));
