// The WebSocket on one machine: the same frames to the same handlers as behind API Gateway, with events of its shape.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { APIGatewayProxyResultV2, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { ServerFrame } from '../../functions/contracts/frames.schema.ts';
import type { Log, Push } from '../../functions/ports.ts';
import { isOwnHost, isOwnOrigin } from './own-host.ts';

/** API Gateway's limit for one frame, in bytes. */
const frameBytes = 32 * 1024;
/** Frames of one connection that may wait for their turn; who sends more does not listen. */
export const maxWaitingFrames = 1000;
/** WebSocket close code: policy violation. */
const policyViolation = 1008;
type SocketEvent = APIGatewayProxyWebsocketEventV2 & { queryStringParameters?: Record<string, string | undefined> };
export type SocketHandler = (event: SocketEvent) => Promise<APIGatewayProxyResultV2>;
export interface SocketHandlers {
  readonly connect: SocketHandler;
  readonly disconnect: SocketHandler;
  readonly message: SocketHandler;
}

const statusOf = (result: APIGatewayProxyResultV2): number => (typeof result === 'object' ? (result.statusCode ?? 200) : 200);

/** Sends to the sockets of this process. */
export interface LocalSockets extends Push {
  attach(server: Server, handlers: SocketHandlers): void;
  closeAll(): void;
}

export const createLocalSockets = (options: { readonly log: Log; readonly nowMs: () => number }): LocalSockets => {
  const sockets = new Map<string, WebSocket>();
  const server = new WebSocketServer({ noServer: true, maxPayload: frameBytes });
  const eventOf = (
    connectionId: string,
    eventType: 'CONNECT' | 'DISCONNECT' | 'MESSAGE',
    routeKey: string,
    body?: string,
  ): SocketEvent => ({
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body }),
    requestContext: {
      apiId: 'local',
      connectedAt: options.nowMs(),
      connectionId,
      domainName: 'localhost',
      eventType,
      extendedRequestId: '',
      messageDirection: 'IN',
      messageId: randomUUID(),
      requestId: randomUUID(),
      requestTime: '',
      requestTimeEpoch: options.nowMs(),
      routeKey,
      stage: 'local',
    },
  });
  const failed =
    (where: string) =>
    (error: unknown): void => {
      options.log.error('socket_failed', { where, error: error instanceof Error ? error.message : 'unknown' });
    };
  const adopt = (socket: WebSocket, connectionId: string, handlers: SocketHandlers): void => {
    sockets.set(connectionId, socket);
    /** Frames of one connection are handled in order. */
    let last: Promise<unknown> = Promise.resolve();
    let waiting = 0;
    let flooded = false;
    socket.on('message', (data, isBinary) => {
      if (isBinary || flooded) return;
      if (waiting >= maxWaitingFrames) {
        flooded = true;
        options.log.warn('socket_flooded', { connectionId });
        socket.close(policyViolation, 'Too many frames are waiting; send less at a time.');
        return;
      }
      waiting += 1;
      const body = Buffer.isBuffer(data)
        ? data.toString('utf8')
        : Array.isArray(data)
          ? Buffer.concat(data).toString('utf8')
          : Buffer.from(data).toString('utf8');
      last = last
        .then(() => (flooded ? undefined : handlers.message(eventOf(connectionId, 'MESSAGE', '$default', body))))
        .catch(failed('message'))
        .finally(() => {
          waiting -= 1;
        });
    });
    socket.on('close', () => {
      sockets.delete(connectionId);
      handlers.disconnect(eventOf(connectionId, 'DISCONNECT', '$disconnect')).catch(failed('disconnect'));
    });
    socket.on('error', failed('socket'));
  };
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer, handlers: SocketHandlers): Promise<void> => {
    const { host, origin } = request.headers;
    if (!isOwnHost(host)) {
      socket.end('HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\n\r\n');
      return;
    }
    if (!isOwnOrigin(origin, host)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (url?.pathname !== '/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const connectionId = randomUUID();
    const result = await handlers.connect({
      ...eventOf(connectionId, 'CONNECT', '$connect'),
      queryStringParameters: Object.fromEntries(url.searchParams),
    });
    const status = statusOf(result);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, (open) => {
      adopt(open, connectionId, handlers);
    });
  };
  return {
    send: async (connectionId: string, frame: ServerFrame) => {
      const socket = sockets.get(connectionId);
      if (socket === undefined || socket.readyState !== socket.OPEN) return 'gone';
      socket.send(JSON.stringify(frame));
      return 'sent';
    },
    attach: (http, handlers) => {
      http.on('upgrade', (request, socket, head) => {
        socket.on('error', failed('upgrade'));
        upgrade(request, socket, head, handlers).catch((error: unknown) => {
          failed('upgrade')(error);
          socket.destroy();
        });
      });
    },
    closeAll: () => {
      for (const socket of sockets.values()) socket.terminate();
      server.close();
    },
  };
};
