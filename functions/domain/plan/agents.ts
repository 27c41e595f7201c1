// Rules about agents: A0 start what is wanted, A1 lost, A2 idle with a hook, A3 without a hook, A4 hook on something that is over, A5 too quiet.
import type { Agent, AgentReport } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { isLive } from '../agent-state.ts';
import { isIssue, isMergeRequest, isMessage } from '../bead-writes.ts';
import type { Blame, Findings } from './action.ts';
import { findings } from './action.ts';
import { isAtItsEnd, maxContinues } from '../prompt-ids.ts';
import { mayorId } from './names.ts';
import { msOf } from './view.ts';
import type { View } from './view.ts';

/** A working agent without a sign of life for so many idle periods is stalled (2 hours with the usual 10 minutes). */
const stalledIdlePeriods = 12;
/** A start that the runner is busy with may take so many start graces (a large first clone). */
const longStartGraces = 5;

/** The hook is what the agent should be working on right now. */
export const hookIsGood = (agent: Agent, bead: Bead | undefined): boolean => {
  if (bead === undefined || bead.status !== 'in_progress') return false;
  if (isIssue(bead)) return bead.assigneeAgentId === agent.agentId;
  if (!isMergeRequest(bead)) return false;
  const { review } = bead.details;
  return review !== undefined && review.verdict === undefined && review.refineryId === agent.agentId;
};

/** Mail that is for the Mayor and not yet delivered. */
const mayorMail = (view: View): readonly Bead[] =>
  view
    .work('mail')
    .map((item) => view.bead(item.workId))
    .filter(
      (bead): bead is Bead =>
        bead !== undefined &&
        isMessage(bead) &&
        bead.status === 'open' &&
        bead.details.deliveredAt === undefined &&
        (bead.details.to === mayorId || bead.details.to === 'role:mayor'),
    );

/** Somebody waits for the Mayor. */
export const mayorIsWanted = (view: View): boolean =>
  view
    .work('mayor')
    .some((item) =>
      view.snapshot.mayorMessages.some(
        (message) =>
          item.workId === `${message.userId}#${message.messageId}` && (message.state === 'queued' || message.state === 'working'),
      ),
    ) || mayorMail(view).length > 0;

const lastSignOfLifeMs = (agent: Agent, report: AgentReport | undefined): number =>
  Math.max(msOf(agent.updatedAt), report?.observed.lastActivityAtMs ?? 0);

const mayorRules = (view: View): Findings => {
  const found = findings();
  const mayor = view.agent(mayorId);
  if (!mayorIsWanted(view)) {
    if (mayor === undefined || !isLive(mayor)) return found;
    const restAtMs = lastSignOfLifeMs(mayor, view.report(mayor)) + view.timings.agentIdleMs;
    if (restAtMs > view.nowMs) found.waits.push(restAtMs);
    else
      found.actions.push({
        rule: 'A0',
        kind: 'stop-agent',
        subject: mayorId,
        agentId: mayorId,
        epoch: mayor.epoch,
        sentence: 'The Mayor has nothing to answer and rests.',
      });
    return found;
  }
  if (mayor !== undefined && isLive(mayor)) return found;
  const dues = view.work('mayor').map((item) => item.dueAtMs);
  const dueAtMs = mayorMail(view).length > 0 && dues.length === 0 ? view.nowMs : Math.min(...dues);
  if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
  else found.actions.push({ rule: 'A0', kind: 'start-mayor', subject: mayorId, sentence: 'Somebody waits for the Mayor: it starts.' });
  return found;
};

/** Each refinery takes the oldest request that waits for its verdict. */
const refineryRules = (view: View): Findings => {
  const found = findings();
  const oldest = new Map<string, Bead>();
  for (const item of view.work('merge')) {
    const request = view.mergeRequest(item.workId);
    const review = request?.details.review;
    if (request === undefined || request.status !== 'in_progress' || review === undefined || review.verdict !== undefined) continue;
    const refinery = view.agent(review.refineryId);
    if (refinery !== undefined && (isLive(refinery) || refinery.hookBeadId !== undefined)) continue;
    const notBeforeMs = msOf(request.details.notBefore);
    if (notBeforeMs > view.nowMs) {
      found.waits.push(notBeforeMs);
      continue;
    }
    const other = oldest.get(review.refineryId);
    if (other === undefined || `${request.createdAt}#${request.beadId}` < `${other.createdAt}#${other.beadId}`)
      oldest.set(review.refineryId, request);
  }
  for (const [agentId, request] of oldest) {
    if (request.rigId === undefined) continue;
    found.actions.push({
      rule: 'A0',
      kind: 'hook-refinery',
      subject: agentId,
      agentId,
      rigId: request.rigId,
      mergeRequestId: request.beadId,
      sentence: `${request.beadId} waits for a verdict: ${agentId} reviews it.`,
    });
  }
  return found;
};

interface Loss {
  readonly rule: 'A1' | 'A5';
  readonly blame: Blame;
  readonly reason: string;
}

const toldLoss = (report: AgentReport | undefined): Loss | undefined => {
  const observed = report?.observed;
  if (observed === undefined || (observed.state !== 'failed' && observed.state !== 'exited')) return undefined;
  const cause = observed.error?.cause ?? 'agent';
  const reason = observed.error?.message ?? (observed.state === 'failed' ? 'it could not be started' : 'its process ended');
  return { rule: 'A1', blame: cause === 'agent' ? 'own' : cause, reason };
};

/** The runner reports, but has not named this agent for long. */
const omitted = (view: View, agent: Agent, report: AgentReport | undefined, waits: number[]): Loss | undefined => {
  const { lease } = view.snapshot;
  if (lease?.state !== 'live' || lease.lastReportAtMs === undefined) return undefined;
  const lastSeenMs = Math.max(msOf(agent.updatedAt), report?.receivedAtMs ?? 0);
  const graceMs = report === undefined ? view.timings.startGraceMs : view.timings.runtimeSilentMs;
  if (lastSeenMs + graceMs > view.nowMs) waits.push(lastSeenMs + graceMs + 1);
  else if (lease.lastReportAtMs <= lastSeenMs + graceMs) waits.push(view.nowMs + view.timings.reportPeriodMs);
  else if (view.judging) return { rule: 'A1', blame: 'infrastructure', reason: 'the runner does not know it any more' };
  return undefined;
};

const tooQuiet = (view: View, agent: Agent, report: AgentReport | undefined, waits: number[]): Loss | undefined => {
  // A Mayor whom nobody waits for may be as quiet as it likes.
  if (report === undefined || (agent.role === 'mayor' && !mayorIsWanted(view))) return undefined;
  const { timings } = view;
  if (isAtItsEnd(agent)) return { rule: 'A5', blame: 'own', reason: `it ended ${maxContinues + 1} turns without a verdict` };
  const limits = {
    starting: { afterMs: timings.startGraceMs * longStartGraces, blame: 'infrastructure', reason: 'its start took too long' },
    working: { afterMs: timings.agentIdleMs * stalledIdlePeriods, blame: 'own', reason: 'it stalled: no sign of life for long' },
    waiting: { afterMs: timings.agentIdleMs, blame: 'own', reason: 'it stopped working without finishing' },
  } as const;
  if (agent.state !== 'starting' && agent.state !== 'working' && agent.state !== 'waiting') return undefined;
  const limit = limits[agent.state];
  const dueAtMs = lastSignOfLifeMs(agent, report) + limit.afterMs;
  if (dueAtMs > view.nowMs) waits.push(dueAtMs);
  else if (view.judging) return { rule: 'A5', blame: limit.blame, reason: limit.reason };
  return undefined;
};

const liveAgentRules = (view: View, agent: Agent): Findings => {
  const found = findings();
  const { agentId, epoch, name } = agent;
  const working = agent.role === 'polecat' || agent.role === 'refinery';
  if (working && agent.hookBeadId === undefined) {
    found.actions.push({
      rule: 'A3',
      kind: 'stop-agent',
      subject: agentId,
      agentId,
      epoch,
      sentence: `${name} has nothing on its hook and stops.`,
    });
    return found;
  }
  if (working && !hookIsGood(agent, view.bead(agent.hookBeadId))) {
    found.actions.push({
      rule: 'A4',
      kind: 'stop-agent',
      subject: agentId,
      agentId,
      epoch,
      sentence: `${agent.hookBeadId ?? 'Its bead'} needs ${name} no more: it stops.`,
    });
    return found;
  }
  const report = view.report(agent);
  const loss = toldLoss(report) ?? omitted(view, agent, report, found.waits) ?? tooQuiet(view, agent, report, found.waits);
  if (loss === undefined) return found;
  found.actions.push({ kind: 'lose-agent', subject: agentId, agentId, epoch, ...loss, sentence: `${name} is lost: ${loss.reason}.` });
  return found;
};

export const agentRules = (view: View): Findings => {
  const hooked = view.snapshot.agents.filter((agent) => !isLive(agent) && agent.hookBeadId !== undefined);
  const found = [mayorRules(view), refineryRules(view), ...view.liveAgents.map((agent) => liveAgentRules(view, agent))];
  return {
    actions: [
      ...found.flatMap(({ actions }) => actions),
      ...hooked.map(
        ({ agentId, epoch, name }) =>
          ({
            rule: 'A2',
            kind: 'lose-agent',
            subject: agentId,
            agentId,
            epoch,
            blame: 'infrastructure',
            reason: 'it rested with a bead on its hook',
            sentence: `${name} rests with a bead on its hook: the bead goes back.`,
          }) as const,
      ),
    ],
    waits: found.flatMap(({ waits }) => waits),
  };
};
