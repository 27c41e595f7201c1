// Wake-ups and facts as SQS and EventBridge deliver them (shapes from @types/aws-lambda and the services' documentation; never run on AWS).
import type { EventBridgeEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandler as createFactsHandler } from '../../functions/reconcile/facts.handler.ts';
import { createHandler as createWakeHandler } from '../../functions/reconcile/wake.handler.ts';
import { fakePorts } from '../fakes/ports.ts';

const message = (messageId: string, body: string): SQSRecord => ({
  messageId, body, receiptHandle: 'r', messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:wake', awsRegion: 'eu-central-1',
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: 's', ApproximateFirstReceiveTimestamp: '0' },
});
const wakes = (...records: SQSRecord[]): SQSEvent => ({ Records: records });
const fact = (source: string, detail: unknown): EventBridgeEvent<string, unknown> => ({
  id: 'e', version: '0', account: '111122223333', time: '2026-11-21T10:00:00Z', region: 'eu-central-1', resources: [], source, 'detail-type': 'State Change', detail,
});

describe('wake-ups', () => {
  it('hint each town once', async () => {
    const ports = fakePorts();
    const answer = await createWakeHandler(ports)(wakes(message('1', '{"townId":"t-aaaa","generation":3}'), message('2', '{"townId":"t-bbbb"}'), message('3', '{"townId":"t-aaaa","generation":4}')));
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(ports.hints).toEqual(['t-aaaa', 't-bbbb']);
  });
  it('report what cannot be read or sent on, and go on with the rest', async () => {
    const ports = fakePorts();
    const queue = { hint: async (townId: string) => { if (townId === 't-full') throw new Error('throttled'); await ports.queue.hint(townId); } };
    const answer = await createWakeHandler({ ...ports, queue })(wakes(message('1', 'nonsense'), message('2', '{"townId":"t-full"}'), message('3', '{"townId":"t-bbbb"}')));
    expect(answer.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual(['1', '2']);
    expect(ports.hints).toEqual(['t-bbbb']);
  });
});

describe('facts from outside', () => {
  it.each([
    ['a stopped task', fact('aws.ecs', { startedBy: 't-4f9k2m1q', lastStatus: 'STOPPED', clusterArn: 'arn:aws:ecs:eu-central-1:111122223333:cluster/gastown-dev' })],
    ['an ended merge', fact('aws.states', { name: 't-4f9k2m1q-mr-web-3kf9-1', status: 'FAILED' })],
    ['an ended train', fact('aws.states', { name: 't-4f9k2m1q-train-r-8d2k1m0p-0a1b2c3d-2', status: 'SUCCEEDED' })],
  ])('hint the town of %s', async (_name, event) => {
    const ports = fakePorts();
    await createFactsHandler(ports)(event);
    expect(ports.hints).toEqual(['t-4f9k2m1q']);
  });
  it.each([fact('aws.ecs', { startedBy: 'somebody' }), fact('aws.states', { name: 'other' }), fact('aws.s3', {})])('drop what names no town', async (event) => {
    const ports = fakePorts();
    await createFactsHandler(ports)(event);
    expect(ports.hints).toEqual([]);
    expect(ports.logged.map((line) => line.event)).toEqual(['fact_without_town']);
  });
});
