// A fact from outside: the process or task of a town's runtime has ended. It is noted on the lease; the next pass asks whether it is so.
import type { Ports } from '../ports.ts';
import { isoNow, transact } from './transact.ts';

/**
 * Notes the end of the runtime that the port knows as `runtimeRef`; nothing happens when the lease is another's by now.
 * `endedWell`: it was stopped, and did not crash. Doing it twice is harmless. The end of a runtime that was told to stop needs no note.
 */
export const noteRuntimeEnded = (
  ports: Pick<Ports, 'store' | 'clock'>,
  townId: string,
  runtimeRef: string,
  endedWell: boolean,
): Promise<void> =>
  transact(ports, 'The runtime lease', async () => {
    const lease = await ports.store.get('lease', { townId });
    const isHeld = lease !== undefined && lease.runtimeRef === runtimeRef && (lease.state === 'starting' || lease.state === 'live');
    if (!isHeld || lease.endedAtMs !== undefined) return { writes: [], result: undefined };
    const item = { ...lease, endedAtMs: ports.clock.nowMs(), endedWell, version: lease.version + 1, updatedAt: isoNow(ports) };
    return { writes: [{ put: 'lease', item, when: { equals: { version: lease.version } } }], result: undefined };
  });
