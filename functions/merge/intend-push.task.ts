// Persists what will be pushed before anything is pushed: after a crash the host's head and this intention say what is left to do.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { revised } from '../domain/transition.ts';
import { MergeInputInvalid } from './errors.ts';
import { carriedBy, requestWrites, stepScene, settle } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

export const createTask = defineTask(z.object(taskInput), async (ports, input): Promise<null> =>
  settle(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { request } = carried;
    const { prepared, push, targetBranch, headSha } = request.details;
    if (prepared === undefined || prepared.headSha !== headSha) throw new MergeInputInvalid('nothing is prepared to be pushed');
    if (push?.newTip === prepared.tip) return { writes: [], result: null };
    const scene = stepScene(ports, carried, input);
    const after = revised(
      request,
      { details: { ...request.details, push: { targetBranch, expectedOld: prepared.targetSha, newTip: prepared.tip } } },
      scene.at,
    );
    return { writes: requestWrites(request, after, scene), result: null };
  }),
);

export const handler = lambda(createTask);
