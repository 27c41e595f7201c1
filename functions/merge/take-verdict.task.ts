// Takes the refinery's verdict from the request, where it is stored before the token is used.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { revised } from '../domain/transition.ts';
import { MergeInputInvalid } from './errors.ts';
import { carriedBy, requestWrites, stepScene, settle } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

export const createTask = defineTask(z.object(taskInput), async (ports, input): Promise<{ outcome: 'approved' | 'changes' }> =>
  settle(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { request } = carried;
    const { review, prepared } = request.details;
    if (review?.verdict === undefined || review.verdict.tip !== prepared?.tip)
      throw new MergeInputInvalid('there is no verdict on what is prepared');
    const result = { outcome: review.verdict.outcome };
    if (review.tokenTaken) return { writes: [], result };
    const scene = stepScene(ports, carried, input);
    const after = revised(request, { details: { ...request.details, review: { ...review, tokenTaken: true } } }, scene.at);
    return { writes: requestWrites(request, after, scene), result };
  }),
);

export const handler = lambda(createTask);
