// H1: mail that is delivered or only recorded closes. H3: mail that nobody reads and nudges that nobody got expire.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import { isMessage } from '../bead-writes.ts';
import { isBeside, nudgeIn } from '../nudges.ts';
import { isFinal } from '../transition.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';

const day = 86_400_000;
/** Mail that nobody has read after so long says nothing to anybody any more. */
export const mailLifeMs = 7 * day;

/** What the town said to an agent about the bead on its hook means nothing to it afterwards. */
const isOver = (view: View, { details: { from, to, threadId } }: Bead & BeadOf<'message'>): boolean => {
  const agent = view.agent(to);
  return from.startsWith('patrol:') && threadId !== undefined && agent !== undefined && agent.hookBeadId !== threadId;
};

const letterRules = (view: View, mail: Bead & BeadOf<'message'>, found: ReturnType<typeof findings>): void => {
  const { beadId, details } = mail;
  if (details.deliveredAt !== undefined || details.to.startsWith('user:')) {
    found.actions.push({ rule: 'H1', kind: 'close-mail', subject: beadId, beadId, sentence: `${beadId} has reached ${details.to}.` });
    return;
  }
  if (isOver(view, mail)) {
    const sentence = `${beadId} is about work that ${details.to} has left.`;
    found.actions.push({ rule: 'H1', kind: 'close-mail', subject: beadId, beadId, sentence });
    return;
  }
  const expiresAtMs = msOf(mail.createdAt) + mailLifeMs;
  if (expiresAtMs > view.nowMs) found.waits.push(expiresAtMs);
  else
    found.actions.push({
      rule: 'H3',
      kind: 'expire-mail',
      subject: beadId,
      beadId,
      sentence: `Nobody has read ${beadId} for a week: it expires.`,
    });
};

export const mailRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('mail')) {
    const mail = view.bead(item.workId);
    if (mail !== undefined && isMessage(mail) && !isFinal(mail.status)) letterRules(view, mail, found);
  }
  for (const item of view.work('nudge')) {
    const nudge = nudgeIn(item);
    const agent = view.agent(nudge?.to);
    if (nudge !== undefined && agent !== undefined && isBeside(nudge, agent))
      found.actions.push({
        rule: 'H3',
        kind: 'expire-nudge',
        subject: item.workId,
        item,
        sentence: `A nudge is about work that ${nudge.to} has left: it is dropped.`,
      });
    else if (item.dueAtMs > view.nowMs) found.waits.push(item.dueAtMs);
    else
      found.actions.push({
        rule: 'H3',
        kind: 'expire-nudge',
        subject: item.workId,
        item,
        sentence: 'A nudge has reached nobody in its time: it is dropped.',
      });
  }
  return found;
};
