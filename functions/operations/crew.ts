// Crew: a person's own agent joins a town under a token of its own, which is shown once. It runs on that person's machine.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isCrew, unhooked } from '../domain/agent-state.ts';
import { putAgent, removalWrites } from '../domain/agent-writes.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { hookIsGood } from '../domain/plan/hook.ts';
import { transition } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict, forbidden, notFound, unprocessable } from '../api/problems.ts';
import { namedRig } from './access.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** They stay until they are revoked, and every pass reads them. */
export const mostCrew = 20;
const tokenLifeMs = 30 * 86_400_000;

export interface CrewAct {
  readonly townId: string;
  readonly userId: string;
}
export interface CrewKey {
  readonly agent: Agent;
  readonly token: string;
  readonly expiresAt: string;
}

/** The name as an id that no agent of the town's own can have. */
export const crewIdOf = (name: string): string =>
  `crew-${name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)}`.replace(/-+$/, '');

const keyOf = async (ports: Ports, agent: Agent, userId: string): Promise<CrewKey> => {
  const claims = { kind: 'agent', townId: agent.townId, agentId: agent.agentId, epoch: agent.epoch, role: 'crew', runtimeEpoch: 0, userId };
  return {
    agent,
    token: await ports.tokens.sign(claims, tokenLifeMs),
    expiresAt: new Date(ports.clock.nowMs() + tokenLifeMs).toISOString(),
  };
};
const eventOf = (ports: Ports, agent: Agent, act: string, actor: Principal) =>
  newEvent(
    { townId: agent.townId, eventId: ports.ids.ulid(), type: 'agent_status', actor, at: isoNow(ports) },
    {
      agentId: agent.agentId,
      new: `crew ${act}`,
      ...(agent.rigId === undefined ? {} : { rigId: agent.rigId }),
      data: { intervention: true, act: `crew_${act}` },
    },
  );

/** Throws 409 for a name that is taken or when there are too many, 422 for a name without letters or a rig that is not there. */
export const registerCrew = async (
  ports: Ports,
  { townId, userId, name, rigId }: CrewAct & { readonly name: string; readonly rigId?: string | undefined },
): Promise<CrewKey> => {
  const agentId = crewIdOf(name);
  if (agentId === 'crew')
    throw unprocessable('The name needs a letter or a number.', [{ path: 'body.name', message: 'no letter or number' }]);
  if (rigId !== undefined) await namedRig(ports, townId, rigId, 'body.rigId');
  const agent = await transact(ports, 'The crew', async () => {
    const [agents, identity] = await Promise.all([ports.store.agentsOf(townId), ports.store.get('identity', { townId, agentId })]);
    if (agents.some((each) => each.agentId === agentId))
      throw conflict(`There is a crew agent ${agentId} already; give it a new token, or take another name.`);
    if (agents.filter(isCrew).length >= mostCrew) throw conflict(`A town has at most ${mostCrew} crew agents; revoke one first.`);
    const at = isoNow(ports);
    const item: Agent = {
      townId,
      agentId,
      name,
      role: 'crew',
      crew: { userId },
      ...(rigId === undefined ? {} : { rigId }),
      state: 'idle',
      epoch: (identity?.epochs ?? 0) + 1,
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    return {
      writes: [putAgent(undefined, item), { put: 'event', item: eventOf(ports, item, 'registered', `user:${userId}`), when: 'none' }],
      result: item,
    };
  });
  return keyOf(ports, agent, userId);
};

/** Throws 404 for what is no crew agent, 403 for another person's. */
const ownCrew = async (
  ports: Pick<Ports, 'store'>,
  { townId, userId, agentId }: CrewAct & { readonly agentId: string },
): Promise<Agent> => {
  const agent = await ports.store.get('agent', { townId, agentId });
  if (agent === undefined || !isCrew(agent)) throw notFound(`There is no crew agent ${agentId} in this town.`);
  if (agent.crew?.userId !== userId) throw forbidden(`${agentId} is another person's agent.`);
  return agent;
};

/** A new token under a new epoch; the old one is refused from now on, and the bead on the hook stays there. */
export const renewCrew = async (ports: Ports, act: CrewAct & { readonly agentId: string }): Promise<CrewKey> => {
  const agent = await transact(ports, 'The crew', async () => {
    const before = await ownCrew(ports, act);
    const item: Agent = { ...before, epoch: before.epoch + 1, version: before.version + 1, updatedAt: isoNow(ports) };
    return {
      writes: [putAgent(before, item), { put: 'event', item: eventOf(ports, item, 'renewed', `user:${act.userId}`), when: 'none' }],
      result: item,
    };
  });
  return keyOf(ports, agent, act.userId);
};

/** The bead as its agent leaves it; none when it is not on the hook any more. */
export const leftBead = async (ports: Pick<Ports, 'store' | 'clock'>, agent: Agent, reason: string): Promise<BeadChange[]> => {
  const { townId, hookBeadId } = agent;
  const bead = hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: hookBeadId });
  if (bead === undefined || !isIssue(bead) || !hookIsGood(agent, bead)) return [];
  const open = transition(bead, { status: 'open' }, isoNow(ports));
  return open.ok && isIssue(open.bead)
    ? [{ before: bead, after: { ...open.bead, details: { ...open.bead.details, lastError: reason } } }]
    : [];
};

/** The agent is gone with its token; its history stays, and its bead goes back. Throws 404, 403. */
export const revokeCrew = (ports: Ports, act: CrewAct & { readonly agentId: string }): Promise<void> =>
  transact<void>(ports, 'The crew', async () => {
    const agent = await ownCrew(ports, act);
    const identity = await ports.store.get('identity', { townId: act.townId, agentId: act.agentId });
    const at = isoNow(ports);
    const changes = await leftBead(ports, agent, `${agent.name} was revoked.`);
    const rested = { ...unhooked(agent, at), version: agent.version };
    return {
      writes: writesOf(
        changes,
        eventOf(ports, agent, 'revoked', `user:${act.userId}`),
        momentOf(ports),
        removalWrites(rested, identity, at),
      ),
      result: undefined,
    };
  });
