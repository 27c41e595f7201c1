import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Access, AgentAccess } from './agent-access.ts';
import { startDoors } from './door-server.ts';
import type { DoorServer } from './door-server.ts';
import { createMcpDoor } from './mcp-door.ts';

const caller: Access = {
  agentId: 'toast',
  epoch: 1,
  beadId: undefined,
  route: { kind: 'scripted' },
  agentToken: 'token-1',
  push: undefined,
};
const access: AgentAccess = {
  grant: () => 'secret',
  update: () => undefined,
  setToken: () => undefined,
  revoke: () => undefined,
  find: (secret) => (secret === 'secret' ? caller : undefined),
};
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let plane: Server;
let doors: DoorServer;
let received: string[];
beforeEach(async () => {
  received = [];
  plane = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      received.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":1,"result":{}}');
    });
  });
  await new Promise<void>((resolve) => {
    plane.listen(0, '127.0.0.1', resolve);
  });
  const address = plane.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  doors = await startDoors(access, { mcp: createMcpDoor(`http://127.0.0.1:${address.port}`, access) }, log);
});
afterEach(async () => {
  await doors.close();
  plane.close();
});

const post = async (body: string): Promise<{ status: number; answer: unknown }> => {
  const answer = await fetch(`${doors.url}/mcp`, { method: 'POST', headers: { authorization: 'Bearer secret' }, body });
  return { status: answer.status, answer: await answer.json() };
};

describe('the tools door', () => {
  it('passes a call on under the name that the control plane knows', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'done', arguments: {} } };
    expect(await post(JSON.stringify(call))).toMatchObject({ status: 200 });
    expect(received.map((body): unknown => JSON.parse(body))).toEqual([{ ...call, params: { name: 'gt_done', arguments: {} } }]);
  });

  it.each([
    ['what is not JSON', '{"jsonrpc":', -32700],
    ['an empty body', '', -32700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
    ['a bare value', '7', -32600],
    ['a method that is no text', '{"jsonrpc":"2.0","id":1,"method":{}}', -32600],
    ['parameters that are no object', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"x"}', -32600],
  ])('answers %s with an error of JSON-RPC and passes nothing on', async (_what, body, code) => {
    const { status, answer } = await post(body);
    expect(status).toBe(400);
    expect(answer).toEqual({ jsonrpc: '2.0', id: null, error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) as string } });
    expect(received).toEqual([]);
  });
});
