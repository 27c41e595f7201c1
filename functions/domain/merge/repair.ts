// A request that needs work first: one bead that blocks it, or, when the rounds are used up, a person. Pure.
import type { Identity } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { EventType } from '../../contracts/event.schema.ts';
import type { Principal } from '../../contracts/primitives.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import type { Write } from '../../ports.ts';
import { identityNumbers } from '../agent-cv.ts';
import type { BeadChange, Moment } from '../bead-writes.ts';
import { newEdge } from '../dependencies.ts';
import { edgeWrites } from '../edges.ts';
import { newBead } from '../new-bead.ts';
import type { IssueBead } from '../prompts/polecat.ts';
import type { MergeRequestBead } from '../prompts/refinery.ts';
import { transition } from '../transition.ts';
import { withinBytes } from './brief.ts';
import { failedAs, openedAs } from './leave.ts';

/** What a result is decided on; ids are fresh, the transaction asks that nobody has them. */
export interface MergeScene {
  readonly request: MergeRequestBead;
  readonly source: IssueBead | undefined;
  readonly rig: Pick<Rig, 'rigId' | 'prefix'>;
  readonly rounds: { readonly maxReworkRounds: number; readonly maxConflictRounds: number };
  readonly actor: Principal;
  readonly moment: Moment;
  /** ISO time of `moment`. */
  readonly at: string;
  /** Random characters of base 36 for ids of new beads. */
  readonly freshIds: { readonly repair: string; readonly escalation: string; readonly mail: string };
}
export interface Decided {
  readonly changes: readonly BeadChange[];
  readonly more: readonly Write[];
  readonly event: { readonly type: EventType; readonly new: string; readonly data: Readonly<Record<string, string | number>> };
}

const onceLifeSeconds = 90 * 24 * 60 * 60;
export const onceMark = (scene: MergeScene, mark: string): Write => ({
  put: 'once',
  when: { absent: true },
  item: {
    townId: scene.request.townId,
    mark,
    createdAt: scene.at,
    deleteAfterEpochSeconds: Math.floor(scene.moment.nowMs / 1000) + onceLifeSeconds,
  },
});

/** The limit of a bead's `lastError`. */
const maxReasonCharacters = 2000;
/** The source goes back to people: open and held with the reason, so that no agent takes it. No change when the source has moved on. */
export const heldSource = ({ source, request, at }: Pick<MergeScene, 'source' | 'request' | 'at'>, reason: string): BeadChange[] => {
  if (source === undefined || source.status !== 'in_review' || source.details.latestMergeRequestId !== request.beadId) return [];
  const moved = transition(source, { status: 'open' }, at);
  if (!moved.ok) return [];
  const details = { ...source.details, lastError: reason.slice(0, maxReasonCharacters) };
  return [{ before: source, after: { ...moved.bead, held: true, details } }];
};

type Escalation = { readonly category: 'merge_conflict' | 'gate' | 'failed'; readonly title: string; readonly message: string };
/** People answer it by letting the held source go on. */
const escalationOf = (scene: MergeScene, { category, title, message }: Escalation): BeadChange => ({
  after: newBead(
    {
      townId: scene.request.townId,
      beadId: `hq-${scene.freshIds.escalation}`,
      title: title.slice(0, 500),
      requestedBy: scene.request.requestedBy,
      createdBy: scene.actor,
      at: scene.at,
      details: {
        type: 'escalation',
        severity: 'high',
        category,
        source: scene.actor,
        aboutBeadId: scene.request.details.sourceBeadId,
        ...(heldSource(scene, message).length === 0 ? {} : { cause: { of: 'held' } }),
      },
    },
    { rigId: scene.rig.rigId, body: withinBytes(message, 32 * 1024), priority: 'high', parentId: scene.request.beadId },
  ),
});

export interface Repair {
  readonly kind: 'rework' | 'conflict';
  /** One sentence: why. */
  readonly message: string;
  /** What the agent must know. */
  readonly brief: string;
}
const repairWords = {
  rework: { title: 'Rework', event: 'rework_requested', category: 'gate' },
  conflict: { title: 'Resolve conflicts of', event: 'pr_conflict', category: 'merge_conflict' },
} as const;

const repairBead = (scene: MergeScene, { kind, brief }: Repair): Bead => {
  const { request, rig, actor, at, freshIds } = scene;
  const { branch, targetBranch, sourceBeadId } = request.details;
  const personaId = scene.source?.details.personaId;
  return newBead(
    {
      townId: request.townId,
      beadId: `${rig.prefix}-${freshIds.repair}`,
      title: `${repairWords[kind].title} ${request.title}`.slice(0, 500),
      requestedBy: request.requestedBy,
      createdBy: actor,
      at,
      details: {
        type: 'issue',
        issueType: 'task',
        kind,
        branch,
        targetBranch,
        mergeRequestId: request.beadId,
        brief,
        commits: [],
        ...(personaId === undefined ? {} : { personaId }),
      },
    },
    {
      rigId: rig.rigId,
      priority: request.priority,
      parentId: sourceBeadId,
      awaited: true,
      labels: [kind === 'conflict' ? 'gt:pr-conflict' : 'gt:rework'],
    },
  );
};

/** Every round of this kind is used up: the request is kept as it is and a person decides. */
const exhausted = (scene: MergeScene, repair: Repair, rounds: number): Decided => {
  const { request, at } = scene;
  const words = repairWords[repair.kind];
  const message = `${request.beadId} still needs ${repair.kind === 'conflict' ? 'its conflicts resolved' : 'rework'} after ${rounds} rounds: ${repair.message}`;
  return {
    changes: [
      { before: request, after: openedAs(request, 'held', { result: repair.kind, message, at }) },
      ...heldSource(scene, message),
      escalationOf(scene, {
        category: words.category,
        title: `Merge of "${request.title}" needs a person`,
        message: `${message}\n\n${repair.brief}`,
      }),
    ],
    more: [onceMark(scene, `escalate#${request.beadId}#${repair.kind}#${request.details.attempt}`)],
    event: { type: 'escalated', new: message.slice(0, 2000), data: { mergeRequestId: request.beadId, rounds } },
  };
};

/** A review that asked for changes is part of the history of who did the work. A conflict is nobody's fault. */
const sentBackWrites = ({ request, source, at }: MergeScene, kind: Repair['kind']): Write[] => {
  const agentId = source?.assigneeAgentId;
  if (kind !== 'rework' || agentId === undefined) return [];
  const item: Identity = {
    townId: request.townId,
    agentId,
    name: agentId.charAt(0).toUpperCase() + agentId.slice(1),
    role: 'polecat',
    epochs: 0,
    done: 0,
    repairs: 0,
    failures: 0,
    workedMs: 0,
    sentBack: request.details.reworkRounds === 0 ? 1 : 0,
    reworkRounds: 1,
    costMicroUsd: 0,
    updatedAt: at,
  };
  return [{ add: 'identity', item, numbers: [...identityNumbers], when: 'none' }];
};

const maxFailureCharacters = 2000;
/** A landing is never sent to rework: this attempt is over, and its convoy decides what comes next. */
const landingFailed = ({ request, at }: MergeScene, code: string, message: string): Decided => ({
  changes: [{ before: request, after: failedAs(request, code, { result: 'failed', message, at }) }],
  more: [],
  event: { type: 'merge_failed', new: message.slice(0, maxFailureCharacters), data: { mergeRequestId: request.beadId, code } },
});

/** Rework or conflict: one bead per attempt, which the request waits for. */
export const sentToRepair = (scene: MergeScene, repair: Repair): Decided => {
  const { request, rounds, at } = scene;
  const { details } = request;
  if (details.kind === 'landing') return landingFailed(scene, `landing_${repair.kind}`, `${repair.message}\n\n${repair.brief}`);
  const used = repair.kind === 'rework' ? details.reworkRounds : details.conflictRounds;
  if (used >= (repair.kind === 'rework' ? rounds.maxReworkRounds : rounds.maxConflictRounds)) return exhausted(scene, repair, used);
  const bead = repairBead(scene, repair);
  const opened = openedAs(
    request,
    'blocked',
    { result: repair.kind, message: repair.message, at },
    {
      repairBeadId: bead.beadId,
      ...(repair.kind === 'rework' ? { reworkRounds: used + 1 } : { conflictRounds: used + 1 }),
    },
  );
  return {
    changes: [{ before: request, after: { ...opened, openBlockers: request.openBlockers + 1 } }, { after: bead }],
    more: [
      ...edgeWrites([newEdge({ townId: request.townId, beadId: request.beadId, dependsOnId: bead.beadId, type: 'blocks', at })], [bead]),
      onceMark(scene, `${repair.kind}#${request.beadId}#${details.attempt}`),
      ...sentBackWrites(scene, repair.kind),
    ],
    event: {
      type: repairWords[repair.kind].event,
      new: repair.message.slice(0, 2000),
      data: { mergeRequestId: request.beadId, repairBeadId: bead.beadId, round: used + 1, attempt: details.attempt },
    },
  };
};

/** The request cannot be merged and trying again cannot help: it fails, its source waits for a person. */
export const givenUp = (scene: MergeScene, code: string, message: string): Decided => {
  const { request, at } = scene;
  if (request.details.kind === 'landing') return landingFailed(scene, code, message);
  return {
    changes: [
      { before: request, after: failedAs(request, code, { result: 'failed', message, at }) },
      ...heldSource(scene, `${request.beadId} cannot be merged: ${message}`),
      escalationOf(scene, { category: 'failed', title: `"${request.title}" cannot be merged`, message }),
    ],
    more: [onceMark(scene, `escalate#${request.beadId}#failed`)],
    event: { type: 'merge_failed', new: message.slice(0, 2000), data: { mergeRequestId: request.beadId, code } },
  };
};
