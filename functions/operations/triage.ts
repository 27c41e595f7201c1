// gt_triage_resolve: carries out one decision. Every action of the list has its effect in triage-effects.ts; the request goes in the same transaction.
import type { Agent } from '../contracts/agent.schema.ts';
import type { TriageAction } from '../contracts/triage.schema.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import { triageCases } from '../domain/prompts/triage.ts';
import { triageIdOf, triageRequestOf } from '../domain/triage.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { agentOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import { effects } from './triage-effects.ts';

export interface Resolution {
  readonly request: string;
  readonly action: TriageAction;
  readonly notes: string;
}
export interface Resolved extends Record<string, unknown> {
  readonly request: string;
  readonly action: TriageAction;
  readonly sentence: string;
}

/** Requests that the triage agent was given and has not decided. */
export const openCases = async (ports: Pick<Ports, 'store'>, agent: Agent): Promise<Readonly<Record<string, unknown>>[]> => {
  const { townId } = agent;
  const [work, agents] = await Promise.all([ports.store.workOf(townId), ports.store.agentsOf(townId)]);
  const asked = triageCases(work, agent.epoch, { beads: new Map(), agents });
  return asked.map(({ request, agent: about }) => ({
    id: triageIdOf(request),
    kind: request.kind,
    agent: request.agentId,
    agent_state: about?.state ?? 'gone',
    ...(request.beadId === undefined ? {} : { bead: request.beadId }),
    reason: withinBudget(request.reason, 2048),
    earlier_tries: request.tries - 1,
  }));
};

/** Errors: 409 when the request was decided before, or when the action cannot be done now, with what can. */
export const resolveTriage = (ports: Ports, caller: AgentIdentity, input: Resolution): Promise<Resolved> =>
  transact(ports, 'The request', async () => {
    await agentOf(ports, caller);
    const { townId } = caller;
    const key = { townId, kind: 'triage', workId: input.request } as const;
    const item = await ports.store.get('work', key);
    const asked = item === undefined ? undefined : triageRequestOf(item);
    if (item === undefined || asked === undefined)
      throw conflict(`There is no open request ${input.request}: it was decided, or nothing is left to decide. Go on with the next one.`);
    const [agent, bead] = await Promise.all([
      ports.store.get('agent', { townId, agentId: asked.agentId }),
      asked.beadId === undefined ? undefined : ports.store.get('bead', { townId, beadId: asked.beadId }),
    ]);
    const effect = await effects[input.action]({ ports, asked, agent, bead, notes: input.notes, at: isoNow(ports) });
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'triage_resolved', actor: `agent:${caller.agentId}`, at: isoNow(ports) },
      {
        agentId: asked.agentId,
        new: input.action,
        data: { request: input.request, notes: input.notes.slice(0, 1000) },
        ...(bead === undefined ? {} : { beadId: bead.beadId }),
        ...(bead?.rigId === undefined ? {} : { rigId: bead.rigId }),
      },
    );
    const over: Write = { remove: 'work', key, when: { equals: { stamp: item.stamp } } };
    return {
      writes: writesOf(effect.changes, event, momentOf(ports), [...effect.more, over]),
      result: { request: input.request, action: input.action, sentence: effect.sentence },
    };
  });
