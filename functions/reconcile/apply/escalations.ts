// Applies H2: an escalation is raised and told again, or closes because the work that it is about is over.
import type { Bead } from '../../contracts/bead.schema.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { escalationSettings, isEscalation, raisedNextMs, raisedSeverity, roundsOf, settledBy, trackOf } from '../../domain/escalations.ts';
import type { Escalation } from '../../domain/escalations.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import { beadOf, commit, isoOf, momentIn, onceMark, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** The open escalation of a work item; when there is none, the item goes. */
const openEscalation = async (ctx: PassContext, item: ActionOf<'raise-escalation'>['item']): Promise<Escalation | undefined> => {
  const bead = await beadOf(ctx, item.workId);
  if (bead !== undefined && isEscalation(bead) && !isFinal(bead.status)) return bead;
  await commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'escalation', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
  ]);
  return undefined;
};

export const raiseEscalation = async (ctx: PassContext, { item }: ActionOf<'raise-escalation'>): Promise<Applied> => {
  const [before, town] = await Promise.all([openEscalation(ctx, item), ctx.ports.store.get('town', { townId: ctx.townId })]);
  if (before === undefined || town === undefined) return 'lost';
  const dueAtMs = raisedNextMs(trackOf(before), escalationSettings(town));
  // Written by another version: the item is made anew from the bead.
  if (dueAtMs === undefined || dueAtMs > ctx.ports.clock.nowMs())
    return commit(ctx, writesOf([{ before, after: revised(before, {}, isoOf(ctx)) }], undefined, momentIn(ctx)));
  const at = isoOf(ctx);
  const severity = raisedSeverity(before.details.severity);
  const rounds = roundsOf(before) + 1;
  const after: Bead = revised(before, { priority: severity, details: { ...before.details, severity, rounds, raisedAt: at } }, at);
  const event = ruleEvent(ctx, 'H2', 're_escalated', {
    beadId: before.details.aboutBeadId ?? before.beadId,
    old: before.details.severity,
    new: severity,
    data: { escalationId: before.beadId, round: rounds },
    ...(before.rigId === undefined ? {} : { rigId: before.rigId }),
  });
  const mark = onceMark(ctx, `H2#${before.beadId}#${rounds}`);
  return commit(ctx, writesOf([{ before, after }], event, momentIn(ctx), [{ put: 'once', item: mark, when: { absent: true } }]));
};

/** The pass has seen the end of the cause; what comes up again after that is told anew. */
const settledNow = async (ctx: PassContext, { details }: Escalation, why: string): Promise<string | undefined> => {
  const byWork = details.aboutBeadId === undefined ? undefined : settledBy(await beadOf(ctx, details.aboutBeadId));
  return byWork ?? (details.cause === undefined ? undefined : why);
};

export const settleEscalation = async (ctx: PassContext, { item, why }: ActionOf<'settle-escalation'>): Promise<Applied> => {
  const before = await openEscalation(ctx, item);
  if (before === undefined) return 'lost';
  const settled = await settledNow(ctx, before, why);
  const moved = transition(before, { status: 'closed' }, isoOf(ctx));
  if (settled === undefined || !moved.ok) return 'lost';
  const event = ruleEvent(ctx, 'H2', 'status_changed', {
    beadId: before.beadId,
    old: before.status,
    new: 'closed',
    data: { why: settled },
  });
  return commit(ctx, writesOf([{ before, after: { ...moved.bead, details: { ...before.details, settled } } }], event, momentIn(ctx)));
};
