// A7: a person's own agent is neither judged nor stopped; a bead that it has gone silent about goes back to its queue.
import { isCrew } from '../agent-state.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { hookIsGood } from './hook.ts';
import { msOf } from './view.ts';
import type { View } from './view.ts';

export const crewRules = (view: View): Findings => {
  const found = findings();
  for (const agent of view.snapshot.agents.filter(isCrew)) {
    const { agentId, epoch, name, hookBeadId } = agent;
    if (hookBeadId === undefined) continue;
    const about = { rule: 'A7', kind: 'release-crew', subject: agentId, agentId, epoch } as const;
    const silentMs = view.timings.crewSilentMs;
    const dueAtMs = Math.max(msOf(agent.startedAt), msOf(agent.lastActivityAt)) + silentMs;
    if (!hookIsGood(agent, view.bead(hookBeadId)))
      found.actions.push({ ...about, sentence: `${hookBeadId} is not ${name}'s to work on any more.` });
    else if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
    else
      found.actions.push({
        ...about,
        sentence: `${name} has said nothing for ${Math.round(silentMs / 3_600_000)} hours: ${hookBeadId} goes back.`,
      });
  }
  return found;
};
