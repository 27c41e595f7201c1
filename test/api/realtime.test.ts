import { expect, it } from 'vitest';
import type { ServerFrame } from '../../functions/contracts/frames.schema.ts';
import { createSocketHandler } from '../../functions/realtime/realtime.ts';
import type { SocketEvent } from '../../functions/realtime/realtime.ts';
import { pushFrames } from '../../functions/realtime/fan-out.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const eventOf = (
  connectionId: string,
  eventType: 'CONNECT' | 'DISCONNECT' | 'MESSAGE',
  more: { ticket?: string; body?: unknown } = {},
): SocketEvent => ({
  isBase64Encoded: false,
  ...(more.body === undefined ? {} : { body: typeof more.body === 'string' ? more.body : JSON.stringify(more.body) }),
  ...(more.ticket === undefined ? {} : { queryStringParameters: { ticket: more.ticket } }),
  requestContext: {
    apiId: 'test',
    connectedAt: 0,
    connectionId,
    domainName: 'localhost',
    eventType,
    extendedRequestId: '',
    messageDirection: 'IN',
    messageId: 'm',
    requestId: 'r',
    requestTime: '',
    requestTimeEpoch: 0,
    routeKey: eventType === 'MESSAGE' ? '$default' : `$${eventType.toLowerCase()}`,
    stage: 'test',
  },
});

const scene = async () => {
  const gone = new Set<string>();
  const base = fakePorts();
  const frames: { to: string; frame: ServerFrame }[] = [];
  const ports = {
    ...base,
    push: {
      send: async (to: string, frame: ServerFrame) => {
        if (gone.has(to)) return 'gone' as const;
        frames.push({ to, frame });
        return 'sent' as const;
      },
    },
  };
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const socket = createSocketHandler(ports);
  const ticketFor = async (userId: string) => bodyOf('wsTicket', await call('wsTicket', { as: userId })).ticket;
  const open = async (connectionId: string, userId: string) =>
    socket(eventOf(connectionId, 'CONNECT', { ticket: await ticketFor(userId) }));
  const say = (connectionId: string, body: unknown) => socket(eventOf(connectionId, 'MESSAGE', { body }));
  const openRunner = async (connectionId: string) => {
    const ticket = {
      ticketId: `runner-ticket-${connectionId}`,
      kind: 'runner' as const,
      townId,
      expiresAtMs: ports.clock.nowMs() + 30_000,
      deleteAfterEpochSeconds: 2_000_000_000,
    };
    await ports.store.commit([{ put: 'ticket', item: ticket, when: 'none' }]);
    return socket(eventOf(connectionId, 'CONNECT', { ticket: ticket.ticketId }));
  };
  const takeFrames = () => frames.splice(0).map(({ to, frame }) => ({ to, ...frame }));
  return { ports, gone, townId, socket, ticketFor, open, openRunner, say, takeFrames };
};

it('opens a connection once per ticket, and only within 30 s', async () => {
  const { ports, socket, ticketFor } = await scene();
  const ticket = await ticketFor('ada');
  const both = await Promise.all([socket(eventOf('c1', 'CONNECT', { ticket })), socket(eventOf('c2', 'CONNECT', { ticket }))]);
  expect(both).toEqual(expect.arrayContaining([{ statusCode: 200 }, { statusCode: 401 }]));
  const late = await ticketFor('ada');
  ports.clock.advance(30_000);
  expect(await socket(eventOf('c3', 'CONNECT', { ticket: late }))).toEqual({ statusCode: 401 });
  expect(await socket(eventOf('c4', 'CONNECT', { ticket: 'no-such-ticket-at-all' }))).toEqual({ statusCode: 401 });
  expect(await socket(eventOf('c5', 'CONNECT'))).toEqual({ statusCode: 401 });
});

it('sends changes to those who subscribed to the topic, merged, with the newest event', async () => {
  const { ports, townId, open, say, takeFrames } = await scene();
  await open('c1', 'ada');
  await open('c2', 'ada');
  await say('c1', { action: 'subscribe', townId, topics: ['beads', 'feed'] });
  await say('c2', { action: 'subscribe', townId, topics: ['agents'] });
  await say('c1', { action: 'unsubscribe', townId, topics: ['feed'] });
  takeFrames();
  await pushFrames(ports, [
    { townId, topic: 'beads', ids: ['web-1'] },
    { townId, topic: 'beads', ids: ['web-2'], eventId: 'E2' },
    { townId, topic: 'feed', ids: ['web-1'], eventId: 'E1' },
  ]);
  expect(takeFrames()).toEqual([{ to: 'c1', kind: 'changed', townId, topic: 'beads', ids: ['web-1', 'web-2'], eventId: 'E2' }]);
});

it('does not let a person subscribe to the town of another', async () => {
  const { ports, townId, open, say, takeFrames } = await scene();
  await open('c9', 'bob');
  await say('c9', { action: 'subscribe', townId, topics: ['beads'] });
  await say('c9', { action: 'subscribe', townId: 't-unknown1', topics: ['beads'] });
  expect(takeFrames().map((frame) => [frame.kind, frame.kind === 'error' ? frame.title : ''])).toEqual([
    ['error', 'Not allowed'],
    ['error', 'Not found'],
  ]);
  await pushFrames(ports, [{ townId, topic: 'beads', ids: [] }]);
  expect(takeFrames()).toEqual([]);
});

it.each([
  ['no JSON', '{'],
  ['an unknown action', { action: 'shout' }],
  ['an unknown field', { action: 'ping', loud: true }],
  ['an unknown topic', { action: 'subscribe', townId: 't-abcd1234', topics: ['secrets'] }],
  ['a long frame', `"${'x'.repeat(33_000)}"`],
])('answers %s with an error frame and goes on', async (_what, body) => {
  const { open, say, takeFrames } = await scene();
  await open('c1', 'ada');
  expect(await say('c1', body)).toEqual({ statusCode: 200 });
  await say('c1', { action: 'ping' });
  expect(takeFrames().map((frame) => frame.kind)).toEqual(['error', 'pong']);
});

it('forgets a connection that is gone', async () => {
  const { ports, gone, townId, open, say } = await scene();
  await open('c1', 'ada');
  await say('c1', { action: 'subscribe', townId, topics: ['beads'] });
  gone.add('c1');
  await pushFrames(ports, [{ townId, topic: 'beads', ids: [] }]);
  expect(await ports.store.connectionsOf(townId)).toEqual([]);
});

it('hints the runner about what its desired set is made from, and not about what it brought itself', async () => {
  const { ports, townId, openRunner, takeFrames } = await scene();
  await openRunner('r1');
  await pushFrames(ports, [
    { townId, topic: 'agents', ids: ['toast'] },
    { townId, topic: 'desired', ids: [''] },
  ]);
  expect(takeFrames()).toEqual([{ to: 'r1', kind: 'desired', desiredVersion: 'changed' }]);
  await pushFrames(ports, [
    { townId, topic: 'agent:toast', ids: ['b'] },
    { townId, topic: 'beads', ids: ['web-a001'] },
    { townId, topic: 'feed', ids: ['x'] },
  ]);
  expect(takeFrames()).toEqual([]);
});

const part = { seq: 1, messageId: 'm1', role: 'assistant', kind: 'text', text: 'Hello', atMs: 1 };

it('tells the runner whom somebody watches, and forwards live parts to the watchers only', async () => {
  const { townId, open, openRunner, say, socket, takeFrames } = await scene();
  await openRunner('r1');
  await open('c1', 'ada');
  await open('c2', 'ada');
  await say('c2', { action: 'subscribe', townId, topics: ['agents'] });
  await say('c1', { action: 'subscribe', townId, topics: ['agent:toast'] });
  expect(
    takeFrames()
      .filter((frame) => frame.to === 'r1')
      .at(-1),
  ).toEqual({ to: 'r1', kind: 'watch', agentIds: ['toast'] });
  await say('r1', { action: 'delta', agentId: 'toast', part });
  expect(takeFrames()).toEqual([{ to: 'c1', kind: 'delta', townId, agentId: 'toast', part }]);
  await say('r1', { action: 'ping' });
  expect(takeFrames()).toEqual([
    { to: 'r1', kind: 'pong' },
    { to: 'r1', kind: 'watch', agentIds: ['toast'] },
  ]);
  await socket(eventOf('c1', 'DISCONNECT'));
  expect(takeFrames()).toEqual([{ to: 'r1', kind: 'watch', agentIds: [] }]);
});

it('takes parts of a session from runners only, and subscriptions from people only', async () => {
  const { townId, open, openRunner, say, takeFrames } = await scene();
  await openRunner('r1');
  await open('c1', 'ada');
  await say('c1', { action: 'delta', agentId: 'toast', part });
  await say('r1', { action: 'subscribe', townId, topics: ['mayor'] });
  expect(takeFrames().map((frame) => [frame.to, frame.kind])).toEqual([
    ['c1', 'error'],
    ['r1', 'error'],
  ]);
});

it('keeps the topics of frames that cross', async () => {
  const { ports, townId, open, say, takeFrames } = await scene();
  await open('c1', 'ada');
  const topics = ['beads', 'feed', 'agents', 'merges', 'mayor'];
  await Promise.all(topics.map((topic) => say('c1', { action: 'subscribe', townId, topics: [topic] })));
  expect((await ports.store.get('connection', { connectionId: 'c1' }))?.topics.toSorted()).toEqual(topics.toSorted());
  await Promise.all([
    say('c1', { action: 'unsubscribe', townId, topics: ['feed'] }),
    say('c1', { action: 'subscribe', townId, topics: ['agent:toast'] }),
  ]);
  expect((await ports.store.get('connection', { connectionId: 'c1' }))?.topics.toSorted()).toEqual([
    'agent:toast',
    'agents',
    'beads',
    'mayor',
    'merges',
  ]);
  expect(takeFrames().every((frame) => frame.kind === 'subscribed')).toBe(true);
});
