// Takes the refinery's verdict from the request, where it is stored before the token is used. The result of the execution takes it off.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { reviewModeFor, strategyFor } from '../domain/merge/strategy.ts';
import type { Ports } from '../ports.ts';
import { MergeInputInvalid } from './errors.ts';
import { carriedBy, settle, surroundingsOf } from './scene.ts';
import type { Carried } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

type Outcome = 'approved' | 'changes' | 'comments';

/** Where findings become comments they go to the pull request, not to a rework bead. */
const outcomeOfChanges = async (ports: Ports, carried: Carried): Promise<Outcome> => {
  const { request } = carried;
  const { rig, town, source } = await surroundingsOf(ports, carried);
  const owners = { town, rig, bead: source, userId: request.requestedBy };
  return reviewModeFor(strategyFor(request.details, owners), owners) === 'comments' ? 'comments' : 'changes';
};

export const createTask = defineTask(z.object(taskInput), async (ports, input): Promise<{ outcome: Outcome }> =>
  settle<{ outcome: Outcome }>(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { review, prepared } = carried.request.details;
    if (review?.verdict === undefined || review.verdict.tip !== prepared?.tip)
      throw new MergeInputInvalid('there is no verdict on what is prepared');
    const { outcome } = review.verdict;
    return { writes: [], result: { outcome: outcome === 'changes' ? await outcomeOfChanges(ports, carried) : outcome } };
  }),
);

export const handler = lambda(createTask);
