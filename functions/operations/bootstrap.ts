// A started runner exchanges its bootstrap token for a runner token and takes the town's runtime lease.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { BootstrapResponse, RuntimeLease, bootstrapRequestSchema } from '../contracts/runner.schema.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { conflict, unauthorised } from '../api/problems.ts';
import { isoNow, transact } from './transact.ts';

export type BootstrapRequest = z.infer<typeof bootstrapRequestSchema>;
/** The same instance may repeat the exchange for so long, because its first answer may have been lost. */
const repeatWindowMs = 10 * 60 * 1000;

/** SHA-256 in hexadecimal digits, as stored on the lease. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

const repeats = (lease: RuntimeLease, request: BootstrapRequest, nowMs: number): boolean =>
  lease.instanceId === request.instanceId && nowMs - (lease.bootstrappedAtMs ?? 0) <= repeatWindowMs;

const taken = (lease: RuntimeLease, request: BootstrapRequest, ports: Ports): RuntimeLease => ({
  ...lease,
  state: 'live',
  instanceId: request.instanceId,
  bootstrappedAtMs: ports.clock.nowMs(),
  lastReportAtMs: ports.clock.nowMs(),
  startedAtMs: lease.startedAtMs ?? ports.clock.nowMs(),
  reportSeq: 0,
  version: lease.version + 1,
  updatedAt: isoNow(ports),
});

/**
 * Takes the lease. Idempotent for one instance for 10 minutes.
 * Errors: 401 when the token is not the one of the current start, 409 when another instance holds the lease or nothing was started.
 */
export const bootstrap = async (ports: Ports, request: BootstrapRequest): Promise<BootstrapResponse> => {
  const runtimeEpoch = await transact(ports, 'The runtime lease', async () => {
    const lease = await ports.store.get('lease', { townId: request.townId });
    if (lease === undefined || lease.bootstrapTokenHash === undefined || lease.bootstrapTokenHash !== hashOfToken(request.bootstrapToken)) {
      throw unauthorised('This bootstrap token is not the one of the current start. Leave: a newer runner takes over.');
    }
    if (lease.state === 'live' && repeats(lease, request, ports.clock.nowMs())) return { writes: [], result: lease.runtimeEpoch };
    if (lease.state !== 'starting')
      throw conflict(
        lease.state === 'live' ? 'Another runner instance holds this town.' : `The runtime is ${lease.state}; no runner is expected.`,
      );
    const at = isoNow(ports);
    const event = newEvent(
      { townId: request.townId, eventId: ports.ids.ulid(), type: 'runtime_started', actor: `runner:${request.townId}`, at },
      { data: { runtimeEpoch: lease.runtimeEpoch } },
    );
    return {
      writes: [
        { put: 'lease', item: taken(lease, request, ports), when: { equals: { version: lease.version } } },
        { put: 'event', item: event, when: 'none' },
      ],
      result: lease.runtimeEpoch,
    };
  });
  ports.log.info('runner_bootstrapped', { townId: request.townId, runtimeEpoch });
  const { apiUrl, wsUrl, timings } = ports.deployment;
  return { runnerToken: await signRunnerToken(ports, request.townId, runtimeEpoch), runtimeEpoch, apiUrl, wsUrl, timings };
};

/** Lives as long as an agent token; the runner refreshes it through POST /runner/tokens. */
export const signRunnerToken = (ports: Pick<Ports, 'tokens' | 'deployment'>, townId: string, runtimeEpoch: number): Promise<string> =>
  ports.tokens.sign({ kind: 'runner', townId, runtimeEpoch }, ports.deployment.timings.agentTokenMs);
