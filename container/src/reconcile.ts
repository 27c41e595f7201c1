// Desired against running: what to start, stop, replace and update. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Assignment } from '../../functions/contracts/runner.schema.ts';

export interface RunningAgent {
  readonly agentId: string;
  readonly epoch: number;
  readonly assignment: Assignment;
  readonly stopping: boolean;
}
export type AgentStep =
  | { readonly kind: 'start'; readonly assignment: Assignment }
  /** The hook is gone: the current turn may end. */
  | { readonly kind: 'stop'; readonly agentId: string }
  /** A newer life of the same agent: the old one ends at once, the new one starts when it has gone. */
  | { readonly kind: 'replace'; readonly agentId: string }
  | { readonly kind: 'update'; readonly assignment: Assignment };

/**
 * What cannot change while a server runs. A changed model is one: opencode reads its provider at its start. The workspace is not: it is made
 * once per epoch, and its start point is known more exactly after the first push.
 */
const isSameLife = (one: Assignment, other: Assignment): boolean =>
  one.epoch === other.epoch && one.bead?.beadId === other.bead?.beadId && isDeepStrictEqual(one.model, other.model);

export const agentSteps = (desired: readonly Assignment[], running: readonly RunningAgent[]): AgentStep[] => {
  const wanted = new Map(desired.map((assignment) => [assignment.agentId, assignment]));
  const steps: AgentStep[] = [];
  for (const agent of running) {
    const assignment = wanted.get(agent.agentId);
    wanted.delete(agent.agentId);
    // While an agent stops nothing else happens to it; it is looked at again when it has gone.
    if (agent.stopping) continue;
    if (assignment === undefined) steps.push({ kind: 'stop', agentId: agent.agentId });
    // A desired set that was read late never turns a newer life back.
    else if (assignment.epoch < agent.epoch) continue;
    else if (!isSameLife(assignment, agent.assignment)) steps.push({ kind: 'replace', agentId: agent.agentId });
    else if (!isDeepStrictEqual(assignment, agent.assignment)) steps.push({ kind: 'update', assignment });
  }
  for (const assignment of wanted.values()) steps.push({ kind: 'start', assignment });
  return steps;
};
