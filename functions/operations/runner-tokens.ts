// Fresh tokens for a runner and its agents, tickets for its WebSocket, and the credential of a rig.
import type { z } from 'zod';
import type {
  RuntimeLease,
  gitCredentialResponseSchema,
  runnerTokensRequestSchema,
  runnerTokensResponseSchema,
} from '../contracts/runner.schema.ts';
import { isLive } from '../domain/agent-state.ts';
import type { Ports } from '../ports.ts';
import { notFound, unavailable } from '../api/problems.ts';
import { signRunnerToken } from './bootstrap.ts';
import { signAgentToken } from './desired.ts';
import { storedCredential } from './rig-credential.ts';
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
    return agent !== undefined && agent.epoch === epoch && isLive(agent) ? [agent] : [];
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

/** The credential of a rig, or `{}` when it has none. Errors: 404 for another town's rig, 503 when the secret cannot be read. */
export const gitCredential = async (
  ports: Ports,
  lease: RuntimeLease,
  rigId: string,
): Promise<z.infer<typeof gitCredentialResponseSchema>> => {
  const rig = await ports.store.get('rig', { townId: lease.townId, rigId });
  if (rig === undefined) throw notFound(`There is no rig ${rigId} in this town.`);
  const stored = await storedCredential(ports, rig);
  if (stored.kind === 'found') return stored.credential;
  if (stored.kind === 'none') return {};
  const what = stored.kind === 'missing' ? 'is missing' : 'cannot be read';
  throw unavailable(`The credential of rig ${rig.name} ${what}; connect the repository again with a credential.`);
};
