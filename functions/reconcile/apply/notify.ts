// Applies H2's outbox: people are told of an escalation, each channel once per round; what fails is an event and is tried again, a bounded number of times.
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isEscalation, roundsOf } from '../../domain/escalations.ts';
import type { Escalation } from '../../domain/escalations.ts';
import { channelsFor, notificationOf, notifyChannels, readOutbox } from '../../domain/notifications.ts';
import type { ChannelToTell, NotifyChannel } from '../../domain/notifications.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { channelRefOf } from '../../domain/secret-settings.ts';
import { isFinal } from '../../domain/transition.ts';
import type { NotifyTarget, Write } from '../../ports.ts';
import { backoffMs, beadOf, commit, momentIn, onceMark, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Tries before a channel is given up. */
export const notifyAttempts = 6;
/** A pass that sends has the entry for so long; killed meanwhile, the next one sends again under the same id. */
const claimMs = 60_000;

const removal = (ctx: PassContext, item: WorkItem): Write => ({
  remove: 'work',
  key: { townId: ctx.townId, kind: 'notify', workId: item.workId },
  when: { equals: { stamp: item.stamp } },
});

const targetOf = async (ctx: PassContext, channel: NotifyChannel): Promise<NotifyTarget> => {
  const ref = channelRefOf(channel);
  const secret = ref === undefined ? undefined : await ctx.ports.secrets.get(ref);
  if (ref !== undefined && secret === undefined) throw new Error('its secret is missing; save the channel again');
  if (channel.kind === 'slack') return { kind: 'slack', url: secret ?? '' };
  if (channel.kind !== 'webhook') return { kind: channel.kind };
  return { kind: 'webhook', url: channel.url, ...(secret === undefined ? {} : { secret }) };
};

interface Sent {
  readonly told: readonly string[];
  readonly failures: readonly string[];
}
const send = async (ctx: PassContext, escalation: Escalation, channels: readonly ChannelToTell[]): Promise<Sent> => {
  const town = await ctx.ports.store.get('town', { townId: ctx.townId });
  const told: string[] = [];
  const failures: string[] = [];
  for (const { name, channel } of channels) {
    try {
      const notification = notificationOf({ townId: ctx.townId, name: town?.name ?? ctx.townId }, escalation, name);
      await ctx.ports.notifier.send(await targetOf(ctx, channel), notification);
      told.push(name);
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : 'unknown error'}`.slice(0, 300));
    }
  }
  return { told, failures };
};

/** Takes the entry, sends, and says what came of it. */
export const notifyPeople = async (ctx: PassContext, { item }: ActionOf<'notify-people'>): Promise<Applied> => {
  const cut = item.workId.lastIndexOf('#');
  const [bead, town] = await Promise.all([beadOf(ctx, item.workId.slice(0, cut)), ctx.ports.store.get('town', { townId: ctx.townId })]);
  // Answered, or raised again meanwhile: that round has an entry of its own.
  const over = bead === undefined || !isEscalation(bead) || isFinal(bead.status) || `${roundsOf(bead)}` !== item.workId.slice(cut + 1);
  if (over || town === undefined) return commit(ctx, [removal(ctx, item)]);
  const outbox = readOutbox(item);
  const channels = channelsFor(bead, notifyChannels(town)).filter(({ name }) => !outbox.told.includes(name));
  if (channels.length === 0) return commit(ctx, [removal(ctx, item)]);
  const moment = momentIn(ctx);
  const claimed: WorkItem = { ...item, dueAtMs: moment.nowMs + claimMs, stamp: moment.stamp };
  if ((await commit(ctx, [{ put: 'work', item: claimed, when: { equals: { stamp: item.stamp } } }])) === 'lost') return 'lost';
  const { told, failures } = await send(ctx, bead, channels);
  const marks = told.map((name): Write => ({
    put: 'once',
    item: onceMark(ctx, `notify#${bead.beadId}#${roundsOf(bead)}#${name}`),
    when: { absent: true },
  }));
  if (failures.length === 0) return commit(ctx, [removal(ctx, claimed), ...marks]);
  const attempts = outbox.attempts + 1;
  const givenUp = attempts >= notifyAttempts;
  const again: WorkItem = {
    ...claimed,
    dueAtMs: ctx.ports.clock.nowMs() + backoffMs(ctx, attempts),
    stamp: momentIn(ctx).stamp,
    data: JSON.stringify({ told: [...outbox.told, ...told], attempts }),
  };
  const event = ruleEvent(ctx, 'H2', 'notification_failed', {
    beadId: bead.beadId,
    new: failures.join('; ').slice(0, 2000),
    data: { attempt: attempts, givenUp },
  });
  return commit(ctx, [
    givenUp ? removal(ctx, claimed) : { put: 'work', item: again, when: { equals: { stamp: claimed.stamp } } },
    ...marks,
    { put: 'event', item: event, when: 'none' },
  ]);
};
