import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Notification } from '../../contracts/notification.schema.ts';
import { createSnsMail } from './mail.ts';

const notification: Notification = {
  id: 't-4f9k2m1q.hq-esc1.0.email-0',
  townId: 't-4f9k2m1q',
  townName: 'Hafen Süd',
  escalationId: 'hq-esc1',
  round: 0,
  severity: 'critical',
  category: 'lifecycle',
  title: `The town runtime cannot be kept running\n${'x'.repeat(200)}`,
  text: 'It failed 3 times in a row.',
  at: '2026-11-21T10:00:00.000Z',
};
const topicArn = 'arn:aws:sns:eu-central-1:123456789012:gastown-dev-escalations';

describe(`e-mail over SNS ${shapesOnly}`, () => {
  it('is one message to the topic, with a subject that SNS takes and the town to filter by', async () => {
    const client = new SNSClient(offline);
    const calls = record(client, [answer(PublishCommand, () => ({ MessageId: 'm-1' }))]);
    await createSnsMail({ client, topicArn })(notification);
    const [input] = calls.inputsOf(PublishCommand);
    expect(input).toMatchObject({
      TopicArn: topicArn,
      Message: expect.stringContaining('It failed 3 times in a row.'),
      MessageAttributes: {
        townId: { DataType: 'String', StringValue: 't-4f9k2m1q' },
        severity: { DataType: 'String', StringValue: 'critical' },
        id: { DataType: 'String', StringValue: notification.id },
      },
    });
    expect(input?.Subject).toMatch(/^\[critical\] Hafen S[ u]+d: The town runtime cannot be kept running x+$/);
    expect(input?.Subject?.length).toBe(99);
  });
  it('throws when SNS refuses it, so that it is tried again', async () => {
    const client = new SNSClient(offline);
    record(client, [
      answer(PublishCommand, () => {
        throw new Error('Rate exceeded');
      }),
    ]);
    await expect(createSnsMail({ client, topicArn })(notification)).rejects.toThrow('Rate exceeded');
  });
});
