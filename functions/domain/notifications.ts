// Which channels an escalation goes to, and what is said there. Pure.
import { z } from 'zod';
import type { Notification } from '../contracts/notification.schema.ts';
import type { StoredChannels } from '../contracts/settings/notify.ts';
import type { Town } from '../contracts/town.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import type { Escalation } from './escalations.ts';
import { roundsOf, routeOf } from './escalations.ts';
import { settingFor } from './settings.ts';

/** Where the town's people want to be told. */
export const notifyChannels = (town: Pick<Town, 'config' | 'inherited'>): StoredChannels => settingFor('notify.channels', { town });
export type NotifyChannel = StoredChannels[number];

/** Name of a channel in marks and events; the address itself may be a secret. */
export const channelName = (channel: NotifyChannel, index: number): string => `${channel.kind}-${index}`;

export interface ChannelToTell {
  readonly name: string;
  readonly channel: NotifyChannel;
}
/** High: the channels for people. Critical: every channel. */
export const channelsFor = (escalation: Escalation, channels: readonly NotifyChannel[]): ChannelToTell[] => {
  const { people } = routeOf(escalation.details.severity);
  return channels
    .map((channel, index) => ({ name: channelName(channel, index), channel }))
    .filter(({ channel }) => people === 'everybody' || (people === 'people' && !('only' in channel && channel.only === 'critical')));
};

const textCharacters = 4000;
export const notificationOf = (town: Pick<Town, 'townId' | 'name'>, escalation: Escalation, channel: string): Notification => ({
  id: `${town.townId}.${escalation.beadId}.${roundsOf(escalation)}.${channel}`,
  townId: town.townId,
  townName: town.name,
  escalationId: escalation.beadId,
  round: roundsOf(escalation),
  severity: escalation.details.severity,
  category: escalation.details.category,
  title: escalation.title,
  text: escalation.body.slice(0, textCharacters),
  at: escalation.details.raisedAt ?? escalation.createdAt,
  ...(escalation.details.aboutBeadId === undefined ? {} : { aboutBeadId: escalation.details.aboutBeadId }),
});

const outboxSchema = z.object({ told: z.array(z.string()), attempts: z.int().nonnegative() });
export type Outbox = z.infer<typeof outboxSchema>;
/** Which channels of an outbox entry were told. An entry without data has just been written. */
export const readOutbox = (item: WorkItem): Outbox => {
  try {
    return outboxSchema.parse(JSON.parse(item.data ?? ''));
  } catch {
    return { told: [], attempts: 0 };
  }
};
