// What a report changes on agents: the report item always, the agent item only when state, session or status line are new.
import type { Agent, AgentReport, ObservedAgent } from '../contracts/agent.schema.ts';
import type { EventType } from '../contracts/event.schema.ts';
import { isCrew, isLive } from '../domain/agent-state.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { isoNow, transact } from './transact.ts';

const processStates = ['starting', 'working', 'waiting'] as const;
const isProcessState = (state: ObservedAgent['state']): state is (typeof processStates)[number] =>
  processStates.some((known) => known === state);

interface Change {
  readonly agent: Agent;
  readonly event?: { readonly type: EventType; readonly text?: string };
}

/** The agent as the observation makes it, and the event that says so; undefined when nothing is new. */
export const observedChange = (agent: Agent, observed: ObservedAgent, at: string): Change | undefined => {
  const base: Agent = {
    ...agent,
    version: agent.version + 1,
    updatedAt: at,
    ...(observed.lastActivityAtMs === undefined ? {} : { lastActivityAt: new Date(observed.lastActivityAtMs).toISOString() }),
    ...(observed.sessionId === undefined ? {} : { sessionId: observed.sessionId }),
  };
  if (!isProcessState(observed.state)) {
    const reason = observed.error?.message ?? (observed.state === 'failed' ? 'It could not be started.' : 'Its process ended.');
    return agent.lastExit === reason ? undefined : { agent: { ...base, lastExit: reason }, event: { type: 'agent_exited', text: reason } };
  }
  const line = observed.statusLine === undefined || observed.statusLine === agent.statusLine?.text ? undefined : observed.statusLine;
  const started = agent.state === 'starting' && observed.state !== 'starting';
  const session = observed.sessionId !== undefined && observed.sessionId !== agent.sessionId;
  if (line === undefined && observed.state === agent.state && !session) return undefined;
  const { lastExit: _last, ...alive } = base;
  const changed: Agent = {
    ...alive,
    state: observed.state,
    ...(started ? { startedAt: at } : {}),
    ...(line === undefined ? {} : { statusLine: { text: line, at } }),
  };
  if (started) return { agent: changed, event: { type: 'agent_started', ...(line === undefined ? {} : { text: line }) } };
  return line === undefined ? { agent: changed } : { agent: changed, event: { type: 'agent_status', text: line } };
};

/** Applies one observation to the agent item. Agents that should not live, or of another epoch, are left alone. */
const applyOne = (ports: Ports, townId: string, observed: ObservedAgent): Promise<void> =>
  transact(ports, `Agent ${observed.agentId}`, async () => {
    const agent = await ports.store.get('agent', { townId, agentId: observed.agentId });
    if (agent === undefined || agent.epoch !== observed.epoch || !isLive(agent) || isCrew(agent)) return { writes: [], result: undefined };
    const change = observedChange(agent, observed, isoNow(ports));
    if (change === undefined) return { writes: [], result: undefined };
    const writes: Write[] = [{ put: 'agent', item: change.agent, when: { equals: { version: agent.version } } }];
    if (change.event !== undefined) {
      const event = newEvent(
        { townId, eventId: ports.ids.ulid(), type: change.event.type, actor: `agent:${agent.agentId}`, at: change.agent.updatedAt },
        {
          agentId: agent.agentId,
          ...(agent.hookBeadId === undefined ? {} : { beadId: agent.hookBeadId }),
          ...(agent.rigId === undefined ? {} : { rigId: agent.rigId }),
          ...(change.event.text === undefined ? {} : { new: change.event.text }),
        },
      );
      writes.push({ put: 'event', item: event, when: 'none' });
    }
    return { writes, result: undefined };
  });

/** Stores the newest observation of each agent of the current epoch and applies what is new. Returns those that were accepted. */
export const applyObservations = async (
  ports: Ports,
  townId: string,
  report: { readonly runtimeEpoch: number; readonly reportSeq: number; readonly agents: readonly ObservedAgent[] },
): Promise<readonly ObservedAgent[]> => {
  const stored = new Map((await ports.store.agentsOf(townId)).map((agent) => [agent.agentId, agent]));
  const current = report.agents.filter((observed) => stored.get(observed.agentId)?.epoch === observed.epoch);
  await Promise.all(
    current.map(async (observed) => {
      const item: AgentReport = {
        townId,
        agentId: observed.agentId,
        runtimeEpoch: report.runtimeEpoch,
        reportSeq: report.reportSeq,
        observed,
        receivedAtMs: ports.clock.nowMs(),
      };
      await ports.store.commit([{ put: 'report', item, when: 'none' }]);
      await applyOne(ports, townId, observed);
    }),
  );
  return current;
};
