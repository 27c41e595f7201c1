// Applies B11: removes a marked bead step by step: children first, then the edges towards it, its own edges, and itself last. Each step can be
// repeated; killed anywhere it goes on.
import { z } from 'zod';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Dependency } from '../../contracts/dependency.schema.ts';
import { principalSchema } from '../../contracts/primitives.schema.ts';
import type { Principal } from '../../contracts/primitives.schema.ts';
import type { WorkItem, WorkKind } from '../../contracts/work.schema.ts';
import { isConvoy, isIssue, isMergeRequest, putWork, readyEntryOf, removeWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { isBlocking } from '../../domain/dependencies.ts';
import { isMolecule } from '../../domain/molecules/molecule.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised } from '../../domain/transition.ts';
import { forgetBody } from '../../operations/bead-body.ts';
import { markedForRemoval } from '../../operations/delete-bead.ts';
import { forgetDocuments } from '../../operations/touched.ts';
import type { Write } from '../../ports.ts';
import { ProblemError } from '../../api/problems.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Beads and edges that one pass deals with at most; the item stays until all are gone. */
const perPass = 100;
/** An edge counts as two items of a transaction that holds 100. */
const edgesPerCommit = 40;
const taskSchema = z.object({ actor: principalSchema });

const removeEdge = (edge: Dependency): Write => ({ remove: 'dependency', key: edge, when: { equals: { resolved: edge.resolved } } });

/** Hides a bead that goes with another one and gives it an item of its own. `wait`: it is being pushed at this moment. */
const mark = async (ctx: PassContext, bead: Bead, actor: Principal): Promise<Applied | 'wait'> => {
  try {
    const { changes, item } = await markedForRemoval(ctx.ports, bead, actor);
    const event = ruleEvent(ctx, 'B11', 'deleted', { beadId: bead.beadId, old: bead.title.slice(0, 500) });
    return await commit(ctx, writesOf(changes, event, momentIn(ctx), [item]));
  } catch (error) {
    if (error instanceof ProblemError) return 'wait';
    throw error;
  }
};

/** Children are removed before their parent. `wait`: some are still there. */
const markChildren = async (ctx: PassContext, edges: readonly Dependency[], actor: Principal): Promise<Applied | 'wait'> => {
  for (const edge of edges.slice(0, perPass)) {
    const child = await beadOf(ctx, edge.beadId);
    const done =
      child === undefined ? await commit(ctx, [removeEdge(edge)]) : child.deletingAt === undefined ? await mark(ctx, child, actor) : 'wait';
    if (done === 'lost') return 'lost';
  }
  return edges.length === 0 ? 'done' : 'wait';
};

/** The convoy without the member, counted again. */
const leftConvoy = (convoy: Bead, beadId: string, at: string): Bead => {
  if (!isConvoy(convoy) || isFinal(convoy.status)) return convoy;
  const memberIds = convoy.details.memberIds.filter((member) => member !== beadId);
  return revised(convoy, { details: { ...convoy.details, memberIds, totalBeads: memberIds.length } }, at);
};

/** Who waited for the bead does not any more; a convoy has one member less. */
const freeDependent = async (ctx: PassContext, edge: Dependency): Promise<Applied> => {
  const dependent = await beadOf(ctx, edge.beadId);
  if (dependent === undefined) return commit(ctx, [removeEdge(edge)]);
  const at = isoOf(ctx);
  const moment = momentIn(ctx);
  let after = dependent;
  const more: Write[] = [removeEdge(edge)];
  if (edge.type === 'tracks') {
    after = leftConvoy(dependent, edge.dependsOnId, at);
    more.push(putWork(workItem(ctx.townId, 'convoy', dependent.beadId, moment.nowMs, moment.stamp)));
  } else if (isBlocking(edge.type) && !edge.resolved && !isFinal(dependent.status)) {
    after = revised(dependent, { openBlockers: Math.max(0, dependent.openBlockers - 1) }, at);
  }
  const event = ruleEvent(ctx, 'B11', 'dependency_removed', {
    beadId: dependent.beadId,
    data: { dependsOnId: edge.dependsOnId, types: [edge.type], openBlockers: after.openBlockers },
  });
  return commit(ctx, writesOf([{ before: dependent, after }], event, moment, more));
};

/** The newest merge request and the molecule of an issue, the repair that a request waits for, and the steps of a molecule go with it. */
const companionIdsOf = (bead: Bead): readonly (string | undefined)[] => {
  if (isIssue(bead)) return [bead.details.latestMergeRequestId, bead.details.moleculeId];
  if (isMergeRequest(bead)) return [bead.details.repairBeadId];
  return isMolecule(bead) ? bead.details.steps.map((step) => step.beadId) : [];
};
const markCompanions = async (ctx: PassContext, bead: Bead, actor: Principal): Promise<Applied | 'wait'> => {
  for (const beadId of companionIdsOf(bead)) {
    const companion = beadId === undefined ? undefined : await beadOf(ctx, beadId);
    const marked = companion === undefined || companion.deletingAt !== undefined ? 'done' : await mark(ctx, companion, actor);
    if (marked !== 'done') return marked;
  }
  return 'done';
};

const ownKinds: readonly WorkKind[] = ['flight', 'merge', 'convoy', 'release', 'mail', 'gate', 'family', 'follow', 'archive', 'molecule'];

/** The failed bead whose place it took, without the link: it may be retried again. */
const unlinked = async (ctx: PassContext, bead: Bead): Promise<BeadChange[]> => {
  const old = bead.supersedes === undefined ? undefined : await beadOf(ctx, bead.supersedes);
  if (old?.supersededBy !== bead.beadId) return [];
  const { supersededBy: _gone, ...after } = revised(old, {}, isoOf(ctx));
  return [{ before: old, after }];
};

/** The bead itself, with everything that names it in the work partition. */
const removeBead = async (ctx: PassContext, bead: Bead, item: WorkItem): Promise<Applied> => {
  await forgetDocuments(ctx.ports, bead);
  const { townId, beadId } = bead;
  const { nowMs, stamp } = momentIn(ctx);
  const entry = readyEntryOf(bead);
  // It is hidden already; killed between the two, the next pass removes the rest.
  await forgetBody(ctx.ports, bead);
  const more: Write[] = [
    { remove: 'bead', key: { townId, beadId }, when: { equals: { version: bead.version } } },
    { remove: 'work', key: { townId, kind: 'delete', workId: beadId }, when: { equals: { stamp: item.stamp } } },
    ...ownKinds.map((kind) => removeWork(townId, kind, beadId)),
    ...(entry === undefined
      ? []
      : [{ remove: 'ready', key: { townId, rigId: entry.rigId, queue: entry.queue, order: entry.order }, when: 'none' } as const]),
    // Who waits for the children of its parent may go on without this one.
    ...(bead.parentId === undefined ? [] : [putWork(workItem(townId, 'gate', bead.parentId, nowMs, stamp))]),
  ];
  return commit(ctx, writesOf(await unlinked(ctx, bead), undefined, { nowMs, stamp }, more));
};

export const deleteStep = async (ctx: PassContext, { item }: ActionOf<'delete-step'>): Promise<Applied> => {
  const { store } = ctx.ports;
  const { townId } = ctx;
  const bead = await beadOf(ctx, item.workId);
  if (bead?.deletingAt === undefined)
    return commit(ctx, [{ remove: 'work', key: { townId, kind: 'delete', workId: item.workId }, when: { equals: { stamp: item.stamp } } }]);
  // What waited for a retried bead comes to its successor first, whichever of the two is removed.
  const retried = [bead.supersedes, ...(bead.supersededBy === undefined ? [] : [bead.beadId])].flatMap((id) => id ?? []);
  const follows = await store.getMany(
    'work',
    retried.map((workId) => ({ townId, kind: 'follow' as const, workId })),
  );
  if (follows.some((each) => each !== undefined)) return 'done';
  const { actor } = taskSchema.parse(JSON.parse(item.data ?? '{}'));
  const towards = await store.dependentsOf(townId, bead.beadId);
  const children = await markChildren(
    ctx,
    towards.filter((edge) => edge.type === 'parent-child'),
    actor,
  );
  if (children !== 'done') return children === 'lost' ? 'lost' : 'done';
  for (const edge of towards.slice(0, perPass)) if ((await freeDependent(ctx, edge)) === 'lost') return 'lost';
  if (towards.length > perPass) return 'done';
  const companion = await markCompanions(ctx, bead, actor);
  if (companion !== 'done') return companion === 'lost' ? 'lost' : 'done';
  const own = await store.dependenciesOf(townId, bead.beadId);
  for (let start = 0; start < own.length; start += edgesPerCommit)
    if ((await commit(ctx, own.slice(start, start + edgesPerCommit).map(removeEdge))) === 'lost') return 'lost';
  return removeBead(ctx, bead, item);
};
