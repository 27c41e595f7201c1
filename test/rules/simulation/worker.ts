// Lives seeds in a thread of its own and tells what each came to.
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { liveOnce } from './town.ts';

/** Every so many seeds the town is watched until nothing is left to do. */
const settledSeeds = 5;
const { seeds } = z.object({ seeds: z.array(z.int()) }).parse(workerData);
for (const seed of seeds) {
  const life = await liveOnce(seed, seed % settledSeeds === 0);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(life);
}
