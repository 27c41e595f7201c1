// Rules about beads: B4 work without an agent, B5 reviews whose request is decided, B8 closed blockers; and work items whose subject is over.
import { isConvoy, movesByItself } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import { triageRequestOf, triagerIsSpent } from '../triage.ts';
import type { TriageRequest } from '../../contracts/triage.schema.ts';
import type { Findings } from './action.ts';
import { rigToSweep } from './branches.ts';
import { findings } from './action.ts';
import { overtakenBy } from './merges.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';

const flightRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('flight')) {
    const bead = view.issue(item.workId);
    if (bead?.status === 'in_progress') {
      const agent = view.agent(bead.assigneeAgentId);
      if (agent !== undefined && agent.hookBeadId === bead.beadId) continue;
      const dueAtMs = msOf(bead.updatedAt) + view.timings.orphanBeadMs;
      if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
      else
        found.actions.push({
          rule: 'B4',
          kind: 'reopen-orphan',
          subject: bead.beadId,
          beadId: bead.beadId,
          sentence: `${bead.beadId} is in progress with nobody working on it: it goes back to its queue.`,
        });
    }
    if (bead?.status === 'in_review') {
      const request = view.mergeRequest(bead.details.latestMergeRequestId);
      if (request !== undefined && !isFinal(request.status)) continue;
      found.actions.push({
        rule: 'B5',
        kind: 'settle-review',
        subject: bead.beadId,
        beadId: bead.beadId,
        sentence: `The request of ${bead.beadId} is ${request?.status ?? 'missing'}: the bead follows it.`,
      });
    }
  }
  return found;
};

/** Nothing is left to decide: the bead is over, or the agent that was silent has left it. */
const caseIsOver = (view: View, asked: TriageRequest | undefined): boolean => {
  const agent = view.agent(asked?.agentId);
  if (asked === undefined || agent === undefined) return true;
  const bead = view.bead(asked.beadId);
  return (bead !== undefined && isFinal(bead.status)) || (asked.kind === 'stalled' && agent.hookBeadId !== asked.beadId);
};

/** Flights and merges are not in the sweep's index: as long as there are any, the town's runtime item stands for them. */
const movesUnswept = (view: View): boolean => view.work('flight').length > 0 || view.work('merge').length > 0;
const isAwake = (view: View): boolean => view.work('runtime').length > 0 || !movesUnswept(view);

const isOvertaken = (view: View, beadId: string): boolean => {
  const request = view.mergeRequest(beadId);
  return request?.status === 'open' && overtakenBy(request, view.bead(request.details.sourceBeadId)) !== undefined;
};

/** Nothing is given out of a plan; its start opens its queues. */
const isPlan = (view: View, queue: string): boolean => {
  const convoy = view.bead(queue);
  return convoy !== undefined && isConvoy(convoy) && convoy.details.staged;
};

/** The item has nothing to do any more. A queue that was not read (no slot is free) may hold beads. */
const spent = (view: View, item: WorkItem): boolean => {
  const bead = view.bead(item.workId);
  switch (item.kind) {
    case 'flight':
      return bead === undefined || (bead.status !== 'in_progress' && bead.status !== 'in_review');
    case 'merge':
      return bead === undefined || (!movesByItself(bead) && !isOvertaken(view, item.workId));
    case 'mail':
    case 'convoy':
    case 'budget':
      return bead === undefined || isFinal(bead.status);
    case 'release':
      return bead === undefined || !isFinal(bead.status);
    case 'queue':
      return (
        isAwake(view) &&
        view.snapshot.ready.some(
          (head) => `${head.rigId}#${head.queue}` === item.workId && (head.entries.length === 0 || isPlan(view, head.queue)),
        )
      );
    case 'triage':
      return caseIsOver(view, triageRequestOf(item));
    case 'branches':
      return false;
    case 'triager':
      return triagerIsSpent(item, view.nowMs);
    case 'mayor': {
      const message = view.snapshot.mayorMessages.find((candidate) => `${candidate.userId}#${candidate.messageId}` === item.workId);
      return message === undefined || (message.state !== 'queued' && message.state !== 'working');
    }
    case 'command':
      return !view.snapshot.commands.some((command) => command.commandId === item.workId);
    case 'removal':
      return view.snapshot.town.deletedAt === undefined;
    case 'runtime':
      return (view.snapshot.lease === undefined || view.snapshot.lease.state === 'absent') && !movesUnswept(view);
    case 'stop':
      return view.snapshot.town.stopped === undefined;
    case 'spend':
      return item.dueAtMs <= view.nowMs;
    case 'gate':
    case 'family':
    case 'follow':
    case 'archive':
    case 'delete':
    case 'molecule':
    case 'escalation':
    case 'notify':
    case 'nudge':
    case 'import':
    case 'batch':
    case 'failures':
    case 'breaker':
      return false;
    default:
      return item.kind satisfies never;
  }
};

/** Slots whose agent does not hold them any more. */
const slotRules = (view: View): Findings => {
  const found = findings();
  for (const slot of view.snapshot.slots) {
    if (slot.slotId.startsWith('town#')) continue;
    const agent = view.agent(slot.holder);
    if (agent !== undefined && agent.slot === slot.slotId) continue;
    found.actions.push({
      rule: 'B1',
      kind: 'free-slot',
      subject: slot.slotId,
      slotId: slot.slotId,
      sentence: `${slot.holder} holds ${slot.slotId} no more.`,
    });
  }
  return found;
};

const sweepFor = (view: View, item: WorkItem): { readonly sweepRigId?: string } => {
  const sweepRigId = rigToSweep(view, item);
  return sweepRigId === undefined ? {} : { sweepRigId };
};

export const beadRules = (view: View): Findings => {
  const found = [flightRules(view), slotRules(view)];
  const actions = found.flatMap((each) => each.actions);
  const gone = view.snapshot.work.filter((item) => spent(view, item));
  const releases = view.work('release').filter((item) => !gone.includes(item));
  return {
    actions: [
      ...actions,
      ...releases.map(
        (item) =>
          ({
            rule: 'B8',
            kind: 'release',
            subject: item.workId,
            item,
            ...sweepFor(view, item),
            sentence: `${item.workId} is over: what waited for it is told.`,
          }) as const,
      ),
      ...view.work('gate').map(
        (item) =>
          ({
            rule: 'B8',
            kind: 'open-gate',
            subject: item.workId,
            item,
            sentence: `The children of ${item.workId} have changed: what waits for them is looked at.`,
          }) as const,
      ),
      ...view.work('follow').map(
        (item) =>
          ({
            rule: 'B9',
            kind: 'follow-retry',
            subject: item.workId,
            item,
            sentence: `${item.workId} was retried: who waited for it waits for its successor.`,
          }) as const,
      ),
      ...view.work('archive').map(
        (item) =>
          ({
            rule: 'B10',
            kind: 'archive-step',
            subject: item.workId,
            item,
            sentence:
              item.workId === 'closed' ? 'More of what is closed goes to the archive.' : `The members of ${item.workId} go with it.`,
          }) as const,
      ),
      ...view.work('delete').map(
        (item) =>
          ({
            rule: 'B11',
            kind: 'delete-step',
            subject: item.workId,
            item,
            sentence: `${item.workId} is removed with what belongs to it.`,
          }) as const,
      ),
      ...view.work('family').map(
        (item) =>
          ({
            rule: 'B8',
            kind: 'tell-children',
            subject: item.workId,
            item,
            sentence: `${item.workId} waits, or waits no more: its children follow.`,
          }) as const,
      ),
      ...gone.map(
        (item) =>
          ({
            rule: 'W1',
            kind: 'drop-work',
            subject: `${item.kind}#${item.workId}`,
            item,
            sentence: `Nothing is left to do about ${item.kind} ${item.workId}.`,
          }) as const,
      ),
    ],
    waits: found.flatMap((each) => each.waits),
  };
};
