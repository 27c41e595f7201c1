// Tells people through the channels of a town. Webhooks are signed as https://www.standardwebhooks.com describes; Slack gets one plain text.
import { createHmac } from 'node:crypto';
import type { Notification } from '../../contracts/notification.schema.ts';
import type { Clock, Log, Notifier } from '../../ports.ts';
import type { Post } from './post.ts';
import { counted } from '../../domain/words.ts';

export interface NotifierOptions {
  readonly post: Post;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends e-mail; absent where there is none: then the log has it. */
  readonly publish?: (notification: Notification) => Promise<void>;
}

/** What a person reads first: how bad, where, what. */
export const headline = ({ severity, townName, title }: Notification): string => `[${severity}] ${townName}: ${title}`;
export const plainText = (notification: Notification): string =>
  [
    headline(notification),
    '',
    notification.text,
    '',
    `Escalation ${notification.escalationId} in town ${notification.townId}${notification.aboutBeadId === undefined ? '' : `, about ${notification.aboutBeadId}`}.`,
    ...(notification.round === 0 ? [] : [`Nobody has acknowledged it; it was raised ${counted(notification.round, 'time')}.`]),
    'Acknowledge it in the town, and it is not raised again.',
  ].join('\n');

const signature = (secret: string, id: string, seconds: number, body: string): string =>
  `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;

/** Slack takes the three characters only as entities. */
const forSlack = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const createNotifier = ({ post, clock, log, publish }: NotifierOptions): Notifier => {
  const note = ({ escalationId, townId, severity, round }: Notification): void =>
    log.warn('escalation', { townId, escalationId, severity, round });
  return {
    send: async (target, notification) => {
      switch (target.kind) {
        case 'ui':
          note(notification);
          return;
        case 'email':
          if (publish === undefined) note(notification);
          else await publish(notification);
          return;
        case 'slack':
          await post(target.url, JSON.stringify({ text: forSlack(plainText(notification)) }), {});
          return;
        case 'webhook': {
          const body = JSON.stringify({ type: 'escalation', ...notification });
          const seconds = Math.floor(clock.nowMs() / 1000);
          await post(target.url, body, {
            'webhook-id': notification.id,
            'webhook-timestamp': `${seconds}`,
            ...(target.secret === undefined ? {} : { 'webhook-signature': signature(target.secret, notification.id, seconds, body) }),
          });
          return;
        }
        default:
          target satisfies never;
      }
    },
  };
};
