// The agent behind a tool call: its stored item decides, not its token, so that a replaced agent can do nothing any more.
import type { Agent, AgentRole } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Ports } from '../ports.ts';
import { conflict, forbidden, notFound } from '../api/problems.ts';

export interface AgentIdentity {
  readonly townId: string;
  readonly agentId: string;
  readonly epoch: number;
  readonly role: AgentRole;
  readonly runtimeEpoch: number;
  readonly personaId?: string | undefined;
  /** Of a crew agent: the person whose own agent it is. */
  readonly userId?: string | undefined;
}

/** A crew agent runs on no runtime of the town; its token is bound to its person, who must still have the town. Throws 403, and 409 while the town is stopped. */
const checkCrew = async ({ store }: Pick<Ports, 'store'>, agent: Agent, { townId, userId }: AgentIdentity): Promise<void> => {
  const town = await store.get('town', { townId });
  if (agent.crew === undefined || userId === undefined || agent.crew.userId !== userId)
    throw forbidden('This token is not of the person whose agent this is.');
  if (town === undefined || town.deletedAt !== undefined || town.ownerId !== userId)
    throw forbidden('Your person has no access to this town any more.');
  // Agents of the town are refused by their runtime's epoch, which a stop has raised.
  if (town.stopped !== undefined)
    throw conflict('The town is stopped. Do nothing more, and push nothing, until your person says that it goes on.');
};

/** The stored agent. Throws 409 when a newer epoch or a newer runtime exists, 403 when the role is not the agent's. */
export const agentOf = async (ports: Pick<Ports, 'store'>, caller: AgentIdentity): Promise<Agent> => {
  const [agent, lease] = await Promise.all([
    ports.store.get('agent', { townId: caller.townId, agentId: caller.agentId }),
    ports.store.get('lease', { townId: caller.townId }),
  ]);
  if (agent === undefined || agent.state === 'gone')
    throw conflict('This agent has been removed from the town. Stop working and end your turn.');
  if (agent.epoch !== caller.epoch)
    throw conflict('You have been replaced: a newer run of this agent has taken over. Stop working and end your turn.');
  if (caller.role === 'crew') await checkCrew(ports, agent, caller);
  else if (lease?.runtimeEpoch !== caller.runtimeEpoch)
    throw conflict('The machine that you run on has been replaced: a newer one has taken over the town. Stop working and end your turn.');
  if (agent.role !== caller.role) throw forbidden('Your token is for another role than this agent has.');
  return agent;
};

export interface Hooked {
  readonly agent: Agent;
  readonly bead: Bead;
}
/** The agent and the bead on its hook. Throws 409 with what to do when there is none. */
export const hookOf = async (ports: Pick<Ports, 'store'>, caller: AgentIdentity): Promise<Hooked> => {
  const agent = await agentOf(ports, caller);
  if (agent.hookBeadId === undefined)
    throw conflict('Nothing is on your hook. If you have finished your bead, that was accepted: end your turn.');
  const bead = await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
  if (bead === undefined) throw notFound(`Bead ${agent.hookBeadId} on your hook does not exist any more. End your turn.`);
  if (bead.status !== 'in_progress')
    throw conflict(`Bead ${bead.beadId} is ${bead.status} now; it is not yours to work on any more. End your turn.`);
  return { agent, bead };
};
