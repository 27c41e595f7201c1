// What every Catch leads to: keeps the reason with the request. Errors that cannot get better end the request; the others leave it to a rule to try again.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { advanceTrain } from '../domain/merge/leave.ts';
import { givenUp } from '../domain/merge/repair.ts';
import { revised } from '../domain/transition.ts';
import { forgottenCommands } from './commands.ts';
import { finalErrors } from './errors.ts';
import { decisionWrites, findCarried, sceneOf, settle } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

const inputSchema = z.object({ ...taskInput, error: z.object({ Error: z.string(), Cause: z.string().default('') }) });
const lambdaCause = z.object({ errorMessage: z.string() });
const isFinalError = (name: string): boolean => finalErrors.some((final) => final === name);

/** Lambda wraps the message of an error in JSON. */
const causeText = (cause: string): string => {
  try {
    const parsed = lambdaCause.safeParse(JSON.parse(cause));
    return parsed.success ? parsed.data.errorMessage : cause;
  } catch {
    return cause;
  }
};
const sentenceOf = (error: { readonly Error: string; readonly Cause: string }): string => {
  if (error.Error === 'States.HeartbeatTimeout' || error.Error === 'States.Timeout') return 'The step was not answered in time.';
  return causeText(error.Cause).trim().slice(0, 2000) || error.Error;
};

export const createTask = defineTask(inputSchema, async (ports, input): Promise<{ outcome: 'noted' | 'given-up' | 'stale' }> =>
  settle<{ outcome: 'noted' | 'given-up' | 'stale' }>(ports, async () => {
    const carried = await findCarried(ports, input);
    if (carried === undefined) return { writes: [], result: { outcome: 'stale' } };
    const scene = await sceneOf(ports, carried, input);
    const { request, train, onTrain } = carried;
    const message = sentenceOf(input.error);
    const forgotten = await forgottenCommands(ports, input);
    if (isFinalError(input.error.Error)) {
      const moved = onTrain && train !== undefined ? advanceTrain(train, request.beadId, scene.at) : [];
      return {
        writes: decisionWrites(ports, scene, givenUp(scene, input.error.Error, message), [...moved, ...forgotten]),
        result: { outcome: 'given-up' },
      };
    }
    const { review, ...details } = request.details;
    // A verdict that came stays for the next attempt on the same tip; a question nobody answers any more is withdrawn.
    const kept = review?.verdict === undefined ? {} : { review };
    const after = revised(
      request,
      {
        details: {
          ...details,
          ...kept,
          lastResult: {
            result: 'error',
            message: `${input.error.Error}: ${message}`.slice(0, 4000),
            at: scene.at,
            ...(details.executionName === undefined ? {} : { executionName: details.executionName }),
          },
        },
      },
      scene.at,
    );
    const event = {
      type: 'merge_failed',
      new: message,
      data: { mergeRequestId: request.beadId, error: input.error.Error, attempt: request.details.attempt },
    } as const;
    return {
      writes: decisionWrites(ports, scene, { changes: [{ before: request, after }], more: [], event }, forgotten),
      result: { outcome: 'noted' },
    };
  }),
);

export const handler = lambda(createTask);
