// Agent tools: passes MCP requests to the control plane with the agent's current token, which opencode never holds. Tool names lose their `gt_` on the way
// down and get it back on the way up, because opencode puts the server's name in front (`gt_done`).
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { causeOf } from '../log.ts';
import type { AgentAccess } from './agent-access.ts';
import { readBody, sendJson } from './door-server.ts';
import type { Door } from './door-server.ts';

const maxBytes = 2 * 1024 * 1024;
/** A control plane that restarts is waited for; opencode's own limit for an MCP request is set above this. */
const patienceMs = 50_000;
const requestSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({ name: z.string().optional() }).optional(),
});
const listSchema = z.looseObject({ result: z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) }) });

const upwards = (body: z.infer<typeof requestSchema>): unknown => {
  const name = body.params?.name;
  if (body.method !== 'tools/call' || name === undefined || name.startsWith('gt_')) return body;
  return { ...body, params: { ...body.params, name: `gt_${name}` } };
};

const downwards = (text: string): string => {
  const parsed = listSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return text;
  const tools = parsed.data.result.tools.map((tool) => ({ ...tool, name: tool.name.replace(/^gt_/, '') }));
  return JSON.stringify({ ...parsed.data, result: { ...parsed.data.result, tools } });
};

/** JSON-RPC 2.0, section 5.1. */
const parseErrorCode = -32700;
const invalidRequestCode = -32600;

type Read = { readonly body: z.infer<typeof requestSchema> } | { readonly error: { readonly code: number; readonly message: string } };
/** The request, or the error that answers what is none. */
const read = (bytes: Buffer): Read => {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { error: { code: parseErrorCode, message: 'The body is not JSON. Send one JSON-RPC request.' } };
  }
  if (Array.isArray(value))
    return { error: { code: invalidRequestCode, message: 'Batches are not taken. Send one JSON-RPC request at a time.' } };
  const parsed = requestSchema.safeParse(value);
  if (parsed.success) return { body: parsed.data };
  const message = 'This is not a JSON-RPC request. Send an object with "jsonrpc", "id", "method" and "params".';
  return { error: { code: invalidRequestCode, message } };
};

/** True when nobody took the request, so that sending it again cannot do anything twice. */
const neverArrived = (error: unknown): boolean =>
  error instanceof Error && /ECONNREFUSED|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH/.test(causeOf(error));

export const createMcpDoor =
  (apiUrl: string, access: AgentAccess): Door =>
  async ({ access: caller, request, response }) => {
    if (request.method !== 'POST') {
      response.writeHead(405, { allow: 'POST' }).end();
      return;
    }
    const asked = read(await readBody(request, maxBytes));
    if ('error' in asked) {
      sendJson(response, 400, { jsonrpc: '2.0', id: null, error: asked.error });
      return;
    }
    const { body } = asked;
    const text = JSON.stringify(upwards(body));
    const secret = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const version = request.headers['mcp-protocol-version'];
    const until = performance.now() + patienceMs;
    for (;;) {
      // Read again each time: the token may have been renewed while the control plane was away.
      const token = access.find(secret)?.agentToken ?? caller.agentToken;
      try {
        const answer = await fetch(`${apiUrl}/mcp`, {
          method: 'POST',
          body: text,
          signal: AbortSignal.timeout(patienceMs),
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${token}`,
            ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}),
          },
        });
        const answered = await answer.text();
        if (answer.status === 503 && performance.now() < until) {
          await sleep(500);
          continue;
        }
        const isList = body.method === 'tools/list' && answer.ok && (answer.headers.get('content-type') ?? '').includes('json');
        response
          .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
          .end(isList ? downwards(answered) : answered);
        return;
      } catch (error) {
        const again = performance.now() < until && (neverArrived(error) || body.method === 'initialize' || body.method === 'tools/list');
        if (again) {
          await sleep(300);
          continue;
        }
        const sentence = `The control plane did not answer (${error instanceof Error ? causeOf(error) : String(error)}). Call the tool again in a moment; look first whether it took effect.`;
        if (body.method === 'tools/call') {
          sendJson(response, 200, { jsonrpc: '2.0', id: body.id, result: { isError: true, content: [{ type: 'text', text: sentence }] } });
          return;
        }
        sendJson(response, 503, { jsonrpc: '2.0', id: body.id ?? null, error: { code: -32000, message: sentence } });
        return;
      }
    }
  };
