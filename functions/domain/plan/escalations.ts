// H2: an escalation that nobody acknowledges is raised, one whose work or cause is over closes; and people are told what is in the outbox.
import { escalationSettings, raisedNextMs, readTrack, settledBy } from '../escalations.ts';
import type { EscalationCause } from '../../contracts/message.schema.ts';
import { dayEndMs } from '../spending/usage.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { causeOver } from './escalation-causes.ts';
import type { View } from './view.ts';

/** Its day is over without anybody doing anything. */
const endsWithDay = (cause: EscalationCause | undefined): boolean =>
  cause?.of === 'hours' || (cause?.of === 'budget' && cause.day !== undefined);

const openRules = (view: View, found: ReturnType<typeof findings>): void => {
  const settings = escalationSettings(view.snapshot.town);
  for (const item of view.work('escalation')) {
    const track = readTrack(item);
    const about = view.bead(track?.about);
    const settled = settledBy(about) ?? (track?.cause === undefined ? undefined : causeOver(view, track.cause, about));
    const dueAtMs = track === undefined ? view.nowMs : raisedNextMs(track, settings);
    if (settled !== undefined) {
      found.actions.push({
        rule: 'H2',
        kind: 'settle-escalation',
        subject: item.workId,
        item,
        why: settled,
        sentence: `Nobody needs to answer ${item.workId} any more: ${settled}`,
      });
    } else if (dueAtMs !== undefined && dueAtMs <= view.nowMs) {
      found.actions.push({
        rule: 'H2',
        kind: 'raise-escalation',
        subject: item.workId,
        item,
        sentence: `Nobody has acknowledged ${item.workId}: it is raised.`,
      });
    } else {
      if (dueAtMs !== undefined) found.waits.push(dueAtMs);
      if (endsWithDay(track?.cause)) found.waits.push(dayEndMs(view.nowMs));
    }
  }
};

const outboxRules = (view: View, found: ReturnType<typeof findings>): void => {
  for (const item of view.work('notify')) {
    if (item.dueAtMs > view.nowMs) found.waits.push(item.dueAtMs);
    else
      found.actions.push({
        rule: 'H2',
        kind: 'notify-people',
        subject: item.workId,
        item,
        sentence: `People are told about ${item.workId.slice(0, item.workId.indexOf('#'))}.`,
      });
  }
};

export const escalationRules = (view: View): Findings => {
  const found = findings();
  openRules(view, found);
  outboxRules(view, found);
  return found;
};
