// A convoy that is being cancelled gives up its members one by one, then ends. Killed anywhere, the next pass goes on.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { workItem, writesOf } from '../../domain/bead-writes.ts';
import { transition } from '../../domain/transition.ts';
import { ProblemError } from '../../api/problems.ts';
import { failBead } from '../../operations/beads.ts';
import { commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

interface Rest {
  readonly item: WorkItem;
  readonly unfinished: readonly Bead[];
}

/** True when the member is over; false when it cannot be ended at this moment (its push is under way). */
const cancelled = async (ctx: PassContext, beadId: string, reason: string): Promise<boolean> => {
  try {
    await failBead(ctx.ports, { townId: ctx.townId, beadId, actor: 'patrol:C1', reason });
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
};

export const cancelMembers = async (ctx: PassContext, convoy: Bead & BeadOf<'convoy'>, { item, unfinished }: Rest): Promise<Applied> => {
  const reason = convoy.details.closing?.reason ?? 'its convoy was cancelled';
  const when = { equals: { stamp: item.stamp } };
  const moment = momentIn(ctx);
  const ended = [];
  for (const bead of unfinished) ended.push(await cancelled(ctx, bead.beadId, `Its convoy ${convoy.beadId} was cancelled: ${reason}`));
  if (ended.includes(false)) {
    const laterMs = moment.nowMs + ctx.ports.deployment.timings.mergeRetryMs;
    return commit(ctx, [{ put: 'work', item: workItem(ctx.townId, 'convoy', convoy.beadId, laterMs, moment.stamp), when }]);
  }
  if (ended.length > 0)
    return commit(ctx, [{ put: 'work', item: workItem(ctx.townId, 'convoy', convoy.beadId, moment.nowMs, moment.stamp), when }]);
  const failure = { code: 'cancelled', message: reason, source: convoy.details.closing?.by ?? 'patrol:C1' };
  const moved = transition(convoy, { status: 'failed', failure }, isoOf(ctx));
  if (!moved.ok) return 'lost';
  const event = ruleEvent(ctx, 'C1', 'status_changed', {
    beadId: convoy.beadId,
    convoyId: convoy.beadId,
    old: convoy.status,
    new: 'failed',
    data: { reason },
  });
  return commit(
    ctx,
    writesOf([{ before: convoy, after: moved.bead }], event, moment, [
      { remove: 'work', key: { townId: ctx.townId, kind: 'convoy', workId: convoy.beadId }, when },
    ]),
  );
};
