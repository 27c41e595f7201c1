// A5: an agent that is too quiet is nudged, then looked at, then stopped. The clock is its own last activity, never a heartbeat or a write of ours.
import type { Agent, AgentReport } from '../../contracts/agent.schema.ts';
import { isMessage } from '../bead-writes.ts';
import { isAtItsEnd, maxContinues } from '../prompt-ids.ts';
import type { AgentAction, Blame, Findings } from './action.ts';
import { findings } from './action.ts';
import { mayorId } from './names.ts';
import { msOf } from './view.ts';
import type { View } from './view.ts';
import type { Bead } from '../../contracts/bead.schema.ts';

/** A start that the runner is busy with may take so many start graces (a large first clone). */
const longStartGraces = 5;
/** One nudge per tier in so long. */
const nudgePeriodMs = 60 * 60_000;

export interface Loss {
  readonly rule: 'A1' | 'A5';
  readonly blame: Blame;
  readonly reason: string;
  /** Files that were not committed. */
  readonly dirtyFiles?: number;
}

/** Mail that is for the Mayor and not yet delivered, without what waits until it runs anyway. */
export const mayorMail = (view: View): readonly Bead[] =>
  view
    .work('mail')
    .map((item) => view.bead(item.workId))
    .filter(
      (bead): bead is Bead =>
        bead !== undefined &&
        isMessage(bead) &&
        bead.status === 'open' &&
        bead.details.deliveredAt === undefined &&
        bead.details.wakes !== false &&
        (bead.details.to === mayorId || bead.details.to === 'role:mayor'),
    );
/** Times at which what the Mayor has not answered yet was said. */
const askedMs = (view: View): number[] => [
  ...view
    .work('mayor')
    .flatMap((item) => view.snapshot.mayorMessages.filter((message) => item.workId === `${message.userId}#${message.messageId}`))
    .filter((message) => message.state === 'queued' || message.state === 'working')
    .map((message) => msOf(message.at)),
  ...mayorMail(view).map((mail) => msOf(mail.createdAt)),
];
/** Somebody waits for the Mayor. */
export const mayorIsWanted = (view: View): boolean => askedMs(view).length > 0;

/** When the agent last did something; its start, when it has not done anything yet. */
export const lastActivityMs = (agent: Agent, report: AgentReport | undefined): number =>
  Math.max(msOf(agent.startedAt ?? agent.updatedAt), msOf(agent.lastActivityAt), report?.observed.lastActivityAtMs ?? 0);

/** Since when somebody waits in vain: a turn that ended before the question was asked says nothing about the answer. */
const quietSinceMs = (view: View, agent: Agent, report: AgentReport): number => {
  if (agent.state === 'starting') return Math.max(msOf(agent.updatedAt), lastActivityMs(agent, report));
  const sinceMs = lastActivityMs(agent, report);
  return agent.role === 'mayor' ? Math.max(sinceMs, Math.min(...askedMs(view))) : sinceMs;
};

/** Agents without tiers of their own, and states in which only waiting longer is possible: one limit, then the bead goes elsewhere. */
const limitOf = (view: View, agent: Agent): (Omit<Loss, 'rule'> & { readonly afterMs: number }) | undefined => {
  const { timings } = view;
  switch (agent.state) {
    case 'starting':
      return { afterMs: timings.startGraceMs * longStartGraces, blame: 'infrastructure', reason: 'its start took too long' };
    case 'waiting':
      return agent.role === 'triage'
        ? { afterMs: timings.triageCooldownMs, blame: 'own', reason: 'its turn ended before everything was decided' }
        : { afterMs: timings.agentIdleMs, blame: 'own', reason: 'it stopped working without finishing' };
    case 'working':
      return agent.role === 'polecat' || agent.role === 'refinery'
        ? undefined
        : {
            afterMs: agent.role === 'triage' ? timings.agentIdleMs : timings.quietStalledMs,
            blame: 'own',
            reason: 'it stalled: no sign of life for long',
          };
    default:
      return undefined;
  }
};

/** Lost because of its silence; a wait is noted otherwise. */
export const tooQuiet = (view: View, agent: Agent, report: AgentReport | undefined, waits: number[]): Loss | undefined => {
  // A Mayor whom nobody waits for may be as quiet as it likes.
  if (report === undefined || (agent.role === 'mayor' && !mayorIsWanted(view))) return undefined;
  if (isAtItsEnd(agent)) return { rule: 'A5', blame: 'own', reason: `it ended ${maxContinues + 1} turns without a verdict` };
  const limit = limitOf(view, agent);
  if (limit === undefined) return undefined;
  const dueAtMs = quietSinceMs(view, agent, report) + limit.afterMs;
  if (dueAtMs > view.nowMs) waits.push(dueAtMs);
  else if (view.judging) return { rule: 'A5', blame: limit.blame, reason: limit.reason };
  return undefined;
};

const minutes = (ms: number): number => Math.round(ms / 60_000);

/** The tier that is due for a worker that is quiet for so long, if it was not acted on within the hour. */
const tierOf = (view: View, agent: Agent, quietMs: number): AgentAction | undefined => {
  const { timings, nowMs } = view;
  const { agentId, epoch, name, quiet } = agent;
  const about = { rule: 'A5', subject: agentId, agentId, epoch } as const;
  const silence = `${name} has done nothing for ${minutes(quietMs)} minutes`;
  const isDue = (actedAtMs: number | undefined): boolean => actedAtMs === undefined || nowMs - actedAtMs >= nudgePeriodMs;
  if (quietMs >= timings.quietStalledMs) return { ...about, kind: 'stall-agent', sentence: `${silence}: it is stopped and looked at.` };
  if (quietMs >= timings.quietTriageMs)
    return isDue(quiet?.triagedAtMs)
      ? { ...about, kind: 'nudge-agent', tier: 'triage', sentence: `${silence}: it is nudged again, and triage is asked.` }
      : undefined;
  return isDue(quiet?.nudgedAtMs) ? { ...about, kind: 'nudge-agent', tier: 'nudge', sentence: `${silence}: it is nudged.` } : undefined;
};

/** Tiers of a worker whose turn runs: nothing while a tool is at work, since a long build is no silence. */
export const quietTiers = (view: View, agent: Agent, report: AgentReport | undefined): Findings => {
  const found = findings();
  if (agent.state !== 'working' || (agent.role !== 'polecat' && agent.role !== 'refinery')) return found;
  if (report === undefined || report.observed.activeTools.length > 0) return found;
  const { timings, nowMs } = view;
  const sinceMs = lastActivityMs(agent, report);
  const action = sinceMs + timings.quietNudgeMs <= nowMs ? tierOf(view, agent, nowMs - sinceMs) : undefined;
  if (action !== undefined && view.judging) found.actions.push(action);
  const next = [timings.quietNudgeMs, timings.quietTriageMs, timings.quietStalledMs].find((afterMs) => sinceMs + afterMs > nowMs);
  if (next !== undefined) found.waits.push(sinceMs + next);
  return found;
};

/** A stalled agent that nobody decided about gives its bead back, counted from when it stalled. */
export const stalledRules = (view: View, agent: Agent): Findings => {
  const found = findings();
  const resetAtMs = msOf(agent.stalledAt ?? agent.updatedAt) + view.timings.stalledResetMs;
  if (resetAtMs > view.nowMs) found.waits.push(resetAtMs);
  else
    found.actions.push({
      rule: 'A5',
      kind: 'lose-agent',
      subject: agent.agentId,
      agentId: agent.agentId,
      epoch: agent.epoch,
      blame: 'own',
      reason: 'it stalled: no activity for long, and nobody decided about it',
      sentence: `${agent.name} has been stalled for long enough: its bead goes back.`,
    });
  return found;
};
