// Every hour: goes on with the rounds of the night through all towns, until they are done.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { nightlyRounds } from '../operations/nightly.ts';
import type { NightlyResult } from '../operations/nightly.ts';
import type { Ports } from '../ports.ts';
import { createBackgroundHandler } from './background.ts';

/** Whatever the schedule sends: nothing of it is read. */
const eventSchema = z.unknown();
/** It ends well before the function's limit of 15 minutes. */
const auditMs = 13 * 60 * 1000;

export const createHandler = (ports: Ports): ((event: unknown) => Promise<NightlyResult | undefined>) =>
  createBackgroundHandler('audit', eventSchema, ports.log, async () => {
    const result = await nightlyRounds(ports, ports.clock.nowMs() + auditMs);
    if (result !== undefined) ports.log.info('audited', { ...result });
    return result;
  });

export const handler = lambda(createHandler);
