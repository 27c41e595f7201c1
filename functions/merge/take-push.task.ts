// Takes the answer of a push: on the target, or somebody else was faster and the request is stacked again.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { revised } from '../domain/transition.ts';
import { findCommand, resultIn, takenWrites } from './commands.ts';
import { TrainContended } from './errors.ts';
import { carriedBy, requestWrites, stepScene, settle } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

/** Stackings of one run. Others who push to the same branch all the time are waited out by the next run. */
const maxRounds = 5;

export const createTask = defineTask(
  z.object({ ...taskInput, round: roundSchema }),
  async (ports, input): Promise<{ outcome: 'landed' | 'moved'; round: number }> => {
    const answer = await settle<{ outcome: 'landed' | 'moved'; round: number }>(ports, async () => {
      const carried = await carriedBy(ports, input);
      const { request } = carried;
      const moved = { outcome: 'moved', round: input.round + 1 } as const;
      // Without an intention this step was done before: only a target that moved withdraws it.
      if (request.details.push === undefined) return { writes: [], result: moved };
      const asked = await findCommand(ports, { ...input, step: 'push' }, carried);
      // The answer stays until the request is closed with it.
      if (resultIn(asked.command, 'push').outcome !== 'moved') return { writes: [], result: { outcome: 'landed', round: input.round } };
      const scene = stepScene(ports, carried, input);
      const taken = takenWrites(asked);
      const { push: _withdrawn, ...details } = request.details;
      return { writes: [...requestWrites(request, revised(request, { details }, scene.at), scene), ...taken], result: moved };
    });
    if (answer.outcome === 'moved' && answer.round > maxRounds)
      throw new TrainContended(`the target moved ${maxRounds} times while the request was being stacked`);
    return answer;
  },
);

export const handler = lambda(createTask);
