// Applies B10: archives the members of a convoy, or everything that was closed, a bounded part in each pass. The item says where to go on.
import { archiveTaskSchema } from '../../contracts/work.schema.ts';
import type { ArchiveTask, WorkItem } from '../../contracts/work.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { archived, isArchivable, unarchived } from '../../domain/archive.ts';
import { isConvoy, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { newEvent } from '../../domain/new-bead.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, isoOf, momentIn } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Each bead is up to three items of a transaction that holds 100. */
const beadsPerStep = 25;

interface Step {
  readonly changes: readonly BeadChange[];
  /** Where the next step goes on; absent at the end. */
  readonly next?: ArchiveTask;
}
type Members = Extract<ArchiveTask, { of: 'members' }>;
type Closed = Extract<ArchiveTask, { of: 'closed' }>;

const change = (bead: Bead | undefined, archive: boolean, at: string): BeadChange[] => {
  if (bead === undefined || bead.deletingAt !== undefined || (bead.archivedAt !== undefined) === archive) return [];
  if (archive && !isArchivable(bead)) return [];
  return [{ before: bead, after: archive ? archived(bead, at) : unarchived(bead, at) }];
};

const membersStep = async (ctx: PassContext, convoyId: string, task: Members): Promise<Step> => {
  const convoy = await beadOf(ctx, convoyId);
  const ids = convoy !== undefined && isConvoy(convoy) ? convoy.details.memberIds : [];
  const part = ids.slice(task.from, task.from + beadsPerStep);
  const beads = await ctx.ports.store.getMany(
    'bead',
    part.map((beadId) => ({ townId: ctx.townId, beadId })),
  );
  const from = task.from + part.length;
  return {
    changes: beads.flatMap((bead) => change(bead, task.archive, isoOf(ctx))),
    ...(from < ids.length ? { next: { ...task, from } } : {}),
  };
};

/** Types in the order in which they are put away. */
const after: Readonly<Record<Closed['type'], Closed['type'] | undefined>> = {
  issue: 'merge_request',
  merge_request: 'convoy',
  convoy: undefined,
};

const closedStep = async (ctx: PassContext, task: Closed): Promise<Step> => {
  const { cursor, ...rest } = task;
  const page = await ctx.ports.store.beadsBy({ townId: ctx.townId, type: task.type, status: 'closed' }, { limit: beadsPerStep, cursor });
  const due = page.items.filter((bead) => (bead.closedAt ?? bead.updatedAt) <= task.before);
  const nextType = after[task.type];
  const next =
    page.cursor === undefined ? (nextType === undefined ? undefined : { ...rest, type: nextType }) : { ...rest, cursor: page.cursor };
  return { changes: due.flatMap((bead) => change(bead, true, isoOf(ctx))), ...(next === undefined ? {} : { next }) };
};

const itemWrite = (ctx: PassContext, item: WorkItem, next: ArchiveTask | undefined): Write => {
  const when = { equals: { stamp: item.stamp } };
  return next === undefined
    ? { remove: 'work', key: { townId: ctx.townId, kind: 'archive', workId: item.workId }, when }
    : { put: 'work', item: { ...item, stamp: momentIn(ctx).stamp, data: JSON.stringify(next) }, when };
};

export const archiveStep = async (ctx: PassContext, { item }: ActionOf<'archive-step'>): Promise<Applied> => {
  const task = archiveTaskSchema.parse(JSON.parse(item.data ?? '{}'));
  const { changes, next } = task.of === 'members' ? await membersStep(ctx, item.workId, task) : await closedStep(ctx, task);
  const archives = task.of === 'closed' || task.archive;
  const event = newEvent(
    {
      townId: ctx.townId,
      eventId: ctx.ports.ids.ulid(),
      type: archives ? 'archived' : 'unarchived',
      actor: task.actor,
      at: isoOf(ctx),
    },
    {
      data: { beadIds: changes.map(({ after: bead }) => bead.beadId) },
      ...(task.of === 'members' ? { beadId: item.workId, convoyId: item.workId } : {}),
    },
  );
  return commit(ctx, writesOf(changes, changes.length === 0 ? undefined : event, momentIn(ctx), [itemWrite(ctx, item, next)]));
};
