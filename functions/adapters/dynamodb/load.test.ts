// How the store behaves when DynamoDB is busy; DynamoDB Local never is, so an HTTP server plays it.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sampleItems } from '../../../test/store/sample-items.ts';
import { putWork } from '../../domain/bead-writes.ts';
import type { Store, Write } from '../../ports.ts';
import { BadCursor, StoreUnavailable } from '../../store-errors.ts';
import { createDynamoStore } from './dynamodb-store.ts';

type Answer = { readonly status: number; readonly body: object } | 'hang up';
const failure = (name: string, more: object = {}): Answer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more },
});
const cancelled = (...codes: string[]): Answer =>
  failure('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
const good: Answer = { status: 200, body: {} };

const requestSchema = z.looseObject({ ClientRequestToken: z.string().optional() });
const items = sampleItems('t-4f9k2m1q');
const two: Write[] = [putWork(items.work), { put: 'slot', item: items.slot, when: { absent: true } }];
const attempts = 4;

describe('the store on a busy table', () => {
  let server: Server;
  let client: DynamoDBClient;
  let store: Store;
  let answers: Answer[];
  let requests: z.infer<typeof requestSchema>[];
  let waits: number[];

  beforeEach(async () => {
    answers = [];
    requests = [];
    waits = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
      });
      request.on('end', () => {
        requests.push(requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
        const answer = answers.shift() ?? good;
        if (answer === 'hang up') {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'local',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    store = createDynamoStore({
      client,
      tableName: 'busy',
      retryPolicy: {
        attempts,
        firstDelayMs: 10,
        sleep: async (ms) => {
          waits.push(ms);
        },
      },
    });
  });
  afterEach(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  it('tries a throttled read again and waits longer each time', async () => {
    answers = [failure('ThrottlingException'), failure('ProvisionedThroughputExceededException'), good];
    expect(await store.get('slot', items.slot)).toBeUndefined();
    expect(requests).toHaveLength(3);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? Infinity);
  });
  it('gives up with StoreUnavailable after the last attempt', async () => {
    answers = Array.from({ length: attempts + 1 }, () => failure('ThrottlingException'));
    await expect(store.get('slot', items.slot)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(requests).toHaveLength(attempts);
  });
  it('repeats a transaction that got no answer, or is in progress, with the same token', async () => {
    answers = ['hang up', failure('TransactionInProgressException'), good];
    expect(await store.commit(two)).toEqual({ ok: true });
    expect(new Set(requests.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
  });
  it('starts a cancelled transaction anew when another transaction or load was in the way', async () => {
    answers = [cancelled('None', 'TransactionConflict'), cancelled('ThrottlingError', 'None'), good];
    expect(await store.commit(two)).toEqual({ ok: true });
    expect(new Set(requests.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(3);
  });
  it('calls lasting conflicts with other transactions a conflict without positions', async () => {
    answers = Array.from({ length: attempts }, () => cancelled('TransactionConflict', 'None'));
    expect(await store.commit(two)).toEqual({ ok: false, failed: [] });
  });
  it('calls a lasting conflict of a single write with transactions a conflict, too', async () => {
    answers = [failure('TransactionConflictException'), good];
    expect(await store.commit([putWork(items.work)])).toEqual({ ok: true });
    answers = Array.from({ length: attempts }, () => failure('TransactionConflictException'));
    expect(await store.commit([putWork(items.work)])).toEqual({ ok: false, failed: [] });
  });
  it('calls lasting throttling of a transaction StoreUnavailable', async () => {
    answers = Array.from({ length: attempts }, () => cancelled('ThrottlingError', 'TransactionConflict'));
    await expect(store.commit(two)).rejects.toBeInstanceOf(StoreUnavailable);
  });
  it('names failed conditions even when another transaction was in the way too', async () => {
    answers = [cancelled('TransactionConflict', 'ConditionalCheckFailed')];
    expect(await store.commit(two)).toEqual({ ok: false, failed: [1] });
  });
  it('does not repeat what cannot get better', async () => {
    answers = [failure('AccessDeniedException'), cancelled('ValidationError', 'None')];
    await expect(store.get('slot', items.slot)).rejects.toThrow('AccessDenied');
    await expect(store.commit(two)).rejects.toThrow('TransactionCanceled');
    expect(requests).toHaveLength(2);
  });
  it('reads keys that a batch left undone', async () => {
    const left = { busy: { Keys: [{ pk: { S: 'TOWN#t-4f9k2m1q' }, sk: { S: 'AGENT#toast' } }] } };
    const row = {
      townId: { S: 't-4f9k2m1q' },
      slotId: { S: 'r-8d2k1m0p#1' },
      holder: { S: 'toast' },
      claimedAt: { S: items.slot.claimedAt },
    };
    answers = [
      { status: 200, body: { Responses: { busy: [] }, UnprocessedKeys: left } },
      { status: 200, body: { Responses: { busy: [row] }, UnprocessedKeys: {} } },
    ];
    expect(await store.getMany('slot', [items.slot])).toEqual([items.slot]);
    answers = Array.from({ length: attempts + 1 }, () => ({ status: 200, body: { Responses: {}, UnprocessedKeys: left } }));
    await expect(store.getMany('slot', [items.slot])).rejects.toBeInstanceOf(StoreUnavailable);
  });
  it('takes a start key that DynamoDB refuses for a bad cursor', async () => {
    const { townId } = items.slot;
    const list = JSON.stringify(['event', 'primary', [townId], false]);
    const cursor = Buffer.from(JSON.stringify([list, JSON.stringify({ pk: 'TOWN#t-other#EV', sk: 'x' })])).toString('base64url');
    answers = [failure('ValidationException')];
    await expect(store.eventsOf(townId, {}, { limit: 5, cursor })).rejects.toBeInstanceOf(BadCursor);
  });
});
