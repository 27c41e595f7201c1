// POST /mcp: the agents' tools. GET and DELETE are answered with 405, because this server keeps no session and pushes nothing.
import { answerMcp } from '../tools/mcp.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { RawAnswer, createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const methodNotAllowed = {
  statusCode: 405,
  headers: { 'content-type': 'application/json', allow: 'POST' },
  body: JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message: 'Method not allowed.' }, id: null }),
};

export const createHandler = (ports: Ports): ApiHandler => {
  const handler = createGroupHandler('mcp', ports, {
    mcp: async ({ caller, body, headers }) => {
      const answer = await answerMcp(ports, caller, body, headers);
      return new RawAnswer({ statusCode: answer.status, headers: { ...answer.headers, 'cache-control': 'no-store' }, body: answer.body });
    },
  });
  return (event) => (event.httpMethod === 'POST' ? handler(event) : Promise.resolve(methodNotAllowed));
};

export const handler = lambda(createHandler);
