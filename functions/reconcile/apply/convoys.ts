// Applies C1: progress and landing of convoys.
import type { Bead } from '../../contracts/bead.schema.ts';
import { isConvoy, writesOf } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Counts the members. All closed: the convoy has landed. Failed ones: it stays open and people are told once per number of failures. */
export const countConvoy = async (ctx: PassContext, { item }: ActionOf<'count-convoy'>): Promise<Applied> => {
  const convoy = await beadOf(ctx, item.workId);
  const counted: Write = {
    remove: 'work',
    key: { townId: ctx.townId, kind: 'convoy', workId: item.workId },
    when: { equals: { stamp: item.stamp } },
  };
  if (convoy === undefined || !isConvoy(convoy) || isFinal(convoy.status)) return commit(ctx, [counted]);
  const members = await ctx.ports.store.getMany(
    'bead',
    convoy.details.memberIds.map((beadId) => ({ townId: ctx.townId, beadId })),
  );
  const closedBeads = members.filter((bead) => bead?.status === 'closed').length;
  const failed = members.flatMap((bead) => (bead?.status === 'failed' ? [bead] : []));
  const { totalBeads } = convoy.details;
  if (closedBeads === convoy.details.closedBeads && failed.length === convoy.details.failedBeads && closedBeads < totalBeads)
    return commit(ctx, [counted]);
  const at = isoOf(ctx);
  const landed = closedBeads === totalBeads ? transition(convoy, { status: 'closed' }, at) : undefined;
  const details = { ...convoy.details, closedBeads, failedBeads: failed.length, ...(landed === undefined ? {} : { landedAt: at }) };
  const after: Bead = landed?.ok === true ? { ...landed.bead, details } : revised(convoy, { details }, at);
  const more =
    failed.length === 0
      ? []
      : await escalationWrites(ctx, {
          rule: 'C1',
          mark: `C1#${convoy.beadId}#${failed.length}`,
          severity: 'high',
          category: 'failed',
          about: convoy,
          title: `${convoy.title} cannot land: ${failed.length} of ${totalBeads} beads failed`,
          body: `${failed.map((bead) => `${bead.beadId} ${bead.title}: ${bead.failure?.message ?? 'no reason was recorded'}`).join('\n')}\n\nRetry them, drop them from the convoy, or land without them.`.slice(
            0,
            20_000,
          ),
        });
  const event = ruleEvent(ctx, 'C1', landed === undefined ? 'convoy_progress' : 'convoy_landed', {
    beadId: convoy.beadId,
    convoyId: convoy.beadId,
    new: `${closedBeads}/${totalBeads}`,
    data: { closed: closedBeads, failed: failed.length, total: totalBeads },
  });
  return commit(ctx, writesOf([{ before: convoy, after }], event, momentIn(ctx), [counted, ...more]));
};
