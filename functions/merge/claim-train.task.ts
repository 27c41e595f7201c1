// First step of a run: is this execution the one that holds the target, and was a push of this request intended before?
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { findCarried } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

/** `push`: an intention is persisted; the host's head says whether it has happened. `stack`: from the start. `stale`: nothing to do. */
export const createTask = defineTask(
  z.object(taskInput),
  async (ports, subject): Promise<{ outcome: 'stack' | 'push' | 'stale'; round: number }> => {
    const carried = await findCarried(ports, subject);
    if (carried === undefined || !carried.onTrain) return { outcome: 'stale', round: 1 };
    return { outcome: carried.request.details.push === undefined ? 'stack' : 'push', round: 1 };
  },
);

export const handler = lambda(createTask);
