// Lives whole towns in a thread of its own: asks for the next seed when it has told what became of the last.
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { liveBig } from './big-town.ts';

const { beads } = z.object({ beads: z.int() }).parse(workerData);
parentPort?.on('message', (message: unknown) => {
  const { seed } = z.object({ seed: z.int() }).parse(message);
  void liveBig(seed, { beads }).then((life) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    parentPort?.postMessage(life);
  });
});
