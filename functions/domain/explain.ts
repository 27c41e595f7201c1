// Why is nothing happening to this bead? Reasons in the order in which they matter. Pure: the facts are loaded by the caller.
import type { Agent, AgentReport } from '../contracts/agent.schema.ts';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { Gate } from '../contracts/dependency.schema.ts';
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import type { Rig, Town } from '../contracts/town.schema.ts';
import { isIssue, isMergeRequest } from './bead-writes.ts';
import { isEscalation } from './escalations.ts';
import { convoyReason, keptBack, landingReason, unlandedBlocker } from './explain-convoy.ts';
import type { ConvoyFacts } from './explain-convoy.ts';
import { escalationReason, mailReason } from './explain-messages.ts';
import { isUnread } from './inbox.ts';
import { mergeSentence } from './merge-sentence.ts';
import { rigPlaces, townPlaces } from './plan/places.ts';
import type { StepsNote } from './prompts/polecat.ts';
import { isFinal } from './transition.ts';
import { counted } from './words.ts';

export interface Facts {
  readonly bead: Bead;
  readonly town: Town;
  readonly rig?: Rig | undefined;
  readonly nowMs: number;
  /** Blockers whose edge is not resolved. */
  readonly blockers: readonly Bead[];
  /** Beads whose children it waits for, with the children that are not closed. */
  readonly gates: readonly { readonly target: Bead; readonly gate: Gate; readonly open: readonly Bead[] }[];
  /** The nearest bead above it that waits itself, with what that one waits for. */
  readonly waitingParent?: { readonly parent: Bead; readonly blockers: readonly Bead[] };
  readonly lease?: RuntimeLease;
  readonly assignee?: Agent;
  readonly report?: AgentReport;
  /** The newest merge request of an issue. */
  readonly request?: Bead;
  /** Where its molecule stands. */
  readonly steps?: StepsNote;
  /** Polecats that work in the bead's rig, and in the town. */
  readonly busyInRig: number;
  readonly busyInTown: number;
  /** Sentences about what every agent needs and what fails at present. */
  readonly outages: readonly string[];
  /** The convoy that it is, or that it belongs to. */
  readonly convoy?: ConvoyFacts | undefined;
  /** Why its money keeps it from being given out. */
  readonly budgets: readonly string[];
}
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly beadId?: string;
}
type Issue = Bead & BeadOf<'issue'>;

const seconds = (ms: number): string => (ms < 90_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`);

const blockerReason = (blocker: Bead): Reason => ({
  code: blocker.status === 'failed' ? 'blocker_failed' : 'blocked',
  message:
    blocker.status === 'failed'
      ? `${blocker.beadId} "${blocker.title}" failed, so this cannot start.`
      : `Waits for ${blocker.beadId} "${blocker.title}", which is ${blocker.archivedAt === undefined ? blocker.status.replace('_', ' ') : 'in the archive'}.`,
  beadId: blocker.beadId,
});

const namedAtMost = 3;
const named = (beads: readonly Bead[]): string => {
  const others = beads.length - namedAtMost;
  return `${beads
    .slice(0, namedAtMost)
    .map((bead) => `${bead.beadId} "${bead.title}" (${bead.status.replace('_', ' ')})`)
    .join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
};

const gateReason = ({ target, gate, open }: Facts['gates'][number]): Reason => ({
  code: 'waits_for_children',
  message: `Waits for ${gate} of the children of ${target.beadId} "${target.title}"${open.length === 0 ? '' : `; not closed: ${named(open)}`}.`,
  beadId: target.beadId,
});

const parentReasons = (issue: Issue, { waitingParent }: Facts): Reason[] => {
  if (waitingParent === undefined)
    return issue.parentBlocked === true
      ? [{ code: 'release_pending', message: 'Its parent does not wait any more; the next pass frees it.' }]
      : [];
  const { parent, blockers } = waitingParent;
  return [
    {
      code: 'parent_blocked',
      message: `Waits with its parent ${parent.beadId} "${parent.title}"${blockers.length === 0 ? '' : `, which waits for ${named(blockers)}`}.`,
      beadId: parent.beadId,
    },
  ];
};

const runtimeReasons = ({ lease, nowMs }: Facts): Reason[] => {
  if (lease === undefined || lease.state === 'absent') {
    if (lease?.lastError !== undefined && lease.startFailures > 0)
      return [
        {
          code: 'runtime_failing',
          message: `The town's runtime failed ${counted(lease.startFailures, 'time')} in a row: ${lease.lastError}`,
        },
      ];
    return [{ code: 'runtime_asleep', message: "The town's runtime is not running; it is started when work is given out." }];
  }
  if (lease.state === 'starting')
    return [
      {
        code: 'runtime_starting',
        message: `The town's runtime is starting${lease.startedAtMs === undefined ? '' : ` since ${seconds(nowMs - lease.startedAtMs)}`}.`,
      },
    ];
  if (lease.state === 'draining' || lease.state === 'stopping')
    return [{ code: 'runtime_stopping', message: "The town's runtime is stopping; work goes on when it has started again." }];
  return [];
};

/** What went wrong with a bead that is held; its merge request says it when the bead does not. */
const whatWentBefore = ({ details: { lastError } }: Issue, { request }: Facts): string => {
  const known = lastError === undefined ? '' : ` Before that: ${lastError}`;
  if (request === undefined || !isMergeRequest(request) || lastError?.includes(request.beadId) === true) return known;
  const stopped = request.status === 'failed' || (request.status === 'open' && request.details.stage === 'held');
  return stopped ? `${known} Its merge request ${request.beadId}: ${mergeSentence(request)}` : known;
};

/** The gate of its molecule at which it stands; a timer and a blocker end by themselves. */
const stepGateReason = ({ details: { stepGate } }: Issue, { nowMs, blockers }: Facts): Reason[] => {
  if (stepGate === undefined) return [];
  const { type, until, beadId, title, sentence, stepId } = stepGate;
  if (type === 'timer' && until !== undefined && Date.parse(until) <= nowMs) return [];
  if (type === 'bead' && !blockers.some((blocker) => blocker.beadId === beadId)) return [];
  const word = type === 'human' ? ` Open the gate of step ${stepId} to let it go on.` : '';
  return [{ code: 'step_gate', message: `Its step "${title}" ${sentence}.${word}`, ...(beadId === undefined ? {} : { beadId }) }];
};

const waitReasons = (issue: Issue, facts: Facts): Reason[] => {
  const { notBefore, stepGate, lastError } = issue.details;
  const waitMs = notBefore === undefined ? 0 : Date.parse(notBefore) - facts.nowMs;
  if (waitMs <= 0 || notBefore === stepGate?.until) return [];
  return [
    {
      code: 'backing_off',
      message: `Its last attempt failed (${lastError ?? 'no reason was recorded'}); it is tried again in ${seconds(waitMs)}.`,
    },
  ];
};

const openReasons = (issue: Issue, facts: Facts): Reason[] => {
  const reasons: Reason[] = [];
  const ofRig = rigPlaces(facts.town, facts.rig);
  const ofTown = townPlaces(facts.town);
  if (issue.held) reasons.push({ code: 'held', message: `It is held; release it to let it be worked.${whatWentBefore(issue, facts)}` });
  if (issue.archivedAt !== undefined)
    reasons.push({ code: 'archived', message: 'It is in the archive; take it out of it to let it be worked.' });
  reasons.push(
    ...stepGateReason(issue, facts),
    ...keptBack(facts.convoy),
    ...facts.blockers.map((blocker) => unlandedBlocker(blocker) ?? blockerReason(blocker)),
    ...facts.gates.map(gateReason),
    ...parentReasons(issue, facts),
  );
  if (issue.openBlockers > 0 && facts.blockers.length + facts.gates.length === 0)
    reasons.push({ code: 'release_pending', message: 'Its last blocker has just been resolved; the next pass frees it.' });
  reasons.push(...waitReasons(issue, facts));
  if (facts.rig === undefined && issue.rigId !== undefined)
    reasons.push({ code: 'rig_gone', message: 'Its repository is not connected any more: it fails when nothing else keeps it.' });
  reasons.push(...facts.budgets.map((message): Reason => ({ code: 'budget', message })));
  reasons.push(...facts.outages.map((message): Reason => ({ code: 'outage', message })));
  if (facts.busyInRig >= ofRig) reasons.push({ code: 'rig_full', message: `All ${ofRig} places for workers of its rig are taken.` });
  else if (facts.busyInTown >= ofTown)
    reasons.push({ code: 'town_full', message: `All ${ofTown} places for workers of the town are taken.` });
  return reasons.length > 0 ? reasons : [{ code: 'ready', message: 'It is ready; the next pass gives it to a worker.' }];
};

const stepSentence = ({ steps }: Facts): string => {
  if (steps === undefined) return '';
  if (steps.current === undefined) return ` All ${steps.total} steps of ${steps.formula} are finished.`;
  return ` Step ${steps.over + 1} of ${steps.total} of ${steps.formula}: ${steps.current}.`;
};

const workingReasons = (facts: Facts): Reason[] => {
  const { assignee, report, nowMs } = facts;
  const runtime = runtimeReasons(facts);
  if (assignee === undefined)
    return [...runtime, { code: 'worker_lost', message: 'Its worker is gone; it goes back to open in a moment.' }];
  if (runtime.length > 0) return runtime;
  if (assignee.state === 'starting') return [{ code: 'starting', message: `${assignee.name} is starting on it.` }];
  const status = assignee.statusLine === undefined ? '' : `: ${assignee.statusLine.text}`;
  const last = report?.observed.lastActivityAtMs;
  const quiet = last === undefined ? '' : ` Last activity ${seconds(nowMs - last)} ago.`;
  return [
    {
      code: assignee.state === 'waiting' ? 'waiting' : 'working',
      message: `${assignee.name} is ${assignee.state === 'waiting' ? 'between two turns' : 'working'} on it${status}.${stepSentence(facts)}${quiet}`,
    },
  ];
};

/** Requests that wait for a person, or for another bead, do not wait for money. */
const moneyOf = ({ details, status }: Bead & BeadOf<'merge_request'>, { budgets }: Facts): Reason[] =>
  isFinal(status) || details.stage === 'held' || details.stage === 'blocked'
    ? []
    : budgets.map((message): Reason => ({ code: 'budget', message }));

const reviewReasons = (facts: Facts): Reason[] =>
  facts.request !== undefined && isMergeRequest(facts.request)
    ? [
        {
          code: 'in_review',
          message: `Its merge request ${facts.request.beadId}: ${mergeSentence(facts.request)}`,
          beadId: facts.request.beadId,
        },
        ...moneyOf(facts.request, facts),
      ]
    : [{ code: 'in_review', message: 'It is in review and its merge request cannot be found; the next pass decides.' }];

const putAway = (bead: Bead): Reason[] =>
  bead.archivedAt === undefined ? [] : [{ code: 'archived', message: `It is in the archive since ${bead.archivedAt}.` }];

const reasonsOf = (facts: Facts): Reason[] => {
  const { bead } = facts;
  if (bead.status === 'closed')
    return [
      ...landingReason(bead, facts.convoy, facts.nowMs),
      { code: 'closed', message: `It is closed${bead.closedAt === undefined ? '' : ` since ${bead.closedAt}`}.` },
      ...putAway(bead),
    ];
  if (bead.status === 'failed')
    return [
      ...(bead.supersededBy === undefined
        ? []
        : [{ code: 'superseded', message: `It was retried as ${bead.supersededBy}.`, beadId: bead.supersededBy }]),
      { code: 'failed', message: `It failed: ${bead.failure?.message ?? 'no reason was recorded'}` },
      ...putAway(bead),
    ];
  const { stopped } = facts.town;
  if (stopped !== undefined)
    return [
      { code: 'town_stopped', message: `The town is stopped since ${stopped.at} by ${stopped.by}; nothing moves until it is resumed.` },
    ];
  if (isMergeRequest(bead))
    return [...facts.blockers.map(blockerReason), { code: bead.details.stage, message: mergeSentence(bead) }, ...moneyOf(bead, facts)];
  if (isEscalation(bead)) return [escalationReason(bead, facts.town, facts.nowMs)];
  if (isUnread(bead)) return [mailReason(bead, facts.nowMs)];
  if (bead.type === 'convoy' && facts.convoy !== undefined) return convoyReason(facts.convoy, facts.nowMs);
  if (!isIssue(bead)) return [{ code: 'open', message: `A ${bead.type.replace('_', ' ')} is not worked by itself.` }];
  if (bead.details.step !== undefined) {
    const { stepId, moleculeId } = bead.details.step;
    return [
      {
        code: 'step',
        message: `It is the step ${stepId} of ${moleculeId}: the agent of that molecule's bead does it in its turn, it is not given out by itself.`,
        beadId: moleculeId,
      },
      ...facts.blockers.map(blockerReason),
    ];
  }
  if (bead.status === 'open') return openReasons(bead, facts);
  return bead.status === 'in_review' ? reviewReasons(facts) : workingReasons(facts);
};

/** The first reason as the sentence, and all of them. */
export const explain = (facts: Facts): { readonly sentence: string; readonly reasons: readonly Reason[] } => {
  const reasons = reasonsOf(facts);
  const [first, ...others] = reasons;
  return {
    sentence: `${first?.message ?? ''}${others.length === 0 ? '' : ` (and ${others.length} more reason${others.length === 1 ? '' : 's'})`}`,
    reasons,
  };
};
