// Is a town at the end as it should be? Every bead is over or waits for something that is allowed to wait, nothing runs, nothing is left.
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { WorkItem } from '../../../functions/contracts/work.schema.ts';
import { isLive } from '../../../functions/domain/agent-state.ts';
import { isConvoy, isIssue, isMergeRequest } from '../../../functions/domain/bead-writes.ts';
import { mergeNeedsAttention } from '../../../functions/domain/merge-sentence.ts';
import { plan } from '../../../functions/domain/plan/plan.ts';
import { isFinal } from '../../../functions/domain/transition.ts';
import { auditPage } from '../../../functions/operations/audit.ts';
import { explainBead } from '../../../functions/operations/explain.ts';
import type { Ports } from '../../../functions/ports.ts';
import { loadSnapshot } from '../../../functions/reconcile/snapshot.ts';

/** Reasons of `explain` for which a bead may wait for ever: a person decides, or another bead that is looked at as well. */
const mayWait: readonly string[] = [
  'held',
  'archived',
  'staged',
  'step_gate',
  'blocked',
  'blocker_failed',
  'blocker_awaits_landing',
  'waits_for_children',
  'parent_blocked',
  'budget',
  'series',
  'unacknowledged',
  'unread',
  'unread_until_it_runs',
];
/** Those that are true only while the other bead is not over. */
const ofAnother: readonly string[] = ['blocked', 'series'];
/** Work items that may be left: what people have not answered, and bookkeeping that ages out by itself. */
const mayStay: readonly WorkItem['kind'][] = ['escalation', 'failures', 'triager', 'branches', 'mail', 'spend', 'budget'];

type Find = (beadId: string | undefined) => Bead | undefined;
const isOver = (bead: Bead | undefined): boolean => bead === undefined || isFinal(bead.status);

/** Whether work that lands waits for a bead that is looked at as well, as the repair of its target. */
const landingWaits = async (ports: Ports, convoy: Bead): Promise<boolean> => {
  const landings = isConvoy(convoy) ? (convoy.details.landings ?? []) : [];
  for (const { state, mergeRequestId } of landings) {
    if (state !== 'landing' || mergeRequestId === undefined) continue;
    const { reasons } = await explainBead(ports, convoy.townId, mergeRequestId);
    if (reasons.some(({ code }) => code === 'blocked')) return true;
  }
  return false;
};
const convoyWaits = (convoy: Bead, find: Find): boolean => {
  if (!isConvoy(convoy)) return false;
  const { staged, memberIds, landings = [], closing } = convoy.details;
  const members = memberIds.map(find);
  const isOpen = members.some((bead) => !isOver(bead));
  if (closing !== undefined) return false;
  return staged || isOpen || members.some((bead) => bead?.status === 'failed') || landings.some((landing) => landing.state === 'failed');
};
const requestWaits = (request: Bead | undefined, find: Find): boolean =>
  request !== undefined &&
  isMergeRequest(request) &&
  (mergeNeedsAttention(request) || (request.details.stage === 'blocked' && !isOver(find(request.details.repairBeadId))));

/** Undefined for a bead that is well; else what is wrong with it. */
const judge = async (ports: Ports, bead: Bead, find: Find): Promise<string | undefined> => {
  if (bead.status === 'closed') return undefined;
  if (bead.status === 'failed') return bead.failure === undefined ? 'failed without a reason' : undefined;
  const { reasons } = await explainBead(ports, bead.townId, bead.beadId);
  const said = `is ${bead.status}: ${reasons.map(({ code, message }) => `${code} (${message})`).join('; ')}`;
  if (isConvoy(bead)) return convoyWaits(bead, find) || (await landingWaits(ports, bead)) ? undefined : said;
  // Reviews cost money, and wait for it.
  const waitsForMoney = reasons.some(({ code }) => code === 'budget');
  if (isMergeRequest(bead))
    return requestWaits(bead, find) || waitsForMoney || reasons.some(({ code }) => code === 'blocked') ? undefined : said;
  if (bead.type === 'molecule') return bead.details.type === 'molecule' && !isOver(find(bead.details.issueId)) ? undefined : said;
  if (isIssue(bead) && bead.details.step !== undefined) return isOver(find(bead.details.step.moleculeId)) ? said : undefined;
  if (isIssue(bead) && bead.status === 'in_review')
    return requestWaits(find(bead.details.latestMergeRequestId), find) || waitsForMoney ? undefined : said;
  // What is closed keeps nobody back.
  const waits = reasons.some(({ code, beadId }) => mayWait.includes(code) && (!ofAnother.includes(code) || !isOver(find(beadId))));
  return bead.status === 'open' && waits ? undefined : said;
};

export const everyBead = async ({ store }: Pick<Ports, 'store'>, townId: string): Promise<Bead[]> => {
  const found: Bead[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.everyBead(townId, { limit: 100, cursor });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
};

/** What is wrong with the beads; empty when every one has ended or may wait. */
export const beadProblems = async (ports: Ports, townId: string): Promise<string[]> => {
  const beads = await everyBead(ports, townId);
  const byId = new Map(beads.map((bead) => [bead.beadId, bead]));
  const find: Find = (beadId) => (beadId === undefined ? undefined : byId.get(beadId));
  const problems: string[] = [];
  for (const bead of beads) {
    if (bead.deletingAt !== undefined) problems.push(`${bead.beadId} is still being removed`);
    else {
      const problem = await judge(ports, bead, find);
      if (problem !== undefined) problems.push(`${bead.type} ${bead.beadId} ${problem}`);
    }
  }
  return problems;
};

/** Money keeps all of a queue, or the order in which one agent works it. */
const isKeptBack = async (ports: Ports, { townId, workId }: WorkItem): Promise<boolean> => {
  const [rigId = '', queue = ''] = workId.split('#');
  for (const { beadId } of await ports.store.readyOf(townId, rigId, queue, 100)) {
    const { reasons } = await explainBead(ports, townId, beadId);
    if (!reasons.some(({ code }) => code === 'budget' || code === 'series')) return false;
  }
  return true;
};

const workProblems = async (ports: Ports, townId: string): Promise<string[]> => {
  const work = await ports.store.workOf(townId);
  const problems: string[] = [];
  for (const item of work) {
    if (mayStay.includes(item.kind)) continue;
    // A review that a person must decide stays in flight.
    const bead = await ports.store.get('bead', { townId, beadId: item.workId });
    if ((item.kind === 'flight' || item.kind === 'merge') && bead !== undefined && !isFinal(bead.status)) continue;
    // The runtime's item stands for such reviews; what its money keeps back stays in its queue.
    if (item.kind === 'runtime' && work.some(({ kind }) => kind === 'flight' || kind === 'merge')) continue;
    if (item.kind === 'queue' && (await isKeptBack(ports, item))) continue;
    problems.push(`work item ${item.kind} ${item.workId} is left`);
  }
  return problems;
};

/** Every invariant over every bead, at one moment. */
export const auditProblems = async (ports: Ports, townId: string): Promise<string[]> => {
  const problems: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await auditPage(ports, { townId, limit: 100, cursor, repair: false });
    problems.push(...page.violations.map(({ invariant, sentence }) => `invariant ${invariant}: ${sentence}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return problems;
};

/** Nothing runs, nothing is left to do, no alarm is armed for nothing. */
export const quietProblems = async (ports: Ports, townId: string): Promise<string[]> => {
  const snapshot = await loadSnapshot(ports, townId);
  if (snapshot === undefined) return ['the town is gone'];
  const decided = plan(snapshot, ports.clock.nowMs(), ports.deployment.timings);
  const { lease, alarm, agents } = snapshot;
  return [
    ...(lease === undefined || lease.state === 'absent' ? [] : [`the runtime is ${lease.state}`]),
    ...agents.filter(isLive).map((agent) => `${agent.agentId} is ${agent.state} with ${agent.hookBeadId ?? 'nothing'}`),
    ...decided.actions.map((action) => `${action.rule} would still ${action.kind} ${action.subject}`),
    ...(decided.wakeAtMs === undefined && (alarm?.armedAtMs ?? 0) > ports.clock.nowMs() ? ['an alarm is armed for nothing'] : []),
    ...(await workProblems(ports, townId)),
    ...(await auditProblems(ports, townId)),
  ];
};
