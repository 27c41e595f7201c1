// Applies C4: a batch that was never finished is removed, with everything that was written of it. Killed anywhere, the next pass goes on.
import { z } from 'zod';
import type { Bead } from '../../contracts/bead.schema.ts';
import { beadIdSchema } from '../../contracts/primitives.schema.ts';
import { readyEntryOf } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { forgetBody } from '../../operations/bead-body.ts';
import { forgetDocuments } from '../../operations/touched.ts';
import type { Write } from '../../ports.ts';
import { commit, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const memberIdsSchema = z.array(beadIdSchema);
const writesPerCommit = 40;

/** What stands for one bead of the batch, the bead itself last: as long as it is there, a repetition finds the rest. */
const removalsOf = async (ctx: PassContext, beadId: string, bead: Bead | undefined): Promise<Write[]> => {
  const { townId } = ctx;
  if (bead !== undefined) await forgetDocuments(ctx.ports, bead);
  const edges = await ctx.ports.store.dependenciesOf(townId, beadId);
  const entry = bead === undefined ? undefined : readyEntryOf(bead);
  return [
    ...edges.map((edge): Write => ({
      remove: 'dependency',
      key: { townId, beadId: edge.beadId, dependsOnId: edge.dependsOnId, type: edge.type },
      when: 'none',
    })),
    ...(entry === undefined
      ? []
      : [{ remove: 'ready', key: { townId, rigId: entry.rigId, queue: entry.queue, order: entry.order }, when: 'none' } as const]),
    { remove: 'bead', key: { townId, beadId }, when: 'none' },
  ];
};

/** Takes the batch away from its writer first, then removes what it had written, the marker last. */
export const removeBatch = async (ctx: PassContext, { item }: ActionOf<'remove-batch'>): Promise<Applied> => {
  const { townId } = ctx;
  const fenced = { ...item, stamp: momentIn(ctx).stamp };
  if ((await commit(ctx, [{ put: 'work', item: fenced, when: { equals: { stamp: item.stamp } } }])) === 'lost') return 'lost';
  const parsed = memberIdsSchema.safeParse(JSON.parse(item.data ?? '[]'));
  const ids = [...(parsed.success ? parsed.data : []), item.workId];
  const beads = await ctx.ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  const removals: Write[] = [];
  for (const [index, beadId] of ids.entries()) removals.push(...(await removalsOf(ctx, beadId, beads[index])));
  // The marker stays until everything is gone: a part that was kept back by another transaction is removed by the next pass.
  for (let start = 0; start < removals.length; start += writesPerCommit)
    if ((await commit(ctx, removals.slice(start, start + writesPerCommit))) === 'lost') return 'lost';
  for (const bead of beads) if (bead !== undefined) await forgetBody(ctx.ports, bead);
  const event = ruleEvent(ctx, 'C4', 'fields_updated', { convoyId: item.workId, data: { removedBatch: item.workId } });
  return commit(ctx, [
    { remove: 'work', key: { townId, kind: 'batch', workId: item.workId }, when: { equals: { stamp: fenced.stamp } } },
    { put: 'event', item: event, when: 'none' },
  ]);
};
