// Applies H1 (mail that is done) and H3 (mail and nudges that expire).
import type { Bead } from '../../contracts/bead.schema.ts';
import { isMessage, writesOf } from '../../domain/bead-writes.ts';
import { nudgeIn } from '../../domain/nudges.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { transition } from '../../domain/transition.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

export const closeMail = async (ctx: PassContext, action: ActionOf<'close-mail'>): Promise<Applied> => {
  const mail = await beadOf(ctx, action.beadId);
  if (mail === undefined || !isMessage(mail)) return 'lost';
  const at = isoOf(ctx);
  const moved = transition(mail, { status: 'closed' }, at);
  if (!moved.ok || !moved.changed) return 'lost';
  // Nobody read what the town said about work that its reader has left.
  const unread = mail.details.deliveredAt === undefined && !mail.details.to.startsWith('user:');
  const after: Bead = unread ? moved.bead : { ...moved.bead, details: { ...mail.details, deliveredAt: mail.details.deliveredAt ?? at } };
  return commit(
    ctx,
    writesOf(
      [{ before: mail, after }],
      ruleEvent(ctx, 'H1', unread ? 'status_changed' : 'mail_delivered', { beadId: mail.beadId, new: mail.details.to }),
      momentIn(ctx),
    ),
  );
};

/** The message fails with the reason: its sender can see that nobody read it. */
export const expireMail = async (ctx: PassContext, action: ActionOf<'expire-mail'>): Promise<Applied> => {
  const mail = await beadOf(ctx, action.beadId);
  if (mail === undefined || !isMessage(mail)) return 'lost';
  const failure = { code: 'expired', message: `Nobody read this mail to ${mail.details.to} in time.`, source: 'patrol:H3' };
  const moved = transition(mail, { status: 'failed', failure }, isoOf(ctx));
  if (!moved.ok || !moved.changed) return 'lost';
  const event = ruleEvent(ctx, 'H3', 'status_changed', {
    beadId: mail.beadId,
    old: mail.status,
    new: 'failed',
    data: { why: 'expired', to: mail.details.to },
  });
  return commit(ctx, writesOf([{ before: mail, after: moved.bead }], event, momentIn(ctx)));
};

export const expireNudge = (ctx: PassContext, { item }: ActionOf<'expire-nudge'>): Promise<Applied> => {
  const nudge = nudgeIn(item);
  const event = ruleEvent(ctx, 'H3', 'nudge_expired', {
    ...(nudge === undefined ? {} : { agentId: nudge.to }),
    data: { nudgeId: item.workId, ...(nudge === undefined ? {} : { from: nudge.from, mode: nudge.mode }) },
  });
  return commit(ctx, [
    { remove: 'work', key: { townId: ctx.townId, kind: 'nudge', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
    { put: 'event', item: event, when: 'none' },
  ]);
};
