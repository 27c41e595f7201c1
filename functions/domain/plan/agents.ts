// Rules about agents: A0 start what is wanted, A1 lost, A2 idle with a hook, A3 without a hook, A4 hook on something that is over, A5 too quiet.
import type { Agent, AgentReport } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { isCrew, isLive, isParked } from '../agent-state.ts';
import type { AgentAction, Findings } from './action.ts';
import { findings } from './action.ts';
import { hookIsGood } from './hook.ts';
import { hoursLeft } from './hours.ts';
import { moneyGate } from './budgets.ts';
import { crewRules } from './crew.ts';
import { isConvoyRefinery, mayorId } from './names.ts';
import { settingFor } from '../settings.ts';
import { lastActivityMs, mayorIsWanted, mayorMail, quietTiers, stalledRules, tooQuiet } from './quiet.ts';
import type { Loss } from './quiet.ts';
import { msOf } from './view.ts';
import type { View } from './view.ts';

const mayorRules = (view: View): Findings => {
  const found = findings();
  const mayor = view.agent(mayorId);
  if (!mayorIsWanted(view)) {
    if (mayor === undefined || !isLive(mayor)) return found;
    const restAtMs = Math.max(msOf(mayor.updatedAt), lastActivityMs(mayor, view.report(mayor))) + view.timings.agentIdleMs;
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
  if (moneyGate(view).town !== undefined) {
    found.waits.push(...moneyGate(view).waits);
    return found;
  }
  const dues = view.work('mayor').map((item) => (item.rests === true ? view.nowMs : item.dueAtMs));
  const dueAtMs = mayorMail(view).length > 0 && dues.length === 0 ? view.nowMs : Math.min(...dues);
  if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
  else found.actions.push({ rule: 'A0', kind: 'start-mayor', subject: mayorId, sentence: 'Somebody waits for the Mayor: it starts.' });
  return found;
};

/** Each refinery takes the oldest request that waits for its verdict. */
const refineryRules = (view: View): Findings => {
  const found = findings();
  const money = moneyGate(view);
  const oldest = new Map<string, Bead>();
  for (const { request } of view.requests) {
    const { review } = request.details;
    if (request.status !== 'in_progress' || review === undefined || review.verdict !== undefined) continue;
    const refinery = view.agent(review.refineryId);
    if (refinery !== undefined && (isLive(refinery) || refinery.hookBeadId !== undefined)) continue;
    if (money.town !== undefined || (request.rigId !== undefined && money.rig(request.rigId) !== undefined)) {
      found.waits.push(...money.waits);
      continue;
    }
    const notBeforeMs = msOf(request.details.notBefore);
    if (notBeforeMs > view.nowMs) {
      found.waits.push(notBeforeMs);
      continue;
    }
    const other = oldest.get(review.refineryId);
    if (other === undefined || `${request.createdAt}#${request.beadId}` < `${other.createdAt}#${other.beadId}`)
      oldest.set(review.refineryId, request);
  }
  const busy = view.liveAgents.filter((agent) => agent.role === 'refinery' && isConvoyRefinery(agent.agentId)).length;
  let convoyPlaces = settingFor('refinery.maxConvoyConcurrency', { town: view.snapshot.town }) - busy;
  for (const [agentId, request] of oldest) {
    if (request.rigId === undefined) continue;
    if (isConvoyRefinery(agentId)) {
      if (convoyPlaces <= 0) continue;
      convoyPlaces -= 1;
    }
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

const toldLoss = (report: AgentReport | undefined): Loss | undefined => {
  const observed = report?.observed;
  if (observed === undefined || (observed.state !== 'failed' && observed.state !== 'exited')) return undefined;
  const cause = observed.error?.cause ?? 'agent';
  const reason = observed.error?.message ?? (observed.state === 'failed' ? 'it could not be started' : 'its process ended');
  const { dirtyFiles } = observed;
  return {
    rule: 'A1',
    blame: cause === 'agent' ? 'own' : cause,
    reason,
    ...(dirtyFiles === undefined || dirtyFiles === 0 ? {} : { dirtyFiles }),
  };
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

const stop = (rule: 'A3' | 'A4', { agentId, epoch }: Agent, sentence: string): AgentAction => ({
  rule,
  kind: 'stop-agent',
  subject: agentId,
  agentId,
  epoch,
  sentence,
});

/** A3 and A4: the hook says that there is nothing to do. */
const misfit = (view: View, agent: Agent): AgentAction | undefined => {
  if (agent.role !== 'polecat' && agent.role !== 'refinery') return undefined;
  if (agent.hookBeadId === undefined) return stop('A3', agent, `${agent.name} has nothing on its hook and stops.`);
  if (!hookIsGood(agent, view.bead(agent.hookBeadId)))
    return stop('A4', agent, `${agent.hookBeadId} needs ${agent.name} no more: it stops.`);
  return undefined;
};

const liveAgentRules = (view: View, agent: Agent): Findings => {
  const found = findings();
  const action = misfit(view, agent);
  if (action !== undefined) return { actions: [action], waits: [] };
  if (agent.state === 'stalled') return stalledRules(view, agent);
  const { agentId, epoch, name } = agent;
  const report = view.report(agent);
  const loss = toldLoss(report) ?? omitted(view, agent, report, found.waits) ?? tooQuiet(view, agent, report, found.waits);
  if (loss === undefined) {
    const tiers = quietTiers(view, agent, report);
    return { actions: tiers.actions, waits: [...found.waits, ...tiers.waits] };
  }
  found.actions.push({ kind: 'lose-agent', subject: agentId, agentId, epoch, ...loss, sentence: `${name} is lost: ${loss.reason}.` });
  return found;
};

/** An agent whose runtime was stopped under it goes on where it was, as soon as a runtime may run. */
const parkedRules = (view: View, agent: Agent): AgentAction[] => {
  if (agent.hookBeadId === undefined) return [];
  if (!hookIsGood(agent, view.bead(agent.hookBeadId))) return [stop('A4', agent, `${agent.hookBeadId} needs ${agent.name} no more.`)];
  const { lease } = view.snapshot;
  if (lease?.state === 'draining' || lease?.state === 'stopping' || (lease?.notBeforeMs ?? 0) > view.nowMs) return [];
  if (hoursLeft(view.snapshot.town, lease, view.nowMs).untilMs !== undefined) return [];
  const { agentId, epoch, name } = agent;
  return [{ rule: 'A0', kind: 'resume-agent', subject: agentId, agentId, epoch, sentence: `${name} goes on with ${agent.hookBeadId}.` }];
};

/** Parked agents with a bead are looked at again when the runtime has hours again. */
const parkedWaits = (view: View, resting: readonly Agent[]): number[] => {
  const { untilMs } = hoursLeft(view.snapshot.town, view.snapshot.lease, view.nowMs);
  return untilMs !== undefined && resting.some((agent) => isParked(agent) && agent.hookBeadId !== undefined) ? [untilMs] : [];
};

/** An agent at rest for long. No wake-up is set for it: it costs nothing, and the next pass that comes by removes it. */
const restRule = (view: View, agent: Agent): AgentAction[] => {
  const { agentId, epoch, name } = agent;
  if (agent.role === 'mayor' || agent.hookBeadId !== undefined || (agent.state !== 'idle' && !isParked(agent))) return [];
  if (msOf(agent.updatedAt) + view.timings.agentRestMs > view.nowMs) return [];
  const sentence = `${name} has rested for a day: it leaves, and its history stays.`;
  return [{ rule: 'A6', kind: 'remove-agent', subject: agentId, agentId, epoch, sentence }];
};

export const agentRules = (view: View): Findings => {
  const resting = view.snapshot.agents.filter((agent) => !isLive(agent) && !isCrew(agent));
  const hooked = resting.filter((agent) => !isParked(agent) && agent.hookBeadId !== undefined);
  const found = [
    mayorRules(view),
    refineryRules(view),
    ...view.liveAgents.filter((agent) => !isCrew(agent)).map((agent) => liveAgentRules(view, agent)),
    crewRules(view),
  ];
  return {
    actions: [
      ...found.flatMap(({ actions }) => actions),
      ...resting.flatMap((agent) => restRule(view, agent)),
      ...resting.filter(isParked).flatMap((agent) => parkedRules(view, agent)),
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
    waits: [...found.flatMap(({ waits }) => waits), ...parkedWaits(view, resting)],
  };
};
