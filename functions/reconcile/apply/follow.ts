// Applies B9: who waited for a failed bead waits for its successor, its children are the successor's, and its convoy goes on with it. Edge by
// edge, any number of them; killed anywhere it goes on.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Dependency } from '../../contracts/dependency.schema.ts';
import { isConvoy, isIssue, putWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import { blocksChildren, isBlocking, newEdge } from '../../domain/dependencies.ts';
import { edgeWrites, markWrite, marked, needsMark, waitsOn } from '../../domain/edges.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Edges that one pass moves at most; the item stays until all are moved. */
const edgesPerPass = 100;

interface Succession {
  readonly old: Bead;
  readonly heir: Bead;
}
const moves = (edge: Dependency, dependent: Bead | undefined): boolean =>
  dependent !== undefined && (edge.type === 'parent-child' || (isBlocking(edge.type) && !edge.resolved && dependent.status !== 'closed'));

/** A child is told of its new parent; one that is over keeps its own record. */
const underHeir = (child: Bead, heir: Bead, at: string): Bead => {
  const { parentBlocked: _was, ...rest } = revised(child, { parentId: heir.beadId }, at);
  return blocksChildren(heir) ? { ...rest, parentBlocked: true } : rest;
};

const moveEdge = async (ctx: PassContext, { old, heir }: Succession, edge: Dependency): Promise<Applied> => {
  const { townId, beadId, type } = edge;
  const moved = { townId, beadId, dependsOnId: heir.beadId, type };
  const [dependent, there] = await Promise.all([beadOf(ctx, beadId), ctx.ports.store.get('dependency', moved)]);
  const at = isoOf(ctx);
  const isChild = type === 'parent-child';
  let after = dependent;
  if (dependent !== undefined && !isFinal(dependent.status)) {
    if (isChild && dependent.parentId === old.beadId) after = underHeir(dependent, heir, at);
    // It waited for both already: one of the two goes.
    if (!isChild && there !== undefined) after = revised(dependent, { openBlockers: Math.max(0, dependent.openBlockers - 1) }, at);
  }
  const event = ruleEvent(ctx, 'B9', 'dependency_added', {
    beadId,
    data: { dependsOnId: heir.beadId, type, insteadOf: old.beadId },
  });
  const more: Write[] = [
    { remove: 'dependency', key: edge, when: { equals: { resolved: edge.resolved } } },
    ...(there === undefined ? edgeWrites([newEdge({ ...moved, gate: edge.gate, at })], [heir]) : []),
    {
      check: 'bead',
      key: { townId, beadId: heir.beadId },
      when: { equals: isChild ? { version: heir.version } : { createdAt: heir.createdAt } },
    },
  ];
  const changes = dependent === undefined || after === undefined ? [] : [{ before: dependent, after }];
  return commit(ctx, writesOf(changes, event, momentIn(ctx), more));
};

/** The successor takes the place of the failed bead among the members. */
const joinConvoy = async (ctx: PassContext, { old, heir }: Succession): Promise<Applied> => {
  const convoyId = isIssue(heir) ? heir.details.convoyId : undefined;
  const convoy = convoyId === undefined ? undefined : await beadOf(ctx, convoyId);
  if (convoy === undefined || !isConvoy(convoy) || isFinal(convoy.status) || !convoy.details.memberIds.includes(old.beadId)) return 'done';
  const { townId } = ctx;
  const at = isoOf(ctx);
  const moment = momentIn(ctx);
  const memberIds = convoy.details.memberIds.map((beadId) => (beadId === old.beadId ? heir.beadId : beadId));
  const after = revised(convoy, { details: { ...convoy.details, memberIds } }, at);
  const tracks = { townId, beadId: convoy.beadId, dependsOnId: old.beadId, type: 'tracks' };
  const event = ruleEvent(ctx, 'B9', 'fields_updated', {
    beadId: convoy.beadId,
    convoyId: convoy.beadId,
    data: { changed: ['memberIds'], member: heir.beadId, insteadOf: old.beadId },
  });
  return commit(
    ctx,
    writesOf([{ before: convoy, after }], event, moment, [
      { remove: 'dependency', key: tracks, when: 'none' },
      ...edgeWrites([newEdge({ ...tracks, dependsOnId: heir.beadId, at })], [], 'none'),
      putWork(workItem(townId, 'convoy', convoy.beadId, moment.nowMs, moment.stamp)),
    ]),
  );
};

/** What must be looked at once everything has moved: the successor may be over already, or wait, or have closed children. */
const afterwards = (ctx: PassContext, heir: Bead | undefined): Write[] => {
  if (heir === undefined) return [];
  const { nowMs, stamp } = momentIn(ctx);
  const look = (kind: 'release' | 'family' | 'gate'): Write => putWork(workItem(ctx.townId, kind, heir.beadId, nowMs, stamp));
  return [...(isFinal(heir.status) ? [look('release')] : []), ...(heir.hasChildren === true ? [look('family'), look('gate')] : [])];
};

/** The successor as it must be before anybody waits for it; undefined when somebody was faster. */
const markedHeir = async (ctx: PassContext, heir: Bead, moving: readonly Dependency[]): Promise<Bead | undefined> => {
  if (!moving.some(waitsOn) || !needsMark(heir)) return heir;
  const item = marked(heir);
  return (await commit(ctx, [markWrite(heir)])) === 'done' ? item : undefined;
};

export const followRetry = async (ctx: PassContext, { item }: ActionOf<'follow-retry'>): Promise<Applied> => {
  const { store } = ctx.ports;
  const old = await beadOf(ctx, item.workId);
  let heir = old?.supersededBy === undefined ? undefined : await beadOf(ctx, old.supersededBy);
  if (old !== undefined && heir !== undefined) {
    const edges = await store.dependentsOf(ctx.townId, old.beadId);
    const dependents = await store.getMany(
      'bead',
      edges.map((edge) => ({ townId: ctx.townId, beadId: edge.beadId })),
    );
    const moving = edges.filter((edge, index) => moves(edge, dependents[index]));
    heir = await markedHeir(ctx, heir, moving);
    if (heir === undefined) return 'lost';
    for (const edge of moving.slice(0, edgesPerPass)) if ((await moveEdge(ctx, { old, heir }, edge)) === 'lost') return 'lost';
    if (moving.length > edgesPerPass) return 'done';
    if ((await joinConvoy(ctx, { old, heir })) === 'lost') return 'lost';
  }
  // Read again: it may have ended while the edges moved, and then nobody has told them.
  const now = heir === undefined ? undefined : await beadOf(ctx, heir.beadId);
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'follow', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
    ...afterwards(ctx, now),
  ]);
};
