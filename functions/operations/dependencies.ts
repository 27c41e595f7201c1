// Edges between beads that exist: add, remove, replace. `openBlockers` follows in the same transaction, and no two edges close a circle.
import { z } from 'zod';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import type { EventType } from '../contracts/event.schema.ts';
import { beadIdSchema } from '../contracts/primitives.schema.ts';
import { putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { effectOf, isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { revised } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { checkCycle, checkTarget, checkType, checkWaits, keptByTheTown, targetCheck, targetsOf, thereCheck } from './dependency-checks.ts';
import type { EdgeAct, EdgeInput, Scene } from './dependency-checks.ts';
import { graphWrite } from './graph-version.ts';
import { actOnce } from './once.ts';
import { setParent } from './parents.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import type { Decision } from './transact.ts';

const sceneOf = async (ports: Ports, act: EdgeAct): Promise<Scene> => {
  const [bead, edges] = await Promise.all([beadOf(ports, act.townId, act.beadId), ports.store.dependenciesOf(act.townId, act.beadId)]);
  return { ports, act, bead, edges };
};

const edgeEvent = ({ ports, act, bead }: Scene, type: EventType, data: Record<string, z.core.util.JSONType>): Write => ({
  put: 'event',
  item: newEvent(
    { townId: act.townId, eventId: ports.ids.ulid(), type, actor: act.actor, at: isoNow(ports) },
    { beadId: bead.beadId, ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }), data },
  ),
  when: 'none',
});

/** A new blocking edge: met already, or one more to wait for. */
const blockingEdge = ({ ports, act }: Scene, target: Bead, { type, gate }: EdgeInput): Dependency =>
  newEdge(
    { townId: act.townId, beadId: act.beadId, dependsOnId: target.beadId, type, gate, at: isoNow(ports) },
    type !== 'waits-for' && effectOf({ type }, target) === 'free',
  );

const addBlocking = async (scene: Scene, target: Bead, input: EdgeInput): Promise<Write[]> => {
  const { ports, act, bead } = scene;
  checkWaits(scene);
  checkTarget(scene, target, input.type);
  const graph = await graphWrite(ports, act.townId);
  const edge = blockingEdge(scene, target, input);
  if (!edge.resolved) await checkCycle(scene, [input]);
  const old = scene.edges.find((one) => one.dependsOnId === target.beadId && one.type === input.type);
  const before = old === undefined || old.resolved ? 0 : 1;
  const moment = momentOf(ports);
  const after = revised(bead, { openBlockers: bead.openBlockers - before + (edge.resolved ? 0 : 1) }, isoNow(ports));
  return writesOf([{ before: bead, after }], undefined, moment, [
    ...edgeWrites([edge], [target], old === undefined ? { absent: true } : { equals: { resolved: old.resolved } }),
    targetCheck(target),
    ...(edge.resolved ? [] : [graph]),
    // Children may all be closed already; whoever closes later tells it by itself.
    ...(edge.type === 'waits-for' ? [putWork(workItem(act.townId, 'gate', target.beadId, moment.nowMs, moment.stamp))] : []),
    edgeEvent(scene, 'dependency_added', { dependsOnId: target.beadId, type: edge.type, resolved: edge.resolved }),
  ]);
};

/** An edge that only tells. Both beads must still be there. */
const addTelling = (scene: Scene, target: Bead, { type }: EdgeInput): Write[] => {
  const { ports, act, bead } = scene;
  const edge = newEdge({ townId: act.townId, beadId: act.beadId, dependsOnId: target.beadId, type, at: isoNow(ports) });
  return [
    ...edgeWrites([edge]),
    thereCheck(bead),
    thereCheck(target),
    edgeEvent(scene, 'dependency_added', { dependsOnId: target.beadId, type }),
  ];
};

const decideAdd = async (scene: Scene, input: EdgeInput): Promise<Write[]> => {
  const { ports, act, edges } = scene;
  if (input.dependsOnId === act.beadId) throw unprocessable(`${act.beadId} cannot depend on itself.`);
  checkType(input);
  const same = edges.find((edge) => edge.dependsOnId === input.dependsOnId && edge.type === input.type);
  if (same !== undefined && (same.gate ?? 'all') === (input.gate ?? 'all')) return [];
  const [target] = await targetsOf(ports, act.townId, { ids: [input.dependsOnId], path: 'body.dependsOnId' });
  if (target === undefined) return [];
  if (input.type === 'parent-child') return setParent(ports, act, { bead: scene.bead, parent: target });
  return isBlocking(input.type) ? addBlocking(scene, target, input) : addTelling(scene, target, input);
};

const answerSchema = z.object({ beadId: beadIdSchema });
type Answer = z.infer<typeof answerSchema>;

/**
 * Adds an edge; one that is there already is a success. Blocking types only while the bead is open. Throws 404, 422 (unknown bead, itself,
 * too large a graph), 409 (a circle, spelled out; a bead that is not open).
 */
export const addDependency = (
  ports: Ports,
  request: EdgeAct & { readonly input: EdgeInput; readonly idempotencyKey?: string | undefined },
): Promise<Answer> => {
  const { townId, beadId, actor, input } = request;
  const once = {
    what: 'The dependency',
    scope: townId,
    key: request.idempotencyKey,
    act: 'addDependency',
    request: { beadId, actor, input },
    answer: answerSchema,
  };
  return actOnce(ports, once, async () => ({ writes: await decideAdd(await sceneOf(ports, request), input), result: { beadId } }));
};

const removal = (edge: Dependency): Write => ({
  remove: 'dependency',
  key: { townId: edge.townId, beadId: edge.beadId, dependsOnId: edge.dependsOnId, type: edge.type },
  when: { equals: { resolved: edge.resolved } },
});

const decideRemove = async (scene: Scene, named: { dependsOnId: string; type?: string | undefined }): Promise<Write[]> => {
  const { ports, act, bead, edges } = scene;
  const meant = edges.filter((edge) => edge.dependsOnId === named.dependsOnId && (named.type === undefined || edge.type === named.type));
  const gone = meant.filter((edge) => !keptByTheTown.includes(edge.type));
  if (gone.length === 0 && meant.length > 0)
    throw unprocessable(`Dependencies of type ${meant[0]?.type ?? ''} are kept by the town itself.`);
  if (gone.some((edge) => edge.type === 'parent-child')) {
    if (gone.length > 1)
      throw conflict(
        'They are parent and child, and more: name the type.',
        gone.map((edge) => edge.type),
      );
    return setParent(ports, act, { bead, parent: undefined });
  }
  if (gone.length === 0) return [];
  const unresolved = gone.filter((edge) => isBlocking(edge.type) && !edge.resolved).length;
  if (unresolved > 0) checkWaits(scene);
  const after = unresolved === 0 ? bead : revised(bead, { openBlockers: bead.openBlockers - unresolved }, isoNow(ports));
  return writesOf([{ before: bead, after }], undefined, momentOf(ports), [
    ...gone.map(removal),
    edgeEvent(scene, 'dependency_removed', { dependsOnId: named.dependsOnId, types: gone.map((edge) => edge.type) }),
  ]);
};

/** Removes the edges to one bead, of one type or of all; none is a success. Throws 404, 409, 422. */
export const removeDependency = (
  ports: Ports,
  request: EdgeAct & { readonly dependsOnId: string; readonly type?: string | undefined },
): Promise<Answer> =>
  transact(ports, 'The dependency', async (): Promise<Decision<Answer>> => {
    const writes = await decideRemove(await sceneOf(ports, request), request);
    return { writes, result: { beadId: request.beadId } };
  });

const maxItems = 100;
/** Bead, ready entry, queue, graph version, event, and room for more. */
const itemsBesideEdges = 8;

/** What a replacement does to the bead's count, its event, and what is written beside the bead. */
export interface Replacement {
  readonly openBlockers: number;
  readonly event: Write;
  readonly writes: readonly Write[];
}
/** Undefined: the bead waits for just these already. Throws as adding does. */
export const replacementOf = async (scene: Scene, wanted: readonly string[]): Promise<Replacement | undefined> => {
  const { ports, act, bead, edges } = scene;
  const present = edges.filter((edge) => edge.type === 'blocks');
  const gone = present.filter((edge) => !wanted.includes(edge.dependsOnId));
  const added = wanted.filter((beadId) => !present.some((edge) => edge.dependsOnId === beadId));
  if (gone.length === 0 && added.length === 0) return undefined;
  if (added.includes(act.beadId)) throw unprocessable(`${act.beadId} cannot depend on itself.`);
  checkWaits(scene);
  if (itemsBesideEdges + gone.length * 2 + added.length * 3 > maxItems)
    throw unprocessable('Too many dependencies change at once; about 30 are possible. Do it in steps.');
  const targets = await targetsOf(ports, act.townId, { ids: added, path: 'body.dependsOn' });
  for (const target of targets) checkTarget(scene, target, 'blocks');
  const graph = await graphWrite(ports, act.townId);
  const inputs = targets.map((target): EdgeInput => ({ dependsOnId: target.beadId, type: 'blocks' }));
  const fresh = targets.map((target) => blockingEdge(scene, target, { dependsOnId: target.beadId, type: 'blocks' }));
  const waiting = fresh.filter((edge) => !edge.resolved).length;
  if (waiting > 0) await checkCycle(scene, inputs);
  return {
    openBlockers: bead.openBlockers - gone.filter((edge) => !edge.resolved).length + waiting,
    event: edgeEvent(scene, added.length > 0 ? 'dependency_added' : 'dependency_removed', {
      added: [...added],
      removed: gone.map((edge) => edge.dependsOnId),
      type: 'blocks',
    }),
    writes: [...gone.map(removal), ...edgeWrites(fresh, targets), ...targets.map(targetCheck), ...(waiting > 0 ? [graph] : [])],
  };
};

/** Replaces what the bead waits for by type `blocks`, as a whole; other types stay. Throws as adding does. */
export const replaceDependencies = (ports: Ports, request: EdgeAct & { readonly dependsOn: readonly string[] }): Promise<Answer> =>
  transact(ports, 'The dependencies', async (): Promise<Decision<Answer>> => {
    const scene = await sceneOf(ports, request);
    const change = await replacementOf(scene, [...new Set(request.dependsOn)]);
    const result = { beadId: request.beadId };
    if (change === undefined) return { writes: [], result };
    const { openBlockers, event, writes } = change;
    const after = revised(scene.bead, { openBlockers }, isoNow(ports));
    return { writes: writesOf([{ before: scene.bead, after }], undefined, momentOf(ports), [...writes, event]), result };
  });
