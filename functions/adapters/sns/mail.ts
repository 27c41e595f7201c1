// E-mail to the people of a deployment: an SNS topic that they have subscribed to, each when they want for one town only (filter on `townId`).
import { PublishCommand } from '@aws-sdk/client-sns';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { Notification } from '../../contracts/notification.schema.ts';
import { headline, plainText } from '../notify/notifier.ts';

/** SNS takes a subject of less than 100 ASCII characters, beginning with a letter, digit or punctuation mark, on one line. */
const subjectCharacters = 99;
const subjectOf = (notification: Notification): string =>
  headline(notification)
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, subjectCharacters);

const text = (value: string) => ({ DataType: 'String', StringValue: value });

/** Resolves when SNS has the message. Throws what the SDK throws. */
export const createSnsMail =
  ({ client, topicArn }: { readonly client: SNSClient; readonly topicArn: string }) =>
  async (notification: Notification): Promise<void> => {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(notification),
        Message: plainText(notification),
        MessageAttributes: { townId: text(notification.townId), severity: text(notification.severity), id: text(notification.id) },
      }),
    );
  };
