// The runner's one loopback HTTP server for agents: model, tools and git behind one secret per agent. Everything else is 404, every stranger 401.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../log.ts';
import type { RunnerLog } from '../log.ts';
import type { Access, AgentAccess } from './agent-access.ts';

export interface DoorRequest {
  readonly access: Access;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path after the door's name, with the query. */ readonly rest: string;
}
export type Door = (call: DoorRequest) => Promise<void>;
export interface DoorServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Each client library has its own header for the key; all carry the same secret. */
const secretOf = (request: IncomingMessage): string | undefined => {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const keys = [bearer, request.headers['x-api-key'], request.headers['x-goog-api-key'], request.headers['api-key']];
  return keys.find((key): key is string => typeof key === 'string' && key !== '');
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** The whole body; throws when it is larger than `maxBytes`. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the request is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

export const startDoors = async (access: AgentAccess, doors: Readonly<Record<string, Door>>, log: RunnerLog): Promise<DoorServer> => {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const [, name = '', rest = ''] = /^\/([a-z]+)(.*)$/.exec(request.url ?? '') ?? [];
    const door = doors[name];
    if (door === undefined) {
      sendJson(response, 404, { error: { message: 'There is nothing here.' } });
      return;
    }
    const known = access.find(secretOf(request));
    if (known === undefined) {
      sendJson(response, 401, { error: { message: 'This secret opens nothing (any more).' } });
      return;
    }
    door({ access: known, request, response, rest }).catch((error: unknown) => {
      log.warn('door_failed', { door: name, agentId: known.agentId, error: messageOf(error) });
      sendJson(response, 502, { error: { message: messageOf(error) } });
    });
  });
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the loopback server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
};
