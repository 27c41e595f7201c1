// What an agent's stored item says about it: live or not, hooked or not. Pure.
import type { Agent } from '../contracts/agent.schema.ts';

const live: readonly Agent['state'][] = ['starting', 'working', 'waiting', 'stalled'];
/** An agent in the middle of something: it holds its place, and its bead counts as being worked on. */
export const isLive = (agent: Agent): boolean => live.includes(agent.state);
/** A person's own agent: it runs on that person's machine. */
export const isCrew = (agent: Pick<Agent, 'role'>): boolean => agent.role === 'crew';
/** An agent that should have a process on the town's machine. A stalled one was stopped and waits for a decision. */
export const hasProcess = (agent: Agent): boolean => isLive(agent) && agent.state !== 'stalled' && !isCrew(agent);
/** Its runtime was stopped under it: no process, hook and session are kept, and nobody judges it. */
export const isParked = (agent: Agent): boolean => agent.state === 'parked';

/** Time that the agent has worked on the bead on its hook, in ms. */
export const workedMsOf = (agent: Agent, nowMs: number): number =>
  (agent.workedMs ?? 0) +
  (isLive(agent) && agent.state !== 'stalled' && agent.startedAt !== undefined ? Math.max(0, nowMs - Date.parse(agent.startedAt)) : 0);

const settled = ({ quiet: _quiet, stalledAt: _since, ...rest }: Agent): Agent => rest;
/** The agent without its hook, free for the next dispatch. The session and its status line belong to the bead that it leaves. */
export const unhooked = (agent: Agent, at: string): Agent => {
  const {
    hookBeadId: _hook,
    slot: _slot,
    sessionId: _session,
    statusLine: _line,
    continues: _continues,
    personaId: _worn,
    workedMs: _ms,
    ...rest
  } = settled(agent);
  return {
    ...rest,
    ...(agent.hookBeadId === undefined ? {} : { lastBeadId: agent.hookBeadId }),
    state: 'idle',
    version: agent.version + 1,
    updatedAt: at,
  };
};

/** The same agent in its next life: a new epoch, and what was said about its silence is over. */
export const restarted = (agent: Agent, at: string): Agent => ({
  ...settled(agent),
  state: 'starting',
  epoch: agent.epoch + 1,
  startedAt: at,
  version: agent.version + 1,
  updatedAt: at,
});

/** `<Name> (gastown)` with an address that no mail server has (RFC 2606). */
export const committerOf = (agent: Pick<Agent, 'agentId' | 'name' | 'townId'>): { name: string; email: string } => ({
  name: `${agent.name} (gastown)`,
  email: `${agent.agentId}.${agent.townId}@noreply.gastown.invalid`,
});
