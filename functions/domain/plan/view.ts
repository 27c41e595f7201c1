// A snapshot with its lookups and the time: what every rule reads. Pure.
import type { Agent, AgentReport } from '../../contracts/agent.schema.ts';
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import type { Timings } from '../../contracts/timings.schema.ts';
import type { WorkItem, WorkKind } from '../../contracts/work.schema.ts';
import { isLive } from '../agent-state.ts';
import { isIssue, isMergeRequest, requestInReview } from '../bead-writes.ts';
import type { Snapshot } from './snapshot.ts';

export interface RequestAtWork {
  readonly request: Bead & BeadOf<'merge_request'>;
  /** When its execution is looked at at the earliest; 0 without a work item. */
  readonly dueAtMs: number;
}
export interface View {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
  readonly timings: Timings;
  /** Agents and the runtime may be judged lost; false right after a gap in passes. */
  readonly judging: boolean;
  readonly work: (kind: WorkKind) => readonly WorkItem[];
  /** Requests that something may happen to: those with a work item, and those that issues in review lead to. */
  readonly requests: readonly RequestAtWork[];
  readonly hasWork: (kind: WorkKind, workId: string) => boolean;
  readonly bead: (beadId: string | undefined) => Bead | undefined;
  readonly issue: (beadId: string | undefined) => (Bead & BeadOf<'issue'>) | undefined;
  readonly mergeRequest: (beadId: string | undefined) => (Bead & BeadOf<'merge_request'>) | undefined;
  readonly rig: (rigId: string | undefined) => Rig | undefined;
  readonly agent: (agentId: string | undefined) => Agent | undefined;
  /** The newest report of the agent's present epoch from the present runtime. */
  readonly report: (agent: Agent) => AgentReport | undefined;
  readonly liveAgents: readonly Agent[];
}

const ms = (isoTime: string): number => Date.parse(isoTime);
/** Milliseconds of an ISO time, 0 for none. */
export const msOf = (isoTime: string | undefined): number => (isoTime === undefined ? 0 : ms(isoTime));

export const viewOf = (snapshot: Snapshot, nowMs: number, timings: Timings, judging: boolean): View => {
  const byKind = new Map<WorkKind, WorkItem[]>();
  for (const item of snapshot.work) {
    const items = byKind.get(item.kind);
    if (items === undefined) byKind.set(item.kind, [item]);
    else items.push(item);
  }
  const beads = new Map(snapshot.beads.map((bead) => [bead.beadId, bead]));
  const agents = new Map(snapshot.agents.map((agent) => [agent.agentId, agent]));
  const reports = new Map(snapshot.reports.map((report) => [report.agentId, report]));
  const bead = (beadId: string | undefined): Bead | undefined => (beadId === undefined ? undefined : beads.get(beadId));
  const requestIds = new Map<string, number>(
    (byKind.get('flight') ?? []).flatMap(({ workId }) => {
      const issue = bead(workId);
      const requestId = issue === undefined ? undefined : requestInReview(issue);
      return requestId === undefined ? [] : [[requestId, 0]];
    }),
  );
  for (const { workId, dueAtMs } of byKind.get('merge') ?? []) requestIds.set(workId, dueAtMs);
  const requests = [...requestIds].flatMap(([beadId, dueAtMs]): RequestAtWork[] => {
    const request = bead(beadId);
    return request !== undefined && isMergeRequest(request) ? [{ request, dueAtMs }] : [];
  });
  return {
    snapshot,
    nowMs,
    timings,
    judging,
    requests,
    bead,
    work: (kind) => byKind.get(kind) ?? [],
    hasWork: (kind, workId) => (byKind.get(kind) ?? []).some((item) => item.workId === workId),
    issue: (beadId) => {
      const found = bead(beadId);
      return found !== undefined && isIssue(found) ? found : undefined;
    },
    mergeRequest: (beadId) => {
      const found = bead(beadId);
      return found !== undefined && isMergeRequest(found) ? found : undefined;
    },
    rig: (rigId) => snapshot.rigs.find((rig) => rig.rigId === rigId),
    agent: (agentId) => (agentId === undefined ? undefined : agents.get(agentId)),
    report: (agent) => {
      const report = reports.get(agent.agentId);
      return report !== undefined && report.observed.epoch === agent.epoch && report.runtimeEpoch === snapshot.lease?.runtimeEpoch
        ? report
        : undefined;
    },
    liveAgents: snapshot.agents.filter(isLive),
  };
};
