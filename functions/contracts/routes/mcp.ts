// The agents' endpoint.
import { z } from 'zod';
import { none, route } from './route.ts';

export const mcpRoutes = {
  mcp: route({
    group: 'mcp',
    method: 'POST',
    path: '/mcp',
    auth: 'agent',
    summary: 'Agent tools (MCP, streamable HTTP, stateless).',
    params: none,
    query: none,
    body: z.json(),
    response: z.json(),
    status: 200,
  }),
} as const;
