// The WebSocket API: handlers for events of API Gateway's shape, and the fan-out of changes. Frames of one connection may arrive in any order.
import type { APIGatewayProxyResultV2, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import type { Ports } from '../ports.ts';
import { endConnection, openConnection } from './connect.ts';
import { pushFrames } from './fan-out.ts';
import type { ChangeFrame } from './fan-out.ts';
import { takeFrame } from './message.ts';

/** The query string comes with `$connect` only. */
export type SocketEvent = APIGatewayProxyWebsocketEventV2 & {
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
};
export type SocketHandler = (event: SocketEvent) => Promise<APIGatewayProxyResultV2>;

export interface Realtime {
  readonly connect: SocketHandler;
  readonly disconnect: SocketHandler;
  readonly message: SocketHandler;
  readonly pushFrames: (frames: readonly ChangeFrame[]) => Promise<void>;
}

const bodyOf = (event: SocketEvent): string => {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
};

export const createRealtime = (ports: Ports): Realtime => ({
  connect: async (event) => ({
    statusCode: await openConnection(ports, event.requestContext.connectionId, event.queryStringParameters?.ticket),
  }),
  disconnect: async (event) => {
    await endConnection(ports, event.requestContext.connectionId);
    return { statusCode: 200 };
  },
  message: async (event) => {
    await takeFrame(ports, event.requestContext.connectionId, bodyOf(event));
    return { statusCode: 200 };
  },
  pushFrames: (frames) => pushFrames(ports, frames),
});

/** One function for all three routes of the WebSocket API. */
export const createSocketHandler = (ports: Ports): SocketHandler => {
  const realtime = createRealtime(ports);
  return (event) => {
    switch (event.requestContext.eventType) {
      case 'CONNECT':
        return realtime.connect(event);
      case 'DISCONNECT':
        return realtime.disconnect(event);
      case 'MESSAGE':
        return realtime.message(event);
      default:
        return Promise.resolve({ statusCode: 400 });
    }
  };
};
