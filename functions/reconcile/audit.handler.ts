// Every night: the invariants of all towns.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { auditEverything } from '../operations/audit.ts';
import type { AuditResult } from '../operations/audit.ts';
import type { Ports } from '../ports.ts';
import { createBackgroundHandler } from './background.ts';

/** Whatever the schedule sends: nothing of it is read. */
const eventSchema = z.unknown();
/** It ends well before the function's limit of 15 minutes. */
const auditMs = 13 * 60 * 1000;

export const createHandler = (ports: Ports): ((event: unknown) => Promise<AuditResult>) =>
  createBackgroundHandler('audit', eventSchema, ports.log, async () => {
    const result = await auditEverything(ports, ports.clock.nowMs() + auditMs);
    ports.log.info('audited', { ...result });
    return result;
  });

export const handler = lambda(createHandler);
