// R4: a deleted town is stopped and removed, the town's own item last. Killed anywhere, the next pass goes on.
import type { Bead } from '../../contracts/bead.schema.ts';
import { beadStatusSchema, beadTypeSchema } from '../../contracts/bead.schema.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { keyRefsOf } from '../../domain/town-config.ts';
import type { Write } from '../../ports.ts';
import { commit } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const writesPerCommit = 40;
const pageItems = 100;

const removeAll = async (ctx: PassContext, writes: readonly Write[]): Promise<void> => {
  for (let start = 0; start < writes.length; start += writesPerCommit) await commit(ctx, writes.slice(start, start + writesPerCommit));
};

const beadRemovals = async (ctx: PassContext, bead: Bead): Promise<Write[]> => {
  const { townId } = ctx;
  const edges = await ctx.ports.store.dependenciesOf(townId, bead.beadId);
  return [
    ...edges.map((edge): Write => ({
      remove: 'dependency',
      key: { townId, beadId: edge.beadId, dependsOnId: edge.dependsOnId, type: edge.type },
      when: 'none',
    })),
    { remove: 'bead', key: { townId, beadId: bead.beadId }, when: 'none' },
  ];
};

const removeBeads = async (ctx: PassContext): Promise<void> => {
  for (const type of beadTypeSchema.options) {
    for (const status of beadStatusSchema.options) {
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await ctx.ports.store.beadsBy(
          { townId: ctx.townId, type, status },
          { limit: pageItems, ...(cursor === undefined ? {} : { cursor }) },
        );
        for (const bead of page.items) await removeAll(ctx, await beadRemovals(ctx, bead));
        cursor = page.cursor;
      }
    }
  }
};

const removeEvents = async (ctx: PassContext): Promise<void> => {
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await ctx.ports.store.eventsOf(ctx.townId, {}, { limit: pageItems, ...(cursor === undefined ? {} : { cursor }) });
    await removeAll(
      ctx,
      page.items.map((event) => ({ remove: 'event', key: { townId: ctx.townId, eventId: event.eventId }, when: 'none' })),
    );
    cursor = page.cursor;
  }
};

/** What it has published stays: the registry is the account's. */
const removeFormulas = async (ctx: PassContext): Promise<void> => {
  const { townId } = ctx;
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await ctx.ports.store.formulasOf(townId, { limit: pageItems, ...(cursor === undefined ? {} : { cursor }) });
    await removeAll(
      ctx,
      page.items.map(({ name }) => ({ remove: 'formula', key: { townId, name }, when: 'none' })),
    );
    cursor = page.cursor;
  }
};

/** True when no runtime of the town is left. */
const runtimeIsGone = async (ctx: PassContext): Promise<boolean> => {
  const lease = await ctx.ports.store.get('lease', { townId: ctx.townId });
  if (lease?.runtimeRef === undefined) return true;
  await ctx.ports.runtime.stop(lease.runtimeRef);
  return (await ctx.ports.runtime.status(lease.runtimeRef)) === 'stopped';
};

export const removeTown = async (ctx: PassContext, _action: ActionOf<'remove-town'>): Promise<Applied> => {
  const { townId } = ctx;
  const { store, secrets, files } = ctx.ports;
  const town = await store.get('town', { townId });
  if (town?.deletedAt === undefined) return 'lost';
  if (!(await runtimeIsGone(ctx))) return 'done';
  const [agents, rigs, slots, trains, reports, work] = await Promise.all([
    store.agentsOf(townId),
    store.rigsOf(townId),
    store.slotsOf(townId),
    store.trainsOf(townId),
    store.reportsOf(townId),
    store.workOf(townId),
  ]);
  await removeBeads(ctx);
  await removeEvents(ctx);
  await removeFormulas(ctx);
  for (const rig of rigs) if (rig.credentialRef !== undefined) await secrets.remove(rig.credentialRef);
  for (const keyRef of keyRefsOf(town.config)) await secrets.remove(keyRef);
  await files.removePrefix(`towns/${townId}/`);
  await removeAll(ctx, [
    ...agents.map(({ agentId }): Write => ({ remove: 'agent', key: { townId, agentId }, when: 'none' })),
    ...reports.map(({ agentId }): Write => ({ remove: 'report', key: { townId, agentId }, when: 'none' })),
    ...slots.map(({ slotId }): Write => ({ remove: 'slot', key: { townId, slotId }, when: 'none' })),
    ...trains.map(({ rigId, targetBranch }): Write => ({ remove: 'train', key: { townId, rigId, targetBranch }, when: 'none' })),
    ...work
      .filter((item) => item.kind === 'command')
      .map(({ workId }): Write => ({ remove: 'command', key: { townId, commandId: workId }, when: 'none' })),
    ...rigs.map(({ rigId }): Write => ({ remove: 'rig', key: { townId, rigId }, when: 'none' })),
    { remove: 'lease', key: { townId }, when: 'none' },
    { remove: 'graph', key: { townId }, when: 'none' },
    { remove: 'alarm', key: { townId }, when: 'none' },
  ]);
  await removeAll(
    ctx,
    work.map(({ kind, workId }): Write => ({ remove: 'work', key: { townId, kind, workId }, when: 'none' })),
  );
  return commit(ctx, [{ remove: 'town', key: { townId }, when: { equals: { version: town.version } } }]);
};
