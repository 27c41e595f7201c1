// The agents' tools over MCP: one stateless server per request, on the web-standard transport, so that it fits a function behind API Gateway.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { tools } from '../contracts/tools.schema.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import type { Ports } from '../ports.ts';
import { jsonSchemaOf } from './tool-input.ts';
import { callTool, toolsOf } from './tool-set.ts';

export interface McpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const serverFor = (ports: Ports, caller: AgentIdentity): Server => {
  const server = new Server({ name: 'gastown', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: (await toolsOf(ports, caller)).map((name) => ({ name, description: tools[name].description, inputSchema: jsonSchemaOf(name) })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async (request) => {
    const startedAtMs = ports.clock.nowMs();
    try {
      const { text, isError } = await callTool(ports, caller, request.params.name, request.params.arguments);
      ports.log.info('tool_called', {
        townId: caller.townId,
        agentId: caller.agentId,
        tool: request.params.name,
        ok: !isError,
        durationMs: ports.clock.nowMs() - startedAtMs,
      });
      return { content: [{ type: 'text', text }], isError };
    } catch (error) {
      // The model can only wait and try again; the operator finds the reason in the log.
      ports.log.error('tool_failed', {
        townId: caller.townId,
        agentId: caller.agentId,
        tool: request.params.name,
        error: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
      });
      return {
        content: [
          {
            type: 'text',
            text: `${request.params.name} could not be done because the town is not reachable at the moment. Wait a few seconds and call it again.`,
          },
        ],
        isError: true,
      };
    }
  });
  return server;
};

/** Answers one POST. `message` is the parsed JSON-RPC body. */
export const answerMcp = async (
  ports: Ports,
  caller: AgentIdentity,
  message: unknown,
  headers: ReadonlyMap<string, string>,
): Promise<McpAnswer> => {
  const server = serverFor(ports, caller);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    const version = headers.get('mcp-protocol-version');
    const request = new Request('http://gastown/mcp', {
      method: 'POST',
      // Some clients leave `accept` out or a proxy rewrites it; the answer is JSON either way.
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
      },
    });
    const response = await transport.handleRequest(request, { parsedBody: message });
    return {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? 'application/json' },
      body: await response.text(),
    };
  } finally {
    await server.close();
  }
};
