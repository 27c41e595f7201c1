// R4: a deleted town is stopped and removed with everything it owns, the town's own item last. Killed anywhere, the next pass goes on.
import type { ActionOf } from '../../domain/plan/action.ts';
import { requestsAtWork } from '../../operations/requests-at-work.ts';
import type { MachineName, Write } from '../../ports.ts';
import { commit } from '../context.ts';
import { forgetPasses } from '../kept-pass.ts';
import type { Applied, PassContext } from '../context.ts';

/** An edge counts as two items of a transaction. */
const removalsPerCommit = 40;
/** Rounds of one pass, so that a large town is removed in many passes, each well within a function's time. */
const roundsPerPass = 100;

/** True when no runtime of the town is left. */
const runtimeIsGone = async ({ ports, townId }: PassContext): Promise<boolean> => {
  const lease = await ports.store.get('lease', { townId });
  if (lease?.runtimeRef !== undefined) await ports.runtime.stop(lease.runtimeRef);
  if ((await ports.runtime.removeTown(townId)) === 'stopping') return false;
  return lease?.runtimeRef === undefined || (await ports.runtime.status(lease.runtimeRef)) === 'stopped';
};

interface KnownExecution {
  readonly machine: MachineName;
  readonly name: string;
}
/** Executions that may run: those of requests that are not final, and of trains. */
const knownExecutions = async ({ ports, townId }: PassContext): Promise<KnownExecution[]> => {
  const [work, trains] = await Promise.all([ports.store.workOf(townId), ports.store.trainsOf(townId)]);
  const requests = await requestsAtWork(ports, townId, work);
  return [
    ...requests.flatMap(({ details }): KnownExecution[] =>
      details.executionName === undefined ? [] : [{ machine: 'merge', name: details.executionName }],
    ),
    ...trains.flatMap(({ executionName }): KnownExecution[] =>
      executionName === undefined ? [] : [{ machine: 'train', name: executionName }],
    ),
  ];
};

/** Removes what the town owns; true when nothing but its own item and the removal item is left. */
const isEmptied = async (ctx: PassContext): Promise<boolean> => {
  for (let round = 0; round < roundsPerPass; round += 1) {
    const removals = await ctx.ports.store.leftoversOf(ctx.townId, removalsPerCommit);
    if (removals.length === 0) return true;
    for (let start = 0; start < removals.length; start += removalsPerCommit)
      await commit(ctx, removals.slice(start, start + removalsPerCommit));
  }
  return false;
};

/**
 * What began before the deletion may still write: requests, passes, reports. The town's item, which refuses all of them, stays until
 * they have ended; what they wrote is removed with it.
 */
const isSettled = ({ ports }: PassContext, deletedAt: string): boolean =>
  ports.clock.nowMs() - Date.parse(deletedAt) >= ports.deployment.timings.passGapMs;

export const removeTown = async (ctx: PassContext, _action: ActionOf<'remove-town'>): Promise<Applied> => {
  const { townId } = ctx;
  const { store, secrets, files, workflow, alarm } = ctx.ports;
  const town = await store.get('town', { townId });
  if (town?.deletedAt === undefined) return 'lost';
  if (!(await runtimeIsGone(ctx))) return 'done';
  await workflow.removeTown(townId, await knownExecutions(ctx));
  if (!(await isEmptied(ctx))) return 'done';
  await secrets.removePrefix(`towns/${townId}/`);
  await files.removePrefix(`towns/${townId}/`);
  await forgetPasses(ctx.ports, townId);
  await alarm.disarm(townId);
  if (!isSettled(ctx, town.deletedAt)) return 'done';
  const last: Write[] = [
    { remove: 'town', key: { townId }, when: { equals: { version: town.version } } },
    { remove: 'work', key: { townId, kind: 'removal', workId: townId }, when: 'none' },
  ];
  return commit(ctx, last);
};
