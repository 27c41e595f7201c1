// First step of an attempt: is this execution the one that the request waits for?
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { findCarried } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

/** A rule has moved the request to in_progress under this execution's name before it was started. `stale`: nothing to do. */
export const createTask = defineTask(z.object(taskInput), async (ports, subject): Promise<{ outcome: 'claimed' | 'stale' }> => {
  const carried = await findCarried(ports, subject);
  return { outcome: carried === undefined || carried.onTrain ? 'stale' : 'claimed' };
});

export const handler = lambda(createTask);
