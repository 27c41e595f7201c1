// What an agent's stored item says about it: live or not, hooked or not. Pure.
import type { Agent } from '../contracts/agent.schema.ts';

const live: readonly Agent['state'][] = ['starting', 'working', 'waiting', 'stalled'];
/** An agent that should have a process. */
export const isLive = (agent: Agent): boolean => live.includes(agent.state);

/** The agent without its hook, free for the next dispatch. The session and its status line belong to the bead that it leaves. */
export const unhooked = (agent: Agent, at: string): Agent => {
  const { hookBeadId: _hook, slot: _slot, sessionId: _session, statusLine: _line, continues: _continues, ...rest } = agent;
  return { ...rest, state: 'idle', version: agent.version + 1, updatedAt: at };
};

/** `<Name> (gastown)` with an address that no mail server has (RFC 2606). */
export const committerOf = (agent: Pick<Agent, 'agentId' | 'name' | 'townId'>): { name: string; email: string } => ({
  name: `${agent.name} (gastown)`,
  email: `${agent.agentId}.${agent.townId}@noreply.gastown.invalid`,
});
