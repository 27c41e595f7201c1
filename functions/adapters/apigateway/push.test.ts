import { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import { createApiGatewayPush } from './push.ts';

const make = (reply: () => object) => {
  const client = new ApiGatewayManagementApiClient({ ...offline, endpoint: 'https://abc123.execute-api.eu-central-1.amazonaws.com/v1' });
  return { calls: record(client, [answer(PostToConnectionCommand, reply)]), push: createApiGatewayPush(client) };
};

describe(`frames over API Gateway ${shapesOnly}`, () => {
  it('posts a frame as JSON', async () => {
    const { calls, push } = make(() => ({}));
    expect(await push.send('L0SM9cOFvHcCIhw=', { kind: 'pong' })).toBe('sent');
    const [input] = calls.inputsOf(PostToConnectionCommand);
    expect(input?.ConnectionId).toBe('L0SM9cOFvHcCIhw=');
    const data = input?.Data;
    expect(data instanceof Uint8Array ? new TextDecoder().decode(data) : data).toBe('{"kind":"pong"}');
  });
  it('says when the connection is gone', async () => {
    const { push } = make(() => {
      throw new GoneException({ message: 'gone', $metadata: {} });
    });
    expect(await push.send('L0SM9cOFvHcCIhw=', { kind: 'pong' })).toBe('gone');
  });
  it('passes other failures on', async () => {
    const { push } = make(() => {
      throw new Error('throttled');
    });
    await expect(push.send('L0SM9cOFvHcCIhw=', { kind: 'pong' })).rejects.toThrow('throttled');
  });
});
