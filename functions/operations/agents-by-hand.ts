// An agent that a person (or the Mayor for one) ends: off its hook, under a new epoch, so that whatever its process still sends is refused.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isLive, isParked } from '../domain/agent-state.ts';
import { restWrites } from '../domain/agent-writes.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { transition } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict, notFound } from '../api/problems.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface ByHand {
  readonly townId: string;
  readonly agentId: string;
  readonly actor: Principal;
  /** `reset`: its bead is worked anew · `stop`: its bead is held until somebody releases it. */
  readonly act: 'reset' | 'stop';
  readonly reason?: string | undefined;
}

/** The bead as the agent leaves it; undefined when it is not this agent's to give back (a request waits by itself for the next refinery). */
const left = (agent: Agent, bead: Bead | undefined, act: ByHand['act'], at: string): { before: Bead; after: Bead } | undefined => {
  if (bead?.status !== 'in_progress' || !isIssue(bead) || bead.assigneeAgentId !== agent.agentId) return undefined;
  const moved = transition(bead, { status: 'open' }, at);
  if (!moved.ok) return undefined;
  return { before: bead, after: act === 'stop' ? { ...moved.bead, held: true } : moved.bead };
};

/** Throws 404, and 409 for an agent that does nothing. A second time finds an agent at rest: 409. */
export const endByHand = (ports: Ports, request: ByHand): Promise<{ readonly beadId?: string }> =>
  transact(ports, 'The agent', async () => {
    const { townId, agentId, actor, act } = request;
    const agent = await ports.store.get('agent', { townId, agentId });
    if (agent === undefined || agent.state === 'gone') throw notFound(`There is no agent ${agentId} in this town.`);
    if (!isLive(agent) && !isParked(agent) && agent.hookBeadId === undefined)
      throw conflict(`${agentId} is ${agent.state} and has nothing on its hook: there is nothing to ${act}.`, []);
    const bead = agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: agent.hookBeadId });
    const at = isoNow(ports);
    const change = left(agent, bead, act, at);
    const why = request.reason ?? `${act} by hand`;
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'unhooked', actor, at },
      {
        agentId,
        new: why,
        data: {
          intervention: true,
          act: `agent_${act}`,
          ...(change === undefined ? {} : { status: change.after.status, held: change.after.held }),
        },
        ...(bead === undefined ? {} : { beadId: bead.beadId }),
        ...(agent.rigId === undefined ? {} : { rigId: agent.rigId }),
      },
    );
    return {
      writes: writesOf(change === undefined ? [] : [change], event, momentOf(ports), restWrites(agent, at, why)),
      result: bead === undefined ? {} : { beadId: bead.beadId },
    };
  });
