// Turns bead changes into the writes of one transaction: the beads with their version conditions, one event, and the work items that
// follow from the new state. Every change of a bead goes through here, so that nothing that can move is ever without a work item.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { TownEvent } from '../contracts/event.schema.ts';
import type { Priority } from '../contracts/primitives.schema.ts';
import type { ReadyEntry, WorkItem, WorkKind } from '../contracts/work.schema.ts';
import type { Write } from '../ports.ts';
import { blocksChildren } from './dependencies.ts';
import { isEscalation, mayorMailOf, raisedNextMs, roundsOf, routeOf, trackOf, defaultEscalationSettings } from './escalations.ts';
import { isFinal } from './transition.ts';

export interface BeadChange {
  /** Absent for a new bead. */
  readonly before?: Bead;
  /** Its version is one above `before`, or 1. */
  readonly after: Bead;
}
/** Time and a fresh stamp of the transaction. */
export interface Moment {
  readonly nowMs: number;
  readonly stamp: string;
}

export const isIssue = (bead: Bead): bead is Bead & BeadOf<'issue'> => bead.details.type === 'issue';
export const isMergeRequest = (bead: Bead): bead is Bead & BeadOf<'merge_request'> => bead.details.type === 'merge_request';
export const isConvoy = (bead: Bead): bead is Bead & BeadOf<'convoy'> => bead.details.type === 'convoy';
export const isMessage = (bead: Bead): bead is Bead & BeadOf<'message'> => bead.details.type === 'message';

const rankOf: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** An issue that an agent could be given now, apart from slots and back-off. Staged convoys and unfinished batches are the caller's to know. */
export const isReady = (bead: Bead): boolean =>
  isIssue(bead) &&
  bead.rigId !== undefined &&
  bead.status === 'open' &&
  bead.details.kind !== 'step' &&
  bead.details.stepGate?.type !== 'human' &&
  !bead.held &&
  bead.archivedAt === undefined &&
  bead.deletingAt === undefined &&
  bead.parentBlocked !== true &&
  bead.openBlockers === 0;

const positionDigits = 4;
const placeOf = (position: number | undefined): string =>
  position === undefined ? '' : `${String(position).padStart(positionDigits, '0')}#`;

/** The place of a bead in its ready queue; the same for the same bead until its priority changes. */
export const readyEntryOf = (bead: Bead): ReadyEntry | undefined => {
  if (!isIssue(bead) || bead.rigId === undefined) return undefined;
  const notBefore = bead.details.notBefore;
  return {
    townId: bead.townId,
    rigId: bead.rigId,
    queue: bead.details.convoyId ?? '-',
    order: `${rankOf[bead.priority]}#${bead.createdAt}#${placeOf(bead.details.position)}${bead.beadId}`,
    beadId: bead.beadId,
    notBeforeMs: notBefore === undefined ? 0 : Date.parse(notBefore),
  };
};

export const workItem = (townId: string, kind: WorkKind, workId: string, dueAtMs: number, stamp: string): WorkItem => ({
  townId,
  kind,
  workId,
  dueAtMs,
  stamp,
});
export const putWork = (item: WorkItem): Write => ({ put: 'work', item, when: 'none' });
/** The town has to look again: somebody changed what its rules go by. The sweep finds it even if the hint is lost. */
export const lookAgain = (townId: string, { nowMs, stamp }: Moment): Write => putWork(workItem(townId, 'runtime', townId, nowMs, stamp));
export const removeWork = (townId: string, kind: WorkKind, workId: string): Write => ({
  remove: 'work',
  key: { townId, kind, workId },
  when: 'none',
});

const putBead = ({ before, after }: BeadChange): Write => ({
  put: 'bead',
  item: after,
  when: before === undefined ? { absent: true } : { equals: { version: before.version } },
});

const readyWrites = ({ before, after }: BeadChange, moment: Moment): Write[] => {
  const wasEntry = before !== undefined && isReady(before) ? readyEntryOf(before) : undefined;
  const entry = isReady(after) ? readyEntryOf(after) : undefined;
  const writes: Write[] = [];
  if (wasEntry !== undefined && (wasEntry.order !== entry?.order || wasEntry.queue !== entry?.queue)) {
    writes.push({
      remove: 'ready',
      key: { townId: wasEntry.townId, rigId: wasEntry.rigId, queue: wasEntry.queue, order: wasEntry.order },
      when: 'none',
    });
  }
  if (entry !== undefined) {
    writes.push({ put: 'ready', item: entry, when: 'none' });
    writes.push(
      putWork(workItem(after.townId, 'queue', `${entry.rigId}#${entry.queue}`, Math.max(moment.nowMs, entry.notBeforeMs), moment.stamp)),
    );
  }
  return writes;
};

/** Its pull request is looked at, also while a bead repairs it or people decide: it may be merged or closed on the host at any time. */
export const isWatched = (bead: Bead): boolean =>
  isMergeRequest(bead) &&
  bead.status === 'open' &&
  bead.details.pullRequest !== undefined &&
  (bead.details.stage === 'pr_open' || bead.details.pullRequest.ref !== undefined) &&
  bead.details.stage !== 'new';

/** A request that waits for beads or for people has nothing to do by itself; whoever frees it writes it again. */
export const movesByItself = (bead: Bead): boolean =>
  isMergeRequest(bead) &&
  !isFinal(bead.status) &&
  (isWatched(bead) || bead.status === 'in_progress' || (bead.openBlockers === 0 && !bead.held && bead.details.stage !== 'held'));

/** Steps of molecules are worked by the agent of their issue: only issues themselves are in flight. */
const inFlight = (bead: Bead): boolean =>
  isIssue(bead) && bead.details.kind !== 'step' && (bead.status === 'in_progress' || bead.status === 'in_review');
/** A pass that reads this issue, because it is in flight, reads its request as well: that one needs no work item of its own. */
export const requestInReview = (bead: Bead): string | undefined =>
  isIssue(bead) && bead.status === 'in_review' && inFlight(bead) ? bead.details.latestMergeRequestId : undefined;

/** The request of an issue that goes another way: nothing leads to it any more, and it must be found once more to be given up. */
const overtakenRequest = ({ before, after }: BeadChange, changes: readonly BeadChange[]): string | undefined => {
  if (before === undefined || !isIssue(before) || !isIssue(after)) return undefined;
  const { latestMergeRequestId } = before.details;
  const ended = changes.some((other) => other.after.beadId === latestMergeRequestId && isFinal(other.after.status));
  if (latestMergeRequestId === undefined || ended) return undefined;
  const left = requestInReview(before) !== undefined && requestInReview(after) === undefined;
  const givenUp = isFinal(after.status) && !isFinal(before.status);
  return left || givenUp || latestMergeRequestId !== after.details.latestMergeRequestId ? latestMergeRequestId : undefined;
};

/** The convoy of a member that has ended, or that took the place of one, counts again. */
const progressWrites = (bead: Bead, moment: Moment): Write[] =>
  isIssue(bead) && bead.details.convoyId !== undefined
    ? [putWork(workItem(bead.townId, 'convoy', bead.details.convoyId, moment.nowMs, moment.stamp))]
    : [];

/** The request of this issue is closed in the same transaction: the issue is merged. */
const isMerged = ({ before, after }: BeadChange, changes: readonly BeadChange[]): boolean =>
  before?.status === 'in_review' &&
  isIssue(after) &&
  after.status === 'closed' &&
  changes.some((other) => other.after.beadId === after.details.latestMergeRequestId && other.after.status === 'closed');

/**
 * Its end is told to who waits for it, to the children of its parent, and to people whose repair failed. Nobody waits for a bead without the mark
 * (edges.ts), so a merged one without a parent tells nobody; its branch is looked after by the merge.
 */
const endsUnheard = (change: BeadChange, changes: readonly BeadChange[]): boolean =>
  change.after.awaited !== true && change.after.parentId === undefined && isMerged(change, changes);

const issueWrites = (change: BeadChange, changes: readonly BeadChange[], moment: Moment): Write[] => {
  const { before, after } = change;
  const writes = readyWrites(change, moment);
  if (after.hasChildren === true && (before !== undefined && blocksChildren(before)) !== blocksChildren(after))
    writes.push(putWork(workItem(after.townId, 'family', after.beadId, moment.nowMs, moment.stamp)));
  const flew = before !== undefined && inFlight(before);
  if (inFlight(after) && !flew) writes.push(putWork(workItem(after.townId, 'flight', after.beadId, moment.nowMs, moment.stamp)));
  else if (!inFlight(after) && flew) writes.push(removeWork(after.townId, 'flight', after.beadId));
  const overtaken = overtakenRequest(change, changes);
  if (overtaken !== undefined) writes.push(putWork(workItem(after.townId, 'merge', overtaken, moment.nowMs, moment.stamp)));
  if (isFinal(after.status) && (before === undefined || !isFinal(before.status))) {
    if (!endsUnheard(change, changes)) writes.push(putWork(workItem(after.townId, 'release', after.beadId, moment.nowMs, moment.stamp)));
    const moleculeId = isIssue(after) ? (after.details.moleculeId ?? after.details.step?.moleculeId) : undefined;
    if (moleculeId !== undefined) writes.push(putWork(workItem(after.townId, 'molecule', moleculeId, moment.nowMs, moment.stamp)));
    writes.push(...progressWrites(after, moment));
  } else if (before === undefined && after.supersedes !== undefined) writes.push(...progressWrites(after, moment));
  return writes;
};

/** Later than any town lives. */
const neverMs = Date.parse('9999-12-31T00:00:00.000Z');

/** An escalation is watched until it is closed; each round of it goes to whom its severity names. */
const escalationWrites = ({ before, after }: BeadChange, moment: Moment): Write[] => {
  if (!isEscalation(after)) return [];
  if (isFinal(after.status)) return [removeWork(after.townId, 'escalation', after.beadId)];
  const track = trackOf(after);
  const watched: WorkItem = {
    ...workItem(after.townId, 'escalation', after.beadId, raisedNextMs(track, defaultEscalationSettings) ?? neverMs, moment.stamp),
    data: JSON.stringify(track),
  };
  if (before !== undefined && isEscalation(before) && roundsOf(before) === roundsOf(after)) return [putWork(watched)];
  const route = routeOf(after.details.severity);
  const writes = [putWork(watched)];
  if (route.mayor) {
    const mail = mayorMailOf(after);
    writes.push(putBead({ after: mail }), putWork(workItem(mail.townId, 'mail', mail.beadId, moment.nowMs, moment.stamp)));
  }
  if (route.people !== 'nobody')
    writes.push(putWork(workItem(after.townId, 'notify', `${after.beadId}#${track.rounds}`, moment.nowMs, moment.stamp)));
  return writes;
};

/** The convoy looks at what became of its landing. */
const endedWrites = (request: Bead, moment: Moment): Write[] =>
  isMergeRequest(request) && request.details.kind === 'landing'
    ? [putWork(workItem(request.townId, 'convoy', request.details.sourceBeadId, moment.nowMs, moment.stamp))]
    : [];

/** Beads beside issues that others may wait for. */
const awaited: readonly Bead['type'][] = ['convoy', 'molecule', 'escalation'];

/**
 * A request that begins to move has a work item, unless its issue leads to it; an item that is of no use any more is dropped by a pass (W1), which
 * costs less than to remove what may not be there.
 */
const requestWrites = ({ before, after }: BeadChange, changes: readonly BeadChange[], moment: Moment): Write[] => {
  const moved = before !== undefined && movesByItself(before);
  if (isFinal(after.status)) return before === undefined || isFinal(before.status) ? [] : endedWrites(after, moment);
  if (moved || !movesByItself(after) || changes.some((other) => requestInReview(other.after) === after.beadId)) return [];
  const notBefore = isMergeRequest(after) ? after.details.notBefore : undefined;
  const dueAtMs = notBefore === undefined ? moment.nowMs : Date.parse(notBefore);
  // Merges are not in the sweep's index, and the town may have come to rest while this one waited.
  const freed = before === undefined || moved ? [] : [lookAgain(after.townId, moment)];
  return [putWork(workItem(after.townId, 'merge', after.beadId, dueAtMs, moment.stamp)), ...freed];
};

/** A message has a work item until it is delivered; a new convoy is counted once at its start. */
const otherWrites = (change: BeadChange, changes: readonly BeadChange[], moment: Moment): Write[] => {
  const { before, after } = change;
  if (isMergeRequest(after)) return requestWrites(change, changes, moment);
  if (awaited.includes(after.type) && before !== undefined && isFinal(after.status) && !isFinal(before.status))
    return [
      putWork(workItem(after.townId, 'release', after.beadId, moment.nowMs, moment.stamp)),
      ...(after.details.type === 'molecule' && after.details.mode === 'poured'
        ? [putWork(workItem(after.townId, 'molecule', after.beadId, moment.nowMs, moment.stamp))]
        : []),
      ...(after.type === 'escalation' ? [removeWork(after.townId, 'escalation', after.beadId)] : []),
    ];
  if (after.type === 'convoy')
    return before === undefined ? [putWork(workItem(after.townId, 'convoy', after.beadId, moment.nowMs, moment.stamp))] : [];
  if (after.type === 'escalation') return escalationWrites({ ...(before === undefined ? {} : { before }), after }, moment);
  if (after.type !== 'message') return [];
  if (isFinal(after.status)) return before === undefined || isFinal(before.status) ? [] : [removeWork(after.townId, 'mail', after.beadId)];
  return before === undefined ? [putWork(workItem(after.townId, 'mail', after.beadId, moment.nowMs, moment.stamp))] : [];
};

const keyOf = (write: Write): string => {
  if ('put' in write) return JSON.stringify([write.put, ...keyParts(write.put, write.item)]);
  if ('add' in write) return JSON.stringify([write.add, ...keyParts(write.add, write.item)]);
  const name = 'remove' in write ? write.remove : write.check;
  return JSON.stringify([name, ...keyParts(name, write.key)]);
};
const keyAttributes = {
  town: ['townId'],
  rig: ['townId', 'rigId'],
  bead: ['townId', 'beadId'],
  dependency: ['townId', 'beadId', 'type', 'dependsOnId'],
  graph: ['townId'],
  event: ['townId', 'eventId'],
  work: ['townId', 'kind', 'workId'],
  ready: ['townId', 'rigId', 'queue', 'order'],
  slot: ['townId', 'slotId'],
  once: ['townId', 'mark'],
  idempotency: ['scope', 'key'],
  train: ['townId', 'rigId', 'targetBranch'],
  alarm: ['townId'],
  agent: ['townId', 'agentId'],
  identity: ['townId', 'agentId'],
  report: ['townId', 'agentId'],
  lease: ['townId'],
  command: ['townId', 'commandId'],
  mayorMessage: ['townId', 'userId', 'messageId'],
  connection: ['connectionId'],
  ticket: ['ticketId'],
  sessionBatch: ['townId', 'agentId', 'epoch', 'batchId'],
  usage: ['townId', 'day', 'callId'],
  formula: ['townId', 'name'],
  publishedFormula: ['registry', 'name'],
  ownerSettings: ['scope', 'ownerId'],
  persona: ['townId', 'personaId'],
  publishedPersona: ['registry', 'personaId'],
  tally: ['townId', 'period', 'scope'],
  history: ['townId', 'shelf', 'at', 'kind', 'id'],
  trace: ['townId', 'rigId', 'folder'],
  note: ['townId', 'noteId'],
} as const;
const keyParts = (name: keyof typeof keyAttributes, value: object): unknown[] => {
  const record = new Map(Object.entries(value));
  return keyAttributes[name].map((attribute) => record.get(attribute));
};

/** Attributes that make the key of each entity, for stores and for finding doubles. */
export const keyAttributesOf = keyAttributes;

/** Two checks on one item as one: all that either of them asks for. */
const joined = (one: Write, other: Write): Write => {
  if (typeof one.when !== 'object' || typeof other.when !== 'object' || !('equals' in one.when) || !('equals' in other.when)) return other;
  // Both are about the same item, so what they ask for fits together; the union of all pairs cannot say so.
  return { ...other, when: { equals: { ...one.when.equals, ...other.when.equals } } } as Write;
};

/** A bead that changes while somebody begins to wait for it (edges.ts): both in one write. */
const withMark = (earlier: Write, later: Write): Write => {
  if (!('put' in earlier) || !('put' in later) || earlier.put !== 'bead' || later.put !== 'bead') return later;
  const begins = later.item.awaited === true && earlier.item.awaited !== true && later.item.version === earlier.item.version;
  return begins ? { ...earlier, item: { ...earlier.item, awaited: true } } : later;
};

/**
 * Drops doubles: of two writes on one item the later wins, except that an unconditional one never replaces a conditional one, and that a check
 * never replaces what is written. Two checks are joined.
 */
export const withoutDoubles = (writes: readonly Write[]): Write[] => {
  const byKey = new Map<string, Write>();
  for (const write of writes) {
    const key = keyOf(write);
    const earlier = byKey.get(key);
    if (earlier !== undefined && earlier.when !== 'none' && write.when === 'none') continue;
    if (earlier !== undefined && 'check' in write) {
      if ('check' in earlier) byKey.set(key, joined(earlier, write));
      continue;
    }
    byKey.set(key, earlier === undefined ? write : withMark(earlier, write));
  }
  return [...byKey.values()];
};

/**
 * The writes for bead changes that happen together, with their one event. Changes that leave a bead as it was are dropped.
 * At most 100 writes fit a transaction: callers keep within it.
 */
export const writesOf = (
  changes: readonly BeadChange[],
  event: TownEvent | undefined,
  moment: Moment,
  more: readonly Write[] = [],
): Write[] => {
  const writes: Write[] = [];
  for (const change of changes) {
    if (change.before?.version === change.after.version) continue;
    writes.push(putBead(change), ...(isIssue(change.after) ? issueWrites(change, changes, moment) : otherWrites(change, changes, moment)));
  }
  if (event !== undefined) writes.push({ put: 'event', item: event, when: 'none' });
  return withoutDoubles([...writes, ...more]);
};
