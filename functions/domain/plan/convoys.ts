// Rules about convoys: C1 progress and landing, C4 batches that were never finished; and H1, mail that is delivered or only recorded.
import { isMessage } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';

export const convoyRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('batch')) {
    if (item.dueAtMs > view.nowMs) found.waits.push(item.dueAtMs);
    else
      found.actions.push({
        rule: 'C4',
        kind: 'remove-batch',
        subject: item.workId,
        item,
        sentence: `The batch ${item.workId} was never finished: what there is of it is removed.`,
      });
  }
  for (const item of view.work('convoy')) {
    const convoy = view.bead(item.workId);
    if (convoy === undefined || isFinal(convoy.status) || view.hasWork('batch', item.workId)) continue;
    found.actions.push({
      rule: 'C1',
      kind: 'count-convoy',
      subject: item.workId,
      item,
      sentence: `The members of ${item.workId} are counted.`,
    });
  }
  return found;
};

/** What the town says to an agent about the bead on its hook means nothing to it afterwards. */
const isNudgeAbout = (from: string, threadId: string | undefined): boolean => from.startsWith('patrol:') && threadId !== undefined;

export const mailRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('mail')) {
    const mail = view.bead(item.workId);
    if (mail === undefined || !isMessage(mail) || isFinal(mail.status)) continue;
    const isOver =
      isNudgeAbout(mail.details.from, mail.details.threadId) && view.agent(mail.details.to)?.hookBeadId !== mail.details.threadId;
    if (mail.details.deliveredAt === undefined && !mail.details.to.startsWith('user:') && !isOver) continue;
    found.actions.push({
      rule: 'H1',
      kind: 'close-mail',
      subject: mail.beadId,
      beadId: mail.beadId,
      sentence: isOver
        ? `${mail.beadId} is about work that ${mail.details.to} has left.`
        : `${mail.beadId} has reached ${mail.details.to}.`,
    });
  }
  return found;
};
