// Every ten minutes: towns with overdue work get a hint.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import type { Ports } from '../ports.ts';
import { createBackgroundHandler } from './background.ts';
import { sweep } from './sweep.ts';

/** Whatever the schedule sends: nothing of it is read. */
const eventSchema = z.unknown();

export const createHandler = (ports: Pick<Ports, 'store' | 'queue' | 'clock' | 'log'>): ((event: unknown) => Promise<{ towns: number }>) =>
  createBackgroundHandler('sweep', eventSchema, ports.log, async () => {
    const towns = await sweep(ports);
    ports.log.info('swept', { towns });
    return { towns };
  });

export const handler = lambda(createHandler);
