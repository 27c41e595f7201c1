// A batch is one atomic act. When it does not fit one transaction, its beads are written first, hidden by a `batch` work item, and the
// transaction that removes this item is the commit. An unfinished batch is removed by rule C4.
import { z } from 'zod';
import type { Bead } from '../contracts/bead.schema.ts';
import { beadIdSchema } from '../contracts/primitives.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { SlingBatchInput } from '../contracts/routes.ts';
import type { Rig } from '../contracts/town.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import { workItem, writesOf } from '../domain/bead-writes.ts';
import { mayUse } from '../domain/flags.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { townPrefix } from '../domain/rig-prefix.ts';
import { settledModes } from '../domain/convoy/defaults.ts';
import type { BatchFacts, ConvoyWishes } from '../domain/convoy/defaults.ts';
import { estimatedMicroUsd } from '../domain/convoy/estimate.ts';
import { batchProblems, slungBatch } from '../domain/sling.ts';
import type { Batch, SettledBatch } from '../domain/sling.ts';
import type { CommitOutcome, Ports, Write } from '../ports.ts';
import { conflict, forbidden, unprocessable } from '../api/problems.ts';
import { namedRig } from './access.ts';
import { withKeptBody } from './bead-body.ts';
import { chunked, sizeOf } from './chunks.ts';
import { convoyView } from './convoys.ts';
import type { ConvoyView } from './convoys.ts';
import { estimateBatch } from './estimate-batch.ts';
import { recordOf, replayed } from './once.ts';
import type { OnceRequest } from './once.ts';
import { checkPersonas } from './personas.ts';
import { isoNow, momentOf } from './transact.ts';

export interface SlingBatch {
  readonly townId: string;
  readonly userId: string;
  readonly actor: Principal;
  readonly input: SlingBatchInput;
  readonly idempotencyKey?: string | undefined;
}
const firstIdLength = 4;
const maxItems = 100;
const attempts = 8;
/** The answer may be megabytes of bodies, so the key remembers the convoy and a replay reads it. */
const answerSchema = z.object({ convoyId: beadIdSchema });
type Answer = z.infer<typeof answerSchema>;

interface Plan {
  readonly batch: Batch;
  readonly hidden: readonly Write[];
  readonly last: readonly Write[];
}
interface Settled {
  readonly request: SlingBatch;
  readonly input: SettledBatch;
  readonly rigs: ReadonlyMap<string, Rig>;
}

/**
 * `hidden` may be written before the commit: members, edges and ready entries, nothing that a pass finds while their queue has no work item.
 * `last` makes all of them move at once, however many they are: the convoy and one queue per rig. The queues of a plan open when it is started.
 */
const planOf = async (ports: Ports, { request, input, rigs }: Settled, attempt: number): Promise<Plan> => {
  const { townId, userId, actor } = request;
  const at = isoNow(ports);
  const taken = new Set<string>();
  const newId = (prefix: string): string => {
    const id = `${prefix}-${ports.ids.base36(firstIdLength + attempt)}`;
    if (taken.has(id)) return newId(prefix);
    taken.add(id);
    return id;
  };
  const memberIds = input.tasks.map((task) => newId(rigs.get(task.rigId ?? input.rigId ?? '')?.prefix ?? townPrefix));
  const slung = slungBatch({ townId, userId, actor, at }, { convoyId: newId(townPrefix), memberIds }, input);
  const members: Bead[] = [];
  for (const member of slung.members) members.push(await withKeptBody(ports, member));
  const batch = { ...slung, members };
  const event = newEvent(
    { townId, eventId: ports.ids.ulid(), type: 'convoy_started', actor, at },
    { beadId: batch.convoy.beadId, convoyId: batch.convoy.beadId, new: input.title, data: { memberIds } },
  );
  const edges = edgeWrites(batch.edges, batch.members);
  const all = writesOf(
    [batch.convoy, ...batch.members].map((after) => ({ after })),
    event,
    momentOf(ports),
    edges,
  );
  const moving = input.staged ? all.filter((write) => !isQueue(write)) : all;
  return { batch, hidden: moving.filter(staysHidden), last: moving.filter((write) => !staysHidden(write)) };
};
const isQueue = (write: Write): boolean => 'put' in write && write.put === 'work' && write.item.kind === 'queue';
const staysHidden = (write: Write): boolean =>
  'put' in write && (write.put === 'dependency' || write.put === 'ready' || (write.put === 'bead' && write.item.type === 'issue'));

const putMemberIds = (writes: readonly Write[]): string[] =>
  writes.flatMap((write) => ('put' in write && write.put === 'bead' ? [write.item.beadId] : []));

/** Whether an id is in use: what C4 removes with an unfinished batch must be the batch's own. */
const anyTaken = async (ports: Ports, { convoy, members }: Batch): Promise<boolean> => {
  const beads = await ports.store.getMany(
    'bead',
    [convoy, ...members].map(({ townId, beadId }) => ({ townId, beadId })),
  );
  return beads.some((bead) => bead !== undefined);
};

/** Writes the batch behind its work item. A failure after the first step leaves an item that C4 removes with what it hides. */
const commitHidden = async (ports: Ports, plan: Plan): Promise<CommitOutcome> => {
  const { convoy, members } = plan.batch;
  const moment = momentOf(ports);
  const marker: WorkItem = {
    ...workItem(convoy.townId, 'batch', convoy.beadId, moment.nowMs + ports.deployment.timings.pendingBatchMs, moment.stamp),
    data: JSON.stringify(members.map((member) => member.beadId)),
  };
  const key = { townId: marker.townId, kind: marker.kind, workId: marker.workId };
  const mine = { equals: { stamp: marker.stamp } };
  if (await anyTaken(ports, plan.batch)) return { ok: false, failed: [] };
  const begun = await ports.store.commit([{ put: 'work', item: marker, when: { absent: true } }]);
  if (!begun.ok) return begun;
  /** Only what was written is left for C4, which may take it at once. */
  const giveUp = async (written: readonly Write[], outcome: CommitOutcome): Promise<CommitOutcome> => {
    await ports.store.commit([
      { put: 'work', item: { ...marker, dueAtMs: moment.nowMs, data: JSON.stringify(putMemberIds(written)) }, when: mine },
    ]);
    return outcome;
  };
  const done: Write[] = [];
  for (const chunk of chunked(plan.hidden, maxItems - 1)) {
    const written = await ports.store.commit([{ check: 'work', key, when: mine }, ...chunk]);
    if (!written.ok) return giveUp(done, written);
    done.push(...chunk);
  }
  const committed = await ports.store.commit([{ remove: 'work', key, when: mine }, ...plan.last]);
  return committed.ok ? committed : giveUp(done, committed);
};

const create = async (ports: Ports, settled: Settled, once: OnceRequest<Answer>): Promise<Answer> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const earlier = await replayed(ports, once);
    if (earlier !== undefined) return earlier.answer;
    const made = await planOf(ports, settled, attempt);
    const answer: Answer = { convoyId: made.batch.convoy.beadId };
    const plan: Plan = { ...made, last: [...made.last, ...recordOf(ports, once, answer)] };
    const whole = [...plan.hidden, ...plan.last];
    const outcome = sizeOf(whole) <= maxItems ? await ports.store.commit(whole) : await commitHidden(ports, plan);
    if (outcome.ok) return answer;
  }
  throw conflict('The batch could not be written because other work kept coming between; try again.');
};

/** A plan says what it will cost; a batch of the Mayor becomes one when that is much. Nobody else's batch is estimated. */
const withEstimate = async (
  ports: Ports,
  of: {
    readonly townId: string;
    readonly input: SettledBatch;
    readonly rigs: ReadonlyMap<string, Rig>;
    readonly facts: BatchFacts;
    readonly wishes: ConvoyWishes;
  },
): Promise<SettledBatch> => {
  const { townId, input, rigs, facts, wishes } = of;
  if (!input.staged && (!facts.byMayor || wishes.staged !== undefined)) return input;
  const estimate = await estimateBatch(ports, townId, { town: facts.town, rigs: [...rigs.values()] });
  const costMicroUsd = estimatedMicroUsd(
    estimate,
    input.tasks.map((task) => task.rigId ?? input.rigId),
  );
  const { staged } = settledModes(wishes, { ...facts, costMicroUsd });
  return staged ? { ...input, staged, estimate } : input;
};

/** Creates a convoy of beads, all or none. Throws 422 with every problem of the request; a cycle is spelled out. */
export const slingBatch = async (ports: Ports, request: SlingBatch): Promise<ConvoyView> => {
  const { townId, userId, actor, input } = request;
  const town = await ports.store.get('town', { townId });
  if (town !== undefined && !mayUse('flags.convoys', town, userId))
    throw forbidden('Convoys are switched off here; sling the beads one by one, or ask an admin of the organisation.');
  const [onlyRigId, ...others] = new Set(input.tasks.map((task) => task.rigId ?? input.rigId));
  const rig = onlyRigId === undefined || others.length > 0 ? undefined : await ports.store.get('rig', { townId, rigId: onlyRigId });
  const facts = { beads: input.tasks.length, byMayor: actor.startsWith('agent:'), town, rig };
  const asked: SettledBatch = { ...input, ...settledModes(input, facts) };
  const problems = batchProblems(asked);
  if (problems.length > 0) throw unprocessable(`${problems.map((problem) => problem.message).join('; ')}.`, problems);
  const rigs = new Map<string, Rig>();
  for (const [index, task] of input.tasks.entries()) {
    const rigId = task.rigId ?? input.rigId ?? '';
    if (!rigs.has(rigId))
      rigs.set(rigId, await namedRig(ports, townId, rigId, task.rigId === undefined ? 'body.rigId' : `body.tasks.${index}.rigId`));
  }
  await checkPersonas(
    ports,
    townId,
    input.tasks.map((task, index) => ({ id: task.personaId, path: `body.tasks.${index}.personaId` })),
  );
  const settled = await withEstimate(ports, { townId, input: asked, rigs, facts, wishes: input });
  const once = {
    what: 'The batch',
    scope: townId,
    key: request.idempotencyKey,
    act: 'slingBatch',
    request: { userId, actor, input },
    answer: answerSchema,
  };
  const { convoyId } = await create(ports, { request, input: settled, rigs }, once);
  return convoyView(ports, townId, convoyId);
};
