// Applies C4 to imports: removes one that was never finished, and releases the beads of one that should be worked at once.
import { z } from 'zod';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import { mayStart, parseLine } from '../../domain/interop/beads-import.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { revised } from '../../domain/transition.ts';
import { forgetBody } from '../../operations/bead-body.ts';
import { idsOfImport } from '../../operations/finish-import.ts';
import { forgetParts, importDataOf, importIdOf, partReader } from '../../operations/foreign-lines.ts';
import { forgetDocuments } from '../../operations/touched.ts';
import type { Write } from '../../ports.ts';
import { commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const removalsPerCommit = 40;

const importIdIn = (bead: Bead): string | undefined => (isIssue(bead) ? bead.details.foreign?.importId : undefined);

const removalsOf = async (ctx: PassContext, bead: Bead): Promise<Write[]> => {
  await forgetDocuments(ctx.ports, bead);
  const edges = await ctx.ports.store.dependenciesOf(ctx.townId, bead.beadId);
  return [
    ...edges.map((edge): Write => ({ remove: 'dependency', key: edge, when: 'none' })),
    { remove: 'bead', key: { townId: ctx.townId, beadId: bead.beadId }, when: 'none' },
  ];
};

/** Takes the import away from its writer first, then removes what it had written, the marker last. Beads of others stay. */
export const removeImport = async (ctx: PassContext, { item }: ActionOf<'remove-batch'>): Promise<Applied> => {
  const importId = importIdOf(item.workId);
  const fenced = { ...item, stamp: momentIn(ctx).stamp };
  if (importId === undefined || (await commit(ctx, [{ put: 'work', item: fenced, when: { equals: { stamp: item.stamp } } }])) === 'lost')
    return 'lost';
  const ids = await idsOfImport(ctx.ports, ctx.townId, importId, importDataOf(item).parts);
  const beads = await ctx.ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId: ctx.townId, beadId })),
  );
  const own = beads.flatMap((bead) => (bead !== undefined && importIdIn(bead) === importId ? [bead] : []));
  const removals: Write[] = [];
  for (const bead of own) removals.push(...(await removalsOf(ctx, bead)));
  for (let start = 0; start < removals.length; start += removalsPerCommit)
    if ((await commit(ctx, removals.slice(start, start + removalsPerCommit))) === 'lost') return 'lost';
  // A part that came meanwhile has taken the import back: its text stays.
  const marker = await ctx.ports.store.get('work', { townId: ctx.townId, kind: 'batch', workId: item.workId });
  if (marker?.stamp !== fenced.stamp) return 'lost';
  for (const bead of own) await forgetBody(ctx.ports, bead);
  await forgetParts(ctx.ports, ctx.townId, importId);
  const event = ruleEvent(ctx, 'C4', 'fields_updated', { data: { removedImport: importId, beads: own.length } });
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'batch', workId: item.workId }, when: { equals: { stamp: fenced.stamp } } },
    { put: 'event', item: event, when: 'none' },
  ]);
};

const progressSchema = z.object({ parts: z.array(z.int()), next: z.int().nonnegative() });
const beadsPerRelease = 20;
const releasesPerPass = 5;

/** The beads of a stretch that are still as the import left them and may start. */
const startable = async (ctx: PassContext, importId: string, ids: readonly string[]): Promise<Bead[]> => {
  const reader = partReader(ctx.ports, ctx.townId);
  const beads = await ctx.ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId: ctx.townId, beadId })),
  );
  const found: Bead[] = [];
  for (const bead of beads) {
    if (bead?.status !== 'open' || !bead.held || importIdIn(bead) !== importId || !isIssue(bead)) continue;
    const line = bead.details.foreign === undefined ? undefined : await reader.lineOf(bead.details.foreign);
    const parsed = line === undefined ? undefined : parseLine(line);
    if (parsed?.ok === true && mayStart(parsed.record, ctx.ports.clock.nowMs())) found.push(bead);
  }
  return found;
};

/** Releases a few beads; how far it has come is part of the same transaction. */
export const releaseImport = async (ctx: PassContext, { item }: ActionOf<'release-import'>): Promise<Applied> => {
  const { parts } = progressSchema.parse(JSON.parse(item.data ?? '{}'));
  const ids = await idsOfImport(ctx.ports, ctx.townId, item.workId, parts);
  let current: WorkItem = item;
  for (let round = 0; round < releasesPerPass; round += 1) {
    const { next } = progressSchema.parse(JSON.parse(current.data ?? '{}'));
    const stretch = ids.slice(next, next + beadsPerRelease);
    const key = { townId: ctx.townId, kind: item.kind, workId: item.workId };
    const mine = { equals: { stamp: current.stamp } };
    if (stretch.length === 0) return commit(ctx, [{ remove: 'work', key, when: mine }]);
    const moment = momentIn(ctx);
    const at = isoOf(ctx);
    const changes = (await startable(ctx, item.workId, stretch)).map((before) => ({ before, after: revised(before, { held: false }, at) }));
    const event = ruleEvent(ctx, 'C4', 'fields_updated', {
      data: { changed: ['held'], held: false, import: item.workId, beadIds: changes.map(({ after }) => after.beadId) },
    });
    const forward: WorkItem = { ...current, stamp: moment.stamp, data: JSON.stringify({ parts, next: next + stretch.length }) };
    const writes = writesOf(changes, changes.length === 0 ? undefined : event, moment, [{ put: 'work', item: forward, when: mine }]);
    if ((await commit(ctx, writes)) === 'lost') return 'lost';
    current = forward;
  }
  return 'done';
};
