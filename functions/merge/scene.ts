// Reads what a merge task decides on, and makes sure that its execution still carries the request.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Settings } from '../contracts/settings.schema.ts';
import type { Rig, Town } from '../contracts/town.schema.ts';
import type { Train } from '../contracts/work.schema.ts';
import { isIssue, isMergeRequest, writesOf } from '../domain/bead-writes.ts';
import { mergeRounds } from '../domain/merge/needs.ts';
import { MergeDecided } from '../domain/merge/leave.ts';
import type { Decided, MergeScene } from '../domain/merge/repair.ts';
import { newEvent } from '../domain/new-bead.ts';
import { personaSettings } from '../domain/personas.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { personaOf } from '../operations/personas.ts';
import type { Ports, Removal, Write } from '../ports.ts';
import { ExecutionOvertaken, MergeStateMoved } from './errors.ts';

export interface Subject {
  readonly execution: string;
  readonly townId: string;
  readonly mergeRequestId: string;
}
export interface Carried {
  readonly request: MergeRequestBead & { readonly rigId: string };
  readonly train: Train | undefined;
  /** The execution is a run of `train`, not an attempt of the request alone. */
  readonly onTrain: boolean;
}
/** What a request belongs to; read by the steps that need it. */
export interface Surroundings {
  readonly source: IssueBead | undefined;
  readonly rig: Rig;
  readonly town: Town;
  /** What the persona of the work says; absent: it had none, or none that says anything. */
  readonly persona: Settings | undefined;
}

const inRig = (request: MergeRequestBead): request is MergeRequestBead & { rigId: string } => request.rigId !== undefined;

/** Undefined when the request is not this execution's any more: finished, taken over, deleted. */
export const findCarried = async (
  ports: Pick<Ports, 'store'>,
  { execution, townId, mergeRequestId }: Subject,
): Promise<Carried | undefined> => {
  const bead = await ports.store.get('bead', { townId, beadId: mergeRequestId });
  if (bead === undefined || !isMergeRequest(bead) || bead.status !== 'in_progress' || !inRig(bead)) return undefined;
  const { rigId, details } = bead;
  const train = await ports.store.get('train', { townId, rigId, targetBranch: details.targetBranch });
  const onTrain = train?.executionName === execution && train.currentMergeRequestId === mergeRequestId;
  return onTrain || details.executionName === execution ? { request: bead, train, onTrain } : undefined;
};

export const sourceOf = async (ports: Pick<Ports, 'store'>, { request }: Pick<Carried, 'request'>): Promise<IssueBead | undefined> => {
  const source = await ports.store.get('bead', { townId: request.townId, beadId: request.details.sourceBeadId });
  return source !== undefined && isIssue(source) ? source : undefined;
};

/** Throws `ExecutionOvertaken` when the rig was disconnected or the town deleted. */
export const surroundingsOf = async (ports: Pick<Ports, 'store'>, { request }: Pick<Carried, 'request'>): Promise<Surroundings> => {
  const { townId, rigId } = request;
  const [source, rig, town] = await Promise.all([
    sourceOf(ports, { request }),
    ports.store.get('rig', { townId, rigId }),
    ports.store.get('town', { townId }),
  ]);
  if (rig === undefined || town === undefined || town.deletedAt !== undefined)
    throw new ExecutionOvertaken(`the rig of ${request.beadId} is not connected any more`);
  const personaId = source?.details.personaId;
  const persona = personaId === undefined ? undefined : personaSettings(await personaOf(ports, townId, personaId));
  return { source, rig, town, persona };
};

/** Throws `ExecutionOvertaken`. */
export const carriedBy = async (ports: Pick<Ports, 'store'>, subject: Subject): Promise<Carried> => {
  const carried = await findCarried(ports, subject);
  if (carried === undefined) throw new ExecutionOvertaken(`${subject.mergeRequestId} is not carried by ${subject.execution} any more`);
  return carried;
};

/** Who, when and about which request: enough for a step that changes nothing but the request. */
export type StepScene = Pick<MergeScene, 'request' | 'actor' | 'moment' | 'at'>;
export const stepScene = (ports: Pick<Ports, 'clock' | 'ids'>, { request }: Carried, subject: Subject): StepScene => {
  const nowMs = ports.clock.nowMs();
  return {
    request,
    actor: `workflow:${subject.execution}`,
    moment: { nowMs, stamp: ports.ids.ulid() },
    at: new Date(nowMs).toISOString(),
  };
};

const idLength = 5;
/** Ids grow with the tries, in case one is taken. */
export const sceneOf = async (ports: Pick<Ports, 'store' | 'clock' | 'ids'>, carried: Carried, subject: Subject): Promise<MergeScene> => {
  const { source, rig, town } = await surroundingsOf(ports, carried);
  return {
    ...stepScene(ports, carried, subject),
    source,
    rig,
    rounds: mergeRounds({ town, rig }),
    freshIds: { repair: ports.ids.base36(idLength), escalation: ports.ids.base36(idLength), mail: ports.ids.base36(idLength) },
  };
};

/** The writes of a decision, with its event about the source. */
export const decisionWrites = (ports: Pick<Ports, 'ids'>, scene: StepScene, decided: Decided, more: readonly Write[] = []): Write[] => {
  const { request, at, actor } = scene;
  const event = newEvent(
    { townId: request.townId, eventId: ports.ids.ulid(), type: decided.event.type, actor, at },
    {
      beadId: request.details.sourceBeadId,
      ...(request.rigId === undefined ? {} : { rigId: request.rigId }),
      new: decided.event.new,
      data: { ...decided.event.data },
      ...(request.details.convoyId === undefined ? {} : { convoyId: request.details.convoyId }),
    },
  );
  return writesOf(decided.changes, event, scene.moment, [...decided.more, ...more]);
};

export interface Settled<T> {
  readonly writes: readonly Write[];
  /** What is of no use any more once these are written. Killed before it, a repeated step or rule M4 removes it. */
  readonly afterwards?: readonly Removal[];
  readonly result: T;
}
const tries = 8;
/**
 * `decide` reads and answers the writes; none means there is nothing to write. Repeated from the reading when somebody was faster.
 * Throws `MergeStateMoved` after 8 tries, `ExecutionOvertaken` when the request is final.
 */
export const settle = async <T>(ports: Pick<Ports, 'store'>, decide: () => Promise<Settled<T>>): Promise<T> => {
  for (let number = 0; number < tries; number += 1) {
    const {
      writes,
      afterwards = [],
      result,
    } = await decide().catch((error: unknown) => {
      throw error instanceof MergeDecided ? new ExecutionOvertaken(error.message) : error;
    });
    if (writes.length > 0 && !(await ports.store.commit(writes)).ok) continue;
    // One by one: outside a transaction each costs half.
    for (const removal of afterwards) await ports.store.commit([removal]);
    return result;
  }
  throw new MergeStateMoved('the request kept changing while the step wrote');
};

/** One change of the request alone, without moving its status. */
export const requestWrites = (
  before: MergeRequestBead,
  after: Bead,
  scene: StepScene,
  event?: Decided['event'],
  ports?: Pick<Ports, 'ids'>,
): Write[] =>
  event === undefined || ports === undefined
    ? writesOf([{ before, after }], undefined, scene.moment)
    : decisionWrites(ports, scene, { changes: [{ before, after }], more: [], event });
