// Applies B8 down the family: a parent that waits keeps its children waiting, and theirs. One bead at a time; killed anywhere it goes on.
import type { Bead } from '../../contracts/bead.schema.ts';
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import { blocksChildren } from '../../domain/dependencies.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Levels above a bead that a dispatch looks at. */
const mostAncestors = 32;

/** The open issues above a bead, nearest first, ending with the first that is not open. Strong. */
export const ancestorsOf = async (ctx: PassContext, bead: Bead): Promise<Bead[]> => {
  const ancestors: Bead[] = [];
  let child = bead;
  while (isIssue(child) && child.parentId !== undefined && child.details.mergeRequestId === undefined && ancestors.length < mostAncestors) {
    const parent = await beadOf(ctx, child.parentId);
    if (parent === undefined || !isIssue(parent)) break;
    ancestors.push(parent);
    if (parent.status !== 'open') break;
    child = parent;
  }
  return ancestors;
};
/** None of them has begun to wait meanwhile. */
export const ancestorCheck = ({ townId, beadId, status, openBlockers }: Bead): Write => ({
  check: 'bead',
  key: { townId, beadId },
  when: { equals: { status, openBlockers } },
});

/** A ready bead whose parent has begun to wait: it is told now, before the item about its parent has been. */
export const waitWithParent = (ctx: PassContext, bead: Bead, ancestors: readonly Bead[]): Promise<Applied> => {
  const after: Bead = { ...revised(bead, {}, isoOf(ctx)), parentBlocked: true };
  const event = ruleEvent(ctx, 'B8', 'fields_updated', {
    beadId: bead.beadId,
    ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
    data: { changed: ['parentBlocked'], parentBlocked: true },
  });
  return commit(ctx, writesOf([{ before: bead, after }], event, momentIn(ctx), ancestors.map(ancestorCheck)));
};

/** Children that one pass tells at most; the item stays until all know. */
const childrenPerPass = 100;

/** The child as it should be under its parent; undefined when it is so already. */
const told = (child: Bead, parent: Bead | undefined, at: string): Bead | undefined => {
  const blocked = parent !== undefined && blocksChildren(parent);
  if (!isIssue(child) || isFinal(child.status) || (child.parentBlocked === true) === blocked) return undefined;
  const { parentBlocked: _was, ...rest } = revised(child, {}, at);
  return blocked ? { ...rest, parentBlocked: true } : rest;
};

const tellChild = async (ctx: PassContext, child: Bead, parent: Bead): Promise<Applied> => {
  const after = told(child, parent, isoOf(ctx));
  if (after === undefined) return 'done';
  const event = ruleEvent(ctx, 'B8', 'fields_updated', {
    beadId: child.beadId,
    ...(child.rigId === undefined ? {} : { rigId: child.rigId }),
    data: { changed: ['parentBlocked'], parentBlocked: after.parentBlocked === true, parentId: parent.beadId },
  });
  const parentKey = { townId: ctx.townId, beadId: parent.beadId };
  return commit(
    ctx,
    writesOf([{ before: child, after }], event, momentIn(ctx), [
      { check: 'bead', key: parentKey, when: { equals: { version: parent.version } } },
    ]),
  );
};

/** Children that wait themselves for the first time, or no more, leave an item of their own in the same transaction. */
export const tellChildren = async (ctx: PassContext, { item }: ActionOf<'tell-children'>): Promise<Applied> => {
  const { store } = ctx.ports;
  const parent = await beadOf(ctx, item.workId);
  const edges = parent === undefined ? [] : await store.dependentsOf(ctx.townId, item.workId, 'parent-child');
  const read = await store.getMany(
    'bead',
    edges.map((edge) => ({ townId: ctx.townId, beadId: edge.beadId })),
  );
  const untold = read.flatMap((child) =>
    child !== undefined && child.parentId === item.workId && told(child, parent, isoOf(ctx)) !== undefined ? [child] : [],
  );
  if (parent !== undefined)
    for (const child of untold.slice(0, childrenPerPass)) if ((await tellChild(ctx, child, parent)) === 'lost') return 'lost';
  if (untold.length > childrenPerPass) return 'done';
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'family', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
  ]);
};
