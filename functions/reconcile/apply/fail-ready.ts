// Applies the rules that end a bead instead of giving it out: B2, its attempts are used up; B12, its repository is gone.
import { isIssue, isReady, writesOf } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { attemptsOf } from '../../domain/plan/places.ts';
import { transition } from '../../domain/transition.ts';
import { beadOf, commit, isoOf, momentIn, rigNamed, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

export const exhaust = async (ctx: PassContext, action: ActionOf<'exhaust'>): Promise<Applied> => {
  const [bead, town] = await Promise.all([beadOf(ctx, action.beadId), ctx.ports.store.get('town', { townId: ctx.townId })]);
  if (
    bead === undefined ||
    town === undefined ||
    !isIssue(bead) ||
    !isReady(bead) ||
    bead.dispatchAttempts < attemptsOf({ town, rig: await rigNamed(ctx, bead.rigId), bead })
  )
    return 'lost';
  const message = `After ${bead.dispatchAttempts} attempts: ${bead.details.lastError ?? 'no reason was recorded'}`.slice(0, 2000);
  const failed = transition(bead, { status: 'failed', failure: { code: 'dispatch_exhausted', message, source: 'patrol:B2' } }, isoOf(ctx));
  if (!failed.ok) return 'lost';
  const event = ruleEvent(ctx, 'B2', 'dispatch_failed', { beadId: bead.beadId, old: bead.status, new: message });
  return commit(ctx, writesOf([{ before: bead, after: failed.bead }], event, momentIn(ctx)));
};

/** B12: what was made while its repository was being disconnected, or waited for something else then. */
export const giveUp = async (ctx: PassContext, action: ActionOf<'give-up'>): Promise<Applied> => {
  const bead = await beadOf(ctx, action.beadId);
  if (bead === undefined || !isIssue(bead) || !isReady(bead) || (await rigNamed(ctx, bead.rigId)) !== undefined) return 'lost';
  const message = 'Its repository was disconnected from the town.';
  const failed = transition(bead, { status: 'failed', failure: { code: 'rig_gone', message, source: 'patrol:B12' } }, isoOf(ctx));
  if (!failed.ok) return 'lost';
  const event = ruleEvent(ctx, 'B12', 'dispatch_failed', { beadId: bead.beadId, old: bead.status, new: message });
  return commit(ctx, writesOf([{ before: bead, after: failed.bead }], event, momentIn(ctx)));
};
