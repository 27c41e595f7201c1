// Tries planted faults in a thread of its own, one after the other.
import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { tryFault } from '../../prove/simulator-faults.ts';

const plantedSchema = z.object({ how: z.enum(['drop', 'twice']), what: z.string() });
parentPort?.on('message', (message: unknown) => {
  void tryFault(plantedSchema.parse(message)).then((tried) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    parentPort?.postMessage(tried);
  });
});
