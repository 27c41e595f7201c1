import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../contracts/notification.schema.ts';
import { fakeClock } from '../../../test/fakes/ports.ts';
import { createNotifier } from './notifier.ts';
import { createPost } from './post.ts';

const notification: Notification = {
  id: 't-4f9k2m1q.hq-esc1.1.webhook-0',
  townId: 't-4f9k2m1q',
  townName: 'Harbour',
  escalationId: 'hq-esc1',
  round: 1,
  severity: 'high',
  category: 'failed',
  title: 'web-a001 could not be merged & is held',
  text: 'The gates are red.',
  aboutBeadId: 'web-a001',
  at: '2026-11-21T10:00:00.000Z',
};
const quiet = () => {
  const logged: { event: string; fields: unknown }[] = [];
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (event: string, fields: unknown) => void logged.push({ event, fields }),
  };
  return { log, logged };
};

interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
const received: Received[] = [];
let status = 204;
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ method: request.method ?? '', headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`;
});
afterAll(() => {
  server.close();
});

const own = () => {
  const { log, logged } = quiet();
  return { notifier: createNotifier({ post: createPost({ timeoutMs: 5000, reach: 'any' }), clock: fakeClock(), log }), logged };
};

describe('a webhook', () => {
  it('gets the whole notification, signed over id, time and body', async () => {
    status = 204;
    await own().notifier.send({ kind: 'webhook', url, secret: 'whsec-example' }, notification);
    const call = received.at(-1);
    expect(call?.method).toBe('POST');
    expect(JSON.parse(call?.body ?? '')).toEqual({ type: 'escalation', ...notification });
    const seconds = Date.parse('2026-11-21T10:00:00.000Z') / 1000;
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': notification.id,
      'webhook-timestamp': `${seconds}`,
      'webhook-signature': `v1,${createHmac('sha256', 'whsec-example')
        .update(`${notification.id}.${seconds}.${call?.body ?? ''}`)
        .digest('base64')}`,
    });
  });
  it('fails for every answer that is not a success, also for a redirect, which is not followed', async () => {
    const before = received.length;
    for (status of [301, 404, 500])
      await expect(own().notifier.send({ kind: 'webhook', url }, notification)).rejects.toMatchObject({
        name: 'NotificationFailed',
        message: `${new URL(url).host} answered with status ${status}`,
      });
    expect(received.length).toBe(before + 3);
  });
});

it('tells Slack in one text, in which nothing is markup', async () => {
  status = 200;
  await own().notifier.send({ kind: 'slack', url }, notification);
  const text = received.at(-1)?.body ?? '';
  expect(text).toContain('[high] Harbour: web-a001 could not be merged &amp; is held');
  expect(text).toContain('it was raised 1 time');
});

it('puts it into the log where there is no e-mail, without its text', async () => {
  const { notifier, logged } = own();
  await notifier.send({ kind: 'email' }, notification);
  await notifier.send({ kind: 'ui' }, notification);
  expect(logged).toHaveLength(2);
  expect(logged[0]).toEqual({
    event: 'escalation',
    fields: { townId: 't-4f9k2m1q', escalationId: 'hq-esc1', severity: 'high', round: 1 },
  });
});

describe('an address that strangers may give', () => {
  const post = createPost({ timeoutMs: 5000, reach: 'public' });
  it.each([
    'http://hooks.example.com/x',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.8/x',
    'https://localhost/x',
    'file:///etc/passwd',
    'no url',
  ])('is refused when it leads inside or is not https: %s', async (address) => {
    await expect(post(address, '{}', {})).rejects.toMatchObject({ name: 'NotificationFailed' });
  });
  it('is not repeated in the error beyond its host: the path may be a secret', async () => {
    const error: unknown = await post('https://localhost/services/T000/B000/secret', '{}', {}).catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('secret');
  });
});
