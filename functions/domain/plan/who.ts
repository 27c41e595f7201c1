// B1, who gets a bead: the agent that knows its branch, the one of its series, the one that did what came before, any resting one, a new one. Pure.
import type { Agent } from '../../contracts/agent.schema.ts';
import { isParked } from '../agent-state.ts';
import { isBranchOf } from '../convoy/branches.ts';
import { freePolecatName } from './names.ts';
import type { Series } from './series.ts';
import type { View } from './view.ts';

export interface Crowd {
  readonly view: View;
  readonly series: Series;
  /** Resting workers by rig; who is given something is taken out. */
  readonly idle: Map<string, Agent[]>;
  readonly names: Set<string>;
}
interface Wanted {
  readonly rigId: string;
  readonly queue: string;
  readonly beadId: string;
}

const idlePolecats = (view: View, rigId: string): Agent[] =>
  view.snapshot.agents.filter(
    (agent) =>
      agent.role === 'polecat' && (agent.state === 'idle' || isParked(agent)) && agent.hookBeadId === undefined && agent.rigId === rigId,
  );

export const crowdOf = (view: View, series: Series): Crowd => ({
  view,
  series,
  idle: new Map(view.snapshot.rigs.map((rig) => [rig.rigId, idlePolecats(view, rig.rigId)])),
  names: new Set(view.snapshot.agents.map((agent) => agent.agentId)),
});

/** The agent of a series has something else on its hook: the series waits for it, unless this bead must not go to it. */
const waitsForItsAgent = ({ view, series, idle }: Crowd, { rigId, queue, beadId }: Wanted): boolean => {
  const agentId = series.of(queue, rigId)?.agentId;
  const agent = view.agent(agentId);
  if (agent === undefined || agent.state === 'gone' || agent.rigId !== rigId || view.issue(beadId)?.details.avoidAgentId === agentId)
    return false;
  return (idle.get(rigId) ?? []).every((resting) => resting.agentId !== agentId);
};

/** Undefined: the bead waits, because its series does. */
export const agentFor = (crowd: Crowd, wanted: Wanted): { agentId: string; agentName: string } | undefined => {
  const { view, series, idle, names } = crowd;
  const { rigId, queue, beadId } = wanted;
  if (waitsForItsAgent(crowd, wanted)) return undefined;
  const details = view.issue(beadId)?.details;
  const resting = idle.get(rigId) ?? [];
  const may = resting.filter((agent) => agent.agentId !== details?.avoidAgentId);
  const agent =
    may.find(({ agentId }) => agentId === series.of(queue, rigId)?.agentId) ??
    may.find(({ agentId }) => isBranchOf(details?.branch, agentId, beadId)) ??
    may.find(({ agentId }) => agentId === details?.preferAgentId) ??
    may.find(({ agentId }) => !series.kept.has(agentId));
  if (agent !== undefined) {
    resting.splice(resting.indexOf(agent), 1);
    return { agentId: agent.agentId, agentName: agent.name };
  }
  const { agentId, name } = freePolecatName(names);
  names.add(agentId);
  return { agentId, agentName: name };
};
