// A control plane without agents, for tests and pictures of the dashboard: serves the build, the routes and the WebSocket from memory.
// By hand: `node test/browser/mock-control-plane.ts` prints a sign-in link and moves the convoy on every few seconds.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { clientFrameSchema } from '../../functions/contracts/frames.schema.ts';
import type { ServerFrame } from '../../functions/contracts/frames.schema.ts';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route } from '../../functions/contracts/routes.ts';
import type { SessionPart } from '../../functions/contracts/runner.schema.ts';
import { siteConfigPath } from '../../functions/contracts/site-config.schema.ts';
import type { CognitoSignIn, SiteConfig } from '../../functions/contracts/site-config.schema.ts';
import { pagePolicy } from '../../infra/aws/page-policy.ts';
import { Refusal, createAnswers } from './mock-answers.ts';
import { advance, createMockTown, stepCount, townId } from './mock-town.ts';
import type { MockTown } from './mock-town.ts';

export const webFolder = join(import.meta.dirname, '..', '..', 'web', 'dist');
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain',
};
/** The same policies as the real ones, so that a page that would break there breaks here: the local server's, and CloudFront's. */
const localPolicy =
  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'";

export interface MockControlPlane {
  readonly url: string;
  readonly town: MockTown;
  /** A sign-in link that works once. */
  readonly newLink: () => string;
  /** The next step of the convoy; false when it is over. */
  readonly step: () => boolean;
  readonly changed: (...topics: string[]) => void;
  /** A live part of an agent's session, to those who watch it. */
  readonly delta: (agentId: string, part: SessionPart) => void;
  readonly subscriptions: () => readonly string[];
  /** While away, connections are cut and every call of the API fails. */
  readonly setAway: (isAway: boolean) => void;
  readonly close: () => Promise<void>;
}

const patterns = Object.entries(routes).map(([id, route]: [string, Route]) => ({
  id,
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{([A-Za-z]+)\}/g, '(?<$1>[^/]+)')}$`),
}));

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const piece of request) parts.push(Buffer.from(piece));
  const text = Buffer.concat(parts).toString('utf8');
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  return value;
};
const checked = (schema: z.ZodType, value: unknown, where: string): unknown => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    400,
    'The request is not valid.',
    parsed.error.issues.map((issue) => ({ path: [where, ...issue.path].join('.'), message: issue.message })),
  );
};

const serveFile = async (response: ServerResponse, folder: string, path: string, policy: string): Promise<void> => {
  const wanted = extname(path) === '' ? '/index.html' : path;
  const full = join(folder, wanted.replaceAll('..', ''));
  const found = await stat(full).catch(() => undefined);
  if (found?.isFile() !== true) {
    response.writeHead(404).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': contentTypes[extname(full)] ?? 'application/octet-stream', 'content-security-policy': policy });
  createReadStream(full).pipe(response);
};

const send = (socket: WebSocket, frame: ServerFrame): void => socket.send(JSON.stringify(frame));

export const startMockControlPlane = async (
  options: {
    readonly port?: number;
    readonly folder?: string;
    /** As on AWS: people sign in there, and pages have CloudFront's policy. */
    readonly hosted?: { readonly signIn: CognitoSignIn; readonly accepts: (token: string) => boolean };
  } = {},
): Promise<MockControlPlane> => {
  const folder = options.folder ?? webFolder;
  const { hosted } = options;
  const accepts = hosted?.accepts ?? ((token: string): boolean => token === 'mock-token');
  await readFile(join(folder, 'index.html'));
  const town = createMockTown();
  const codes = new Set<string>();
  const tickets = new Set<string>();
  const sockets = new Map<WebSocket, Set<string>>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let isAway = false;
  let url = '';
  let at = 0;

  const changed = (...topics: string[]): void => {
    for (const [socket, subscribed] of sockets)
      for (const topic of topics) if (subscribed.has(topic)) send(socket, { kind: 'changed', townId, topic, ids: [] });
  };
  const answers: Readonly<Record<string, (call: never) => unknown>> = createAnswers({
    town,
    changed,
    wsUrl: () => `${url.replace('http', 'ws')}/ws`,
    takeCode: (code) => codes.delete(code),
    newTicket: () => {
      const ticket = randomBytes(16).toString('hex');
      tickets.add(ticket);
      return ticket;
    },
    later: (ms, act) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
      }, ms);
      timers.add(timer);
    },
  });

  const serveApi = async (request: IncomingMessage, address: URL): Promise<{ status: number; body: unknown }> => {
    const match = patterns.find(({ route, pattern }) => route.method === request.method && pattern.test(address.pathname));
    const answer = match === undefined ? undefined : answers[match.id];
    if (match === undefined || answer === undefined) throw new Refusal(404, `The mock has no ${request.method ?? ''} ${address.pathname}.`);
    if (match.route.auth === 'user' && !accepts((request.headers.authorization ?? '').replace('Bearer ', '')))
      throw new Refusal(401, 'Sign in first.');
    const call = {
      params: checked(match.route.params, match.pattern.exec(address.pathname)?.groups ?? {}, 'path'),
      query: checked(match.route.query, Object.fromEntries(address.searchParams), 'query'),
      body: match.route.body === undefined ? undefined : checked(match.route.body, await bodyOf(request), 'body'),
      ifMatch: request.headers['if-match'] === undefined ? undefined : Number(request.headers['if-match']),
    };
    // The table types each answer; the parsed call fits it by construction.
    return { status: match.route.status, body: match.route.response.parse(answer(call as never)) };
  };
  const server = createServer((request, response) => {
    const address = new URL(request.url ?? '/', 'http://localhost');
    if (!/^\/(api|health)(\/|$)/.test(address.pathname)) {
      if (hosted !== undefined && address.pathname === siteConfigPath) {
        const config: SiteConfig = { signIn: hosted.signIn };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(config));
        return;
      }
      const policy = hosted === undefined ? localPolicy : pagePolicy([url.replace('http', 'ws'), hosted.signIn.url]);
      void serveFile(response, folder, address.pathname, policy);
      return;
    }
    if (isAway) {
      request.socket.destroy();
      return;
    }
    void serveApi(request, address)
      .catch((error: unknown) => {
        const refusal = error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : 'unknown');
        const errors = refusal.errors.length === 0 ? {} : { errors: refusal.errors };
        return {
          status: refusal.status,
          body: { type: 'about:blank', title: 'Refused', status: refusal.status, detail: refusal.message, ...errors },
        };
      })
      .then(({ status, body }) =>
        response
          .writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
          .end(JSON.stringify(body)),
      );
  });
  const socketServer = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    if (isAway || !tickets.delete(ticket)) {
      socket.end('HTTP/1.1 401 Refused\r\nConnection: close\r\n\r\n');
      return;
    }
    socketServer.handleUpgrade(request, socket, head, (open) => {
      const topics = new Set<string>();
      sockets.set(open, topics);
      open.on('close', () => sockets.delete(open));
      open.on('message', (data: Buffer) => {
        const frame = clientFrameSchema.parse(JSON.parse(data.toString('utf8')));
        if (frame.action === 'ping') send(open, { kind: 'pong' });
        if (frame.action !== 'subscribe' && frame.action !== 'unsubscribe') return;
        for (const topic of frame.topics) {
          if (frame.action === 'subscribe') topics.add(topic);
          else topics.delete(topic);
        }
        send(open, { kind: 'subscribed', townId, topics: [...topics] });
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('the mock does not listen on a port');
  url = `http://127.0.0.1:${listening.port}`;

  return {
    url,
    town,
    changed,
    newLink: () => {
      const code = randomBytes(12).toString('hex');
      codes.add(code);
      return `${url}/sign-in?code=${code}`;
    },
    step: () => {
      if (at >= stepCount) return false;
      changed(...advance(town, at));
      at += 1;
      return true;
    },
    delta: (agentId, part) => {
      for (const [socket, topics] of sockets) if (topics.has(`agent:${agentId}`)) send(socket, { kind: 'delta', townId, agentId, part });
    },
    subscriptions: () => [...sockets.values()].flatMap((topics) => [...topics]),
    setAway: (away) => {
      isAway = away;
      if (away) for (const socket of sockets.keys()) socket.terminate();
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets.keys()) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

const stepEveryMs = 6000;
if (process.argv[1] === import.meta.filename) {
  const mock = await startMockControlPlane({ port: 4499 });
  process.stdout.write(`${mock.newLink()}\n`);
  const timer = setInterval(() => {
    if (!mock.step()) clearInterval(timer);
  }, stepEveryMs);
}
