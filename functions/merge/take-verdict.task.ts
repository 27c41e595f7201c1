// Takes the refinery's verdict from the request, where it is stored before the token is used. The result of the execution takes it off.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { MergeInputInvalid } from './errors.ts';
import { carriedBy, settle } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

export const createTask = defineTask(z.object(taskInput), async (ports, input): Promise<{ outcome: 'approved' | 'changes' }> =>
  settle(ports, async () => {
    const { review, prepared } = (await carriedBy(ports, input)).request.details;
    if (review?.verdict === undefined || review.verdict.tip !== prepared?.tip)
      throw new MergeInputInvalid('there is no verdict on what is prepared');
    return { writes: [], result: { outcome: review.verdict.outcome } };
  }),
);

export const handler = lambda(createTask);
