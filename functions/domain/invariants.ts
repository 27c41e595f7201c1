// What must always hold of a town, as checks on what was read. A violation names its subject and what sets it right; what this very pass
// decides about is none, nor is what is so by design: a Mayor without a hook, an idle refinery, a cap that was lowered. Pure.
import type { Agent, AgentReport } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import type { Slot } from '../contracts/work.schema.ts';
import { hasProcess, isLive } from './agent-state.ts';
import { isConvoy, isIssue, isMergeRequest } from './bead-writes.ts';
import { countMembers } from './convoy/progress.ts';
import { needsMark, waitsOn } from './edges.ts';
import type { Snapshot } from './plan/snapshot.ts';
import { isFinal } from './transition.ts';

/** 5 (terminal beads never change) and 10 (failed has a reason) are conditions of the writes and the schema; the audit looks at 10 again. */
export type InvariantNumber = 1 | 2 | 3 | 4 | 6 | 7 | 8 | 9 | 10 | 11 | 12;
/** What sets a violation right: the agent is lost and starts anew, the review is settled, numbers are counted again, a bead is marked as awaited, or a person decides. */
export type Repair =
  | { readonly by: 'lose-agent'; readonly agentId: string; readonly epoch: number }
  | { readonly by: 'settle-review' | 'recount' | 'mark'; readonly beadId: string }
  | { readonly by: 'person' };
export interface Violation {
  readonly invariant: InvariantNumber;
  /** Id of what it is about. */
  readonly subject: string;
  readonly sentence: string;
  readonly repair: Repair;
}

const loss = ({ agentId, epoch }: Agent): Repair => ({ by: 'lose-agent', agentId, epoch });
const workers: readonly Agent['role'][] = ['polecat', 'refinery'];

/** 1: one live agent per bead. The assignee keeps it. */
const oneAgentPerBead = (agents: readonly Agent[], bead: (beadId: string) => Bead | undefined): Violation[] => {
  const hooked = agents.filter((agent) => isLive(agent) && agent.hookBeadId !== undefined);
  return [...Map.groupBy(hooked, (agent) => agent.hookBeadId ?? '')].flatMap(([beadId, holders]) => {
    if (holders.length < 2) return [];
    const assignee = bead(beadId)?.assigneeAgentId;
    const keeper = holders.find((agent) => agent.agentId === assignee) ?? holders[0];
    return holders
      .filter((agent) => agent !== keeper)
      .map((agent): Violation => ({
        invariant: 1,
        subject: agent.agentId,
        sentence: `${beadId} is on the hooks of ${holders.map((each) => each.agentId).join(' and ')}; ${keeper?.agentId ?? 'nobody'} keeps it.`,
        repair: loss(agent),
      }));
  });
};

/** 2: a live polecat or refinery has a hook, and the bead on it is not over. A bead that was not read says nothing. */
const workersHaveHooks = (agents: readonly Agent[], bead: (beadId: string) => Bead | undefined): Violation[] =>
  agents.flatMap((agent): Violation[] => {
    if (!isLive(agent) || !workers.includes(agent.role)) return [];
    const hook = agent.hookBeadId === undefined ? undefined : bead(agent.hookBeadId);
    if (agent.hookBeadId !== undefined && (hook === undefined || !isFinal(hook.status))) return [];
    const what =
      agent.hookBeadId === undefined ? 'has nothing on its hook' : `works on ${agent.hookBeadId}, which is ${hook?.status ?? 'gone'}`;
    return [{ invariant: 2, subject: agent.agentId, sentence: `${agent.agentId} is ${agent.state} and ${what}.`, repair: loss(agent) }];
  });

/** 3: an issue in review has a request that is not over. */
const reviewsHaveRequests = (beads: readonly Bead[], bead: (beadId: string) => Bead | undefined): Violation[] =>
  beads.flatMap((issue): Violation[] => {
    if (!isIssue(issue) || issue.status !== 'in_review') return [];
    const requestId = issue.details.latestMergeRequestId;
    const request = requestId === undefined ? undefined : bead(requestId);
    if (request !== undefined && !isFinal(request.status)) return [];
    return [
      {
        invariant: 3,
        subject: issue.beadId,
        sentence: `${issue.beadId} is in review, and its request ${requestId ?? ''} is ${request?.status ?? 'missing'}.`,
        repair: { by: 'settle-review', beadId: issue.beadId },
      },
    ];
  });

/** 4: at most one request of a target is being pushed. */
const onePushPerTarget = (beads: readonly Bead[]): Violation[] => {
  const pushing = beads.flatMap((bead) =>
    isMergeRequest(bead) && bead.status === 'in_progress' && bead.details.push !== undefined
      ? [{ beadId: bead.beadId, target: `${bead.rigId ?? ''} ${bead.details.targetBranch}` }]
      : [],
  );
  return [...Map.groupBy(pushing, (each) => each.target)].flatMap(([target, holders]): Violation[] =>
    holders.length < 2
      ? []
      : [
          {
            invariant: 4,
            subject: holders[0]?.beadId ?? target,
            sentence: `${holders.map((each) => each.beadId).join(' and ')} are pushed to ${target} at once.`,
            repair: { by: 'person' },
          },
        ],
  );
};

/** 8: nothing reports from a runtime that is newer than the lease. */
const oneRuntime = (lease: RuntimeLease | undefined, reports: readonly AgentReport[]): Violation[] => {
  const newest = Math.max(0, ...reports.map((report) => report.runtimeEpoch));
  if (newest <= (lease?.runtimeEpoch ?? 0)) return [];
  return [
    {
      invariant: 8,
      subject: `runtime-${newest}`,
      sentence: `Runtime ${newest} reports, and the town's lease is at ${lease?.runtimeEpoch ?? 'none'}.`,
      repair: { by: 'person' },
    },
  ];
};

/** 9: nobody works beyond the caps: each live polecat holds a place of its own. */
const placesAreHeld = (agents: readonly Agent[], slots: readonly Slot[]): Violation[] => {
  const holders = new Map(slots.map((slot) => [slot.slotId, slot.holder]));
  return agents.flatMap((agent): Violation[] => {
    if (agent.role !== 'polecat' || !hasProcess(agent) || (agent.slot !== undefined && holders.get(agent.slot) === agent.agentId))
      return [];
    return [
      {
        invariant: 9,
        subject: agent.agentId,
        sentence: `${agent.agentId} works without a place of its own (${agent.slot ?? 'none'}).`,
        repair: loss(agent),
      },
    ];
  });
};

/** 11: no agent has reported in an epoch that it was never given. */
const epochsAreNewest = (agents: readonly Agent[], reports: readonly AgentReport[]): Violation[] => {
  const reported = new Map(reports.map((report) => [report.agentId, report.observed.epoch]));
  return agents.flatMap((agent): Violation[] => {
    const epoch = reported.get(agent.agentId) ?? 0;
    if (!isLive(agent) || epoch <= agent.epoch) return [];
    return [
      {
        invariant: 11,
        subject: agent.agentId,
        sentence: `${agent.agentId} reports epoch ${epoch}, its own is ${agent.epoch}.`,
        repair: loss(agent),
      },
    ];
  });
};

/** Violations of 1 to 4, 8, 9 and 11 in what a pass has read. `decided`: ids that its own actions are about; they are being set right. */
export const violationsIn = (snapshot: Snapshot, decided: ReadonlySet<string>): Violation[] => {
  const beads = new Map(snapshot.beads.map((bead) => [bead.beadId, bead]));
  const bead = (beadId: string): Bead | undefined => beads.get(beadId);
  // Requests are read of those that a work item names.
  const flights = new Set(snapshot.work.flatMap((item) => (item.kind === 'flight' ? [item.workId] : [])));
  const inFlight = snapshot.beads.filter(({ beadId }) => flights.has(beadId));
  const found = [
    ...oneAgentPerBead(snapshot.agents, bead),
    ...workersHaveHooks(snapshot.agents, bead),
    ...reviewsHaveRequests(inFlight, bead),
    ...onePushPerTarget(snapshot.beads),
    ...oneRuntime(snapshot.lease, snapshot.reports),
    ...placesAreHeld(snapshot.agents, snapshot.slots),
    ...epochsAreNewest(snapshot.agents, snapshot.reports),
  ];
  return found.filter(({ subject }) => !decided.has(subject));
};

export interface AuditedBead {
  readonly bead: Bead;
  /** Its own edges. */
  readonly edges: readonly Dependency[];
  /** Members of a convoy, in any order; missing ones left out. */
  readonly members: readonly Bead[];
  /** What its unresolved blocking edges wait for; missing ones left out. */
  readonly others?: readonly Bead[];
  /** The request of an issue in review. */
  readonly request?: Bead | undefined;
}
const unresolved = (edges: readonly Dependency[]): number => edges.filter(waitsOn).length;

/** 12: what somebody waits for has the mark; without it its end would be told to nobody. */
const awaitedAreMarked = (bead: Bead, others: readonly Bead[]): Violation[] =>
  isFinal(bead.status)
    ? []
    : others.filter(needsMark).map(({ beadId }) => ({
        invariant: 12,
        subject: beadId,
        sentence: `${bead.beadId} waits for ${beadId}, which does not know it.`,
        repair: { by: 'mark', beadId },
      }));

/** Violations of 3, 6, 7, 10 and 12 in one bead and what belongs to it. A convoy that is not final counts later: its work item says when. */
export const violationsOfBead = ({ bead, edges, members, others = [], request }: AuditedBead): Violation[] => {
  const found: Violation[] = [];
  const waiting = unresolved(edges);
  if (!isFinal(bead.status) && bead.openBlockers !== waiting)
    found.push({
      invariant: 6,
      subject: bead.beadId,
      sentence: `${bead.beadId} counts ${bead.openBlockers} open blockers, and ${waiting} edges are not resolved.`,
      repair: { by: 'recount', beadId: bead.beadId },
    });
  if (isConvoy(bead) && isFinal(bead.status) && bead.status === 'closed') {
    const open = countMembers(bead.details, members).unfinished.map((member) => member.beadId);
    if (open.length > 0)
      found.push({
        invariant: 7,
        subject: bead.beadId,
        sentence: `The convoy ${bead.beadId} is closed, and ${open.slice(0, 5).join(', ')} are not.`,
        repair: { by: 'person' },
      });
  }
  if (isConvoy(bead) && !isFinal(bead.status)) {
    const { closed } = countMembers(bead.details, members);
    if (closed < bead.details.closedBeads)
      found.push({
        invariant: 7,
        subject: bead.beadId,
        sentence: `The convoy ${bead.beadId} counts ${bead.details.closedBeads} closed beads, and ${closed} are.`,
        repair: { by: 'recount', beadId: bead.beadId },
      });
  }
  if (bead.status === 'failed' && (bead.failure === undefined || bead.failure.message.trim() === ''))
    found.push({ invariant: 10, subject: bead.beadId, sentence: `${bead.beadId} failed without a reason.`, repair: { by: 'person' } });
  return [...found, ...awaitedAreMarked(bead, others), ...(isIssue(bead) ? reviewsHaveRequests([bead], () => request) : [])];
};
