// B6: a bead that has used up its agent time is taken from its agent. Only work in progress has a clock: a bead that waits for a review,
// a pull request or a person is nobody's agent time.
import { hasProcess, workedMsOf } from '../agent-state.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { settingFor } from '../settings.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';

const minuteMs = 60_000;
/** Agent time that one bead may take, in ms. */
const beadTimeoutMs = (view: View, bead: Bead): number => {
  const rig = view.snapshot.rigs.find((each) => each.rigId === bead.rigId);
  return settingFor('limits.beadTimeoutMinutes', { town: view.snapshot.town, rig, bead }) * minuteMs;
};

export const timeoutRules = (view: View): Findings => {
  const found = findings();
  for (const agent of view.liveAgents) {
    const bead = agent.role === 'polecat' && hasProcess(agent) ? view.issue(agent.hookBeadId) : undefined;
    if (bead?.status !== 'in_progress' || bead.assigneeAgentId !== agent.agentId) continue;
    const leftMs = beadTimeoutMs(view, bead) - (bead.details.agentMs ?? 0) - workedMsOf(agent, view.nowMs);
    if (leftMs > 0) found.waits.push(view.nowMs + leftMs);
    else if (view.judging)
      found.actions.push({
        rule: 'B6',
        kind: 'time-out',
        subject: bead.beadId,
        beadId: bead.beadId,
        agentId: agent.agentId,
        epoch: agent.epoch,
        sentence: `${bead.beadId} has used up its agent time: ${agent.name} stops.`,
      });
  }
  return found;
};
