// Sends frames to WebSocket connections through API Gateway's management endpoint.
import { GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Push } from '../../ports.ts';

/** The client's endpoint is the WebSocket stage over https. */
export const createApiGatewayPush = (client: ApiGatewayManagementApiClient): Push => ({
  send: async (connectionId, frame) => {
    try {
      await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(JSON.stringify(frame)) }));
      return 'sent';
    } catch (error) {
      if (error instanceof GoneException) return 'gone';
      throw error;
    }
  },
});
