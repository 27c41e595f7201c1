// Which nudges an agent gets now, and whether an agent that has handed in its work can still be spoken to. Pure.
import type { Agent } from '../contracts/agent.schema.ts';
import { nudgeSchema } from '../contracts/nudge.schema.ts';
import type { Nudge } from '../contracts/nudge.schema.ts';
import type { Timings } from '../contracts/timings.schema.ts';
import { isCrew } from './agent-state.ts';
import type { WorkItem } from '../contracts/work.schema.ts';

export interface OpenNudge extends Nudge {
  readonly nudgeId: string;
}
/** Undefined for an item that cannot be read; it expires. */
export const nudgeIn = (item: WorkItem): OpenNudge | undefined => {
  try {
    const parsed = nudgeSchema.safeParse(JSON.parse(item.data ?? ''));
    return parsed.success ? { ...parsed.data, nudgeId: item.workId } : undefined;
  } catch {
    return undefined;
  }
};

type Addressee = Pick<Agent, 'agentId' | 'hookBeadId'>;
/** What is said about a bead means nothing to an agent that has left it. */
export const isBeside = (nudge: Nudge, { hookBeadId }: Addressee): boolean => nudge.beadId !== undefined && nudge.beadId !== hookBeadId;

/** Nudges of the agent that have not expired and still mean something: urgent ones first, then in the order in which they were sent. */
export const nudgesFor = (work: readonly WorkItem[], agent: Addressee, nowMs: number): OpenNudge[] =>
  work
    .filter((item) => item.kind === 'nudge' && item.dueAtMs > nowMs)
    .flatMap((item) => nudgeIn(item) ?? [])
    .filter((nudge) => nudge.to === agent.agentId && !isBeside(nudge, agent))
    .toSorted(
      (one, other) =>
        Number(other.priority === 'urgent') - Number(one.priority === 'urgent') ||
        one.sentAtMs - other.sentAtMs ||
        (one.nudgeId < other.nudgeId ? -1 : 1),
    );

/**
 * Until when an agent without work can be spoken to about what it did last: its conversation is taken up again for a nudge. Nothing runs for
 * it meanwhile, so the window keeps no runtime awake. Undefined: there is nothing to take up.
 */
export const availableUntilMs = (agent: Agent, timings: Timings): number | undefined => {
  if (agent.state !== 'idle' || agent.hookBeadId !== undefined || agent.lastBeadId === undefined) return undefined;
  return Date.parse(agent.updatedAt) + (agent.role === 'refinery' ? timings.refineryAvailableMs : timings.agentAvailableMs);
};
export const isAvailable = (agent: Agent, nowMs: number, timings: Timings): boolean => (availableUntilMs(agent, timings) ?? 0) > nowMs;

/**
 * An agent at rest that a nudge takes up again: one that was sent while it worked or soon after. A nudge for the next prompt waits for one.
 * `now`: nowMs and the town's timings.
 */
export const isWoken = (agent: Agent, work: readonly WorkItem[], now: { readonly nowMs: number; readonly timings: Timings }): boolean => {
  const untilMs = isCrew(agent) ? undefined : availableUntilMs(agent, now.timings);
  return untilMs !== undefined && nudgesFor(work, agent, now.nowMs).some((nudge) => nudge.mode !== 'queue' && nudge.sentAtMs <= untilMs);
};
