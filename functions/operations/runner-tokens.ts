// Fresh tokens for a runner and its agents, tickets for its WebSocket, and the credential of a rig.
import type { z } from 'zod';
import type {
  RuntimeLease,
  gitCredentialResponseSchema,
  runnerTokensRequestSchema,
  runnerTokensResponseSchema,
} from '../contracts/runner.schema.ts';
import { isCrew, isLive } from '../domain/agent-state.ts';
import { HostRefused, HostUnavailable } from '../host-errors.ts';
import type { Ports } from '../ports.ts';
import { notFound, unavailable } from '../api/problems.ts';
import { signRunnerToken } from './bootstrap.ts';
import { signAgentToken } from './desired.ts';
import { gitCredentialOf } from './host-access.ts';
import { runtimeEpochOld } from './runtime-caller.ts';

const ticketLifeMs = 30_000;

/** Agents that are not live, or of another epoch, get none. */
export const refreshTokens = async (
  ports: Ports,
  lease: RuntimeLease,
  request: z.infer<typeof runnerTokensRequestSchema>,
): Promise<z.infer<typeof runnerTokensResponseSchema>> => {
  if (request.runtimeEpoch !== lease.runtimeEpoch) throw runtimeEpochOld(lease.runtimeEpoch, request.runtimeEpoch);
  const stored = new Map((await ports.store.agentsOf(lease.townId)).map((agent) => [agent.agentId, agent]));
  const agents = request.agents.flatMap(({ agentId, epoch }) => {
    const agent = stored.get(agentId);
    return agent !== undefined && agent.epoch === epoch && isLive(agent) && !isCrew(agent) ? [agent] : [];
  });
  return {
    runnerToken: await signRunnerToken(ports, lease.townId, lease.runtimeEpoch),
    agents: await Promise.all(
      agents.map(async (agent) => ({ agentId: agent.agentId, agentToken: await signAgentToken(ports, agent, lease) })),
    ),
  };
};

/** One-time ticket for the runner's WebSocket, valid for 30 s. */
export const runnerTicket = async (ports: Ports, lease: RuntimeLease): Promise<{ ticket: string; wsUrl: string }> => {
  const ticketId = ports.ids.secret();
  const expiresAtMs = ports.clock.nowMs() + ticketLifeMs;
  await ports.store.commit([
    {
      put: 'ticket',
      item: { ticketId, kind: 'runner', townId: lease.townId, expiresAtMs, deleteAfterEpochSeconds: Math.ceil(expiresAtMs / 1000) + 60 },
      when: { absent: true },
    },
  ]);
  return { ticket: ticketId, wsUrl: ports.deployment.wsUrl };
};

/** The credential of a rig, fresh where its host makes short ones, or `{}` when it has none. Errors: 404 for another town's rig, 503 when there is none to be had. */
export const gitCredential = async (
  ports: Ports,
  lease: RuntimeLease,
  rigId: string,
): Promise<z.infer<typeof gitCredentialResponseSchema>> => {
  const rig = await ports.store.get('rig', { townId: lease.townId, rigId });
  if (rig === undefined) throw notFound(`There is no rig ${rigId} in this town.`);
  try {
    return (await gitCredentialOf(ports, rig)) ?? {};
  } catch (error) {
    if (error instanceof HostRefused || error instanceof HostUnavailable) throw unavailable(`Rig ${rig.name}: ${error.message}`);
    throw error;
  }
};
