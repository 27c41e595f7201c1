// The front door on one machine, over real connections: bodies that are too large or never end, strangers' pages, and floods of frames.
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '../../functions/contracts/primitives.schema.ts';
import { routeGroups } from '../../functions/contracts/routes.ts';
import type { RouteGroup } from '../../functions/contracts/routes.ts';
import { createFrontDoor } from './http-server.ts';
import type { FrontDoor } from './http-server.ts';
import { listen } from './listening.ts';
import { createLocalSockets, maxWaitingFrames } from './websocket-server.ts';
import type { LocalSockets } from './websocket-server.ts';

const said: string[] = [];
const log = {
  info: (event: string) => void said.push(`info ${event}`),
  warn: (event: string) => void said.push(`warn ${event}`),
  error: (event: string) => void said.push(`error ${event}`),
};
const answer = async (): Promise<APIGatewayProxyResult> => ({ statusCode: 200, headers: {}, body: '{}' });
const groups = Object.fromEntries(routeGroups.map((group) => [group, answer]));
const hasEveryGroup = (made: Record<string, typeof answer>): made is Record<RouteGroup, typeof answer> =>
  routeGroups.every((group) => group in made);

let server: Server;
let sockets: LocalSockets;
let port = 0;
const handled: string[] = [];
let answersFrames = true;
beforeEach(async () => {
  if (!hasEveryGroup(groups)) throw new Error('a group is missing');
  const door: FrontDoor = { handlers: groups, webFolder: '/nowhere', log };
  server = createFrontDoor(() => door);
  sockets = createLocalSockets({ log, nowMs: () => 0 });
  const quiet = async () => ({ statusCode: 200 });
  sockets.attach(server, {
    connect: quiet,
    disconnect: quiet,
    message: async ({ body }) => {
      handled.push(body ?? '');
      if (!answersFrames) await new Promise(() => undefined);
      return { statusCode: 200 };
    },
  });
  port = await listen(server, 0);
  said.length = 0;
  handled.length = 0;
  answersFrames = true;
});
afterEach(() => {
  sockets.closeAll();
  server.closeAllConnections();
  server.close();
});

describe('a request body', () => {
  const post = (agent: Agent, body: Buffer, headers: Record<string, string | number>): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/api/towns', agent, headers });
      sent.once('response', resolve).once('error', reject).end(body);
    });
  const large = Buffer.alloc(limits.requestBytes + 1, 'x');

  it.each<[string, Record<string, string | number>]>([
    ['says its length', { 'content-length': large.length }],
    ['comes in chunks', { 'transfer-encoding': 'chunked' }],
  ])('that is too large and %s is answered with 413 and the end of the connection', async (_how, headers) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const refused = await post(agent, large, headers);
    expect([refused.statusCode, refused.headers.connection]).toEqual([413, 'close']);
    refused.resume();
    await once(refused.socket, 'close');
    const next = await post(agent, Buffer.from('{}'), { 'content-length': 2 });
    expect(next.statusCode).toBe(200);
    agent.destroy();
  });
  it('that is too large is answered while its sender still waits to send the rest', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /api/towns HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${limits.requestBytes * 2}\r\n\r\n{`);
    const [head] = await once(socket, 'data');
    expect(String(head)).toMatch(/^HTTP\/1\.1 413 /);
    socket.resume();
    await once(socket, 'close');
  });
  it('that its sender breaks off is no fault of ours', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /api/towns HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100\r\n\r\n{`);
    await once(server, 'request');
    socket.destroy();
    await vi.waitFor(() => {
      expect(said).toEqual(['info http_aborted']);
    });
  });
});

describe('a WebSocket', () => {
  const open = (headers: Record<string, string>): Promise<number | 'open'> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?ticket=x`, { headers });
      socket.once('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        socket.terminate();
      });
      socket.once('error', reject);
    });

  it('is opened by the pages of the town, by any name of this machine, and by programs', async () => {
    expect(await open({})).toBe('open');
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) expect(await open({ Origin: `http://${name}:${port}` })).toBe('open');
    expect(await open({ Host: `localhost:${port}`, Origin: `http://127.0.0.1:${port}` })).toBe('open');
  });
  it('is refused to a stranger that points its name at this machine', async () => {
    for (const Host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', `localhost@evil.example:${port}`])
      expect(await open({ Host })).toBe(421);
  });
  it('is refused to pages of others', async () => {
    const others = ['https://evil.example', 'null', `http://localhost:${port + 1}`, 'http://localhost', `https://localhost:${port}`];
    for (const Origin of others) expect(await open({ Origin })).toBe(403);
  });
  it('handles frames in order, and is closed when too many wait', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?ticket=x`);
    await once(socket, 'open');
    for (let count = 0; count < 20; count += 1) socket.send(String(count));
    await vi.waitFor(() => {
      expect(handled).toEqual(Array.from({ length: 20 }, (_, count) => String(count)));
    });
    answersFrames = false;
    for (let count = 0; count < maxWaitingFrames; count += 1) socket.send('waits');
    await vi.waitFor(() => {
      expect(handled).toHaveLength(21);
    });
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.send('one too many');
    const [code] = await once(socket, 'close');
    expect([code, handled.length, said]).toEqual([1008, 21, ['warn socket_flooded']]);
  });
});
