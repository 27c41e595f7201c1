// Why is nothing happening to this mail or escalation? Sentences for people. Pure.
import type { Town } from '../contracts/town.schema.ts';
import { escalationSettings, raisedNextMs, roundsOf, routeOf, trackOf } from './escalations.ts';
import type { Escalation } from './escalations.ts';
import type { MessageBead } from './inbox.ts';
import { mailLifeMs } from './plan/mail.ts';
import { counted } from './words.ts';

interface Reason {
  readonly code: string;
  readonly message: string;
}
const minuteMs = 60_000;
const inWords = (ms: number): string =>
  ms < 90 * minuteMs ? counted(Math.max(1, Math.round(ms / minuteMs)), 'minute') : counted(Math.round(ms / (60 * minuteMs)), 'hour');

const readerOf = (to: string): string => {
  if (to.startsWith('role:')) return `the ${to.slice(5)}`;
  if (to.startsWith('queue:')) return `the first that asks the queue ${to.slice(6)}`;
  return to.replace(/^user:/, '');
};

export const mailReason = ({ details, createdAt }: MessageBead, nowMs: number): Reason => ({
  code: details.wakes === false ? 'unread_until_it_runs' : 'unread',
  message:
    details.wakes === false
      ? `${details.to === 'role:mayor' ? 'The Mayor' : readerOf(details.to)} reads it when it runs for another reason; it is not started for this.`
      : `It waits to be read by ${readerOf(details.to)}; unread, it expires in ${inWords(Date.parse(createdAt) + mailLifeMs - nowMs)}.`,
});

const told: Readonly<Record<ReturnType<typeof routeOf>['people'], string>> = {
  nobody: '',
  people: ' People were notified.',
  everybody: ' Every channel was notified.',
};
export const escalationReason = (escalation: Escalation, town: Pick<Town, 'config' | 'inherited'>, nowMs: number): Reason => {
  const { severity } = escalation.details;
  const route = routeOf(severity);
  const heard = route.mayor ? ` The Mayor has mail about it.${told[route.people]}` : ' It is only on record.';
  const nextMs = raisedNextMs(trackOf(escalation), escalationSettings(town));
  const rounds = roundsOf(escalation);
  const so = rounds === 0 ? '' : ` It was raised ${counted(rounds, 'time')}.`;
  const next =
    nextMs === undefined ? ' It is not raised any more.' : ` Unacknowledged, it is raised in ${inWords(Math.max(0, nextMs - nowMs))}.`;
  return { code: 'unacknowledged', message: `It waits for somebody to acknowledge it (${severity}).${heard}${so}${next}` };
};
