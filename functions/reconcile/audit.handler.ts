// Every night: the invariants of all towns.
import { awsPorts } from '../adapters/aws-ports.ts';
import { auditEverything } from '../operations/audit.ts';
import type { Ports } from '../ports.ts';

/** The function ends well before its time limit of 15 minutes. */
const auditMs = 13 * 60 * 1000;

export const createHandler = (ports: Ports) => async (): Promise<void> => {
  const result = await auditEverything(ports, ports.clock.nowMs() + auditMs);
  ports.log.info('audit', { ...result });
};
export const handler = createHandler(awsPorts);
