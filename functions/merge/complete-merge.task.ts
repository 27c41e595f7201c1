// The commits are on the target: request and source close, the train moves on, in one transaction.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { landed } from '../domain/merge/landed.ts';
import { advanceTrain } from '../domain/merge/leave.ts';
import { sweepAfterMerge } from '../operations/branch-sweep.ts';
import { findCommand, takenWrites } from './commands.ts';
import { decisionWrites, findCarried, settle, sourceOf, stepScene } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

/** Without an intention the target had the commits already: the request's own head is what landed. */
export const createTask = defineTask(
  z.object({ ...taskInput, round: roundSchema }),
  async (ports, input): Promise<{ outcome: 'merged' | 'stale' }> =>
    settle<{ outcome: 'merged' | 'stale' }>(ports, async () => {
      const carried = await findCarried(ports, input);
      if (carried === undefined) return { writes: [], result: { outcome: 'stale' } };
      const { request, train, onTrain } = carried;
      const scene = stepScene(ports, carried, input);
      const decided = landed(request, await sourceOf(ports, carried), request.details.push?.newTip ?? request.details.headSha, scene.at);
      const moved = onTrain && train !== undefined ? advanceTrain(train, request.beadId, scene.at) : [];
      const sweep = await sweepAfterMerge(ports, request, scene.moment);
      const push = request.details.push === undefined ? [] : takenWrites(await findCommand(ports, { ...input, step: 'push' }, carried));
      return {
        writes: decisionWrites(ports, scene, decided, [...moved, ...sweep]),
        afterwards: push,
        result: { outcome: 'merged' },
      };
    }),
);

export const handler = lambda(createTask);
