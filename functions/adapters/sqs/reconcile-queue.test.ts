import { createHash } from 'node:crypto';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import { countingIds, fakeClock } from '../../../test/fakes/ports.ts';
import { hintMessageSchema } from '../../contracts/hint.schema.ts';
import { createSqsReconcileQueue } from './reconcile-queue.ts';

/** The SDK compares it with what it sent. */
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const make = () => {
  const client = new SQSClient(offline);
  const sent = record(client, [
    answer(SendMessageCommand, (input) => ({
      MessageId: '5fea7756-0ea4-451a-a703-a558b933e274',
      MD5OfMessageBody: md5(input.MessageBody ?? ''),
      SequenceNumber: '18849496460467696128',
    })),
  ]);
  return {
    sent,
    queue: createSqsReconcileQueue({
      client,
      queueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/hints.fifo',
      ids: countingIds(fakeClock()),
    }),
  };
};

describe(`the reconcile queue on SQS ${shapesOnly}`, () => {
  it('groups the messages by town', async () => {
    const { sent, queue } = make();
    await queue.hint('t-4f9k2m1q');
    const [input] = sent.inputsOf(SendMessageCommand);
    expect(input).toMatchObject({
      QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/hints.fifo',
      MessageGroupId: 't-4f9k2m1q',
    });
    expect(hintMessageSchema.parse(JSON.parse(input?.MessageBody ?? ''))).toEqual({ townId: 't-4f9k2m1q' });
  });

  it('gives every hint its own de-duplication id, so that SQS swallows none', async () => {
    const { sent, queue } = make();
    await queue.hint('t-4f9k2m1q');
    await queue.hint('t-4f9k2m1q');
    const ids = sent.inputsOf(SendMessageCommand).map((input) => input.MessageDeduplicationId);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain('t-4f9k2m1q');
  });
});
