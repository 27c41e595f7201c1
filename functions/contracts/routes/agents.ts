// Agents and their sessions.
import { z } from 'zod';
import { eventSchema } from '../event.schema.ts';
import { beadIdSchema, pageOf, pageQuerySchema, proseSchema } from '../primitives.schema.ts';
import { sessionPartSchema } from '../runner.schema.ts';
import { agent, none, route, town } from './route.ts';
import { agentViewSchema, cvSchema } from './views.ts';

export const agentsRoutes = {
  listAgents: route({
    group: 'agents',
    method: 'GET',
    path: '/api/towns/{townId}/agents',
    auth: 'user',
    summary: 'Agents, active first.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(agentViewSchema),
    status: 200,
  }),
  getAgent: route({
    group: 'agents',
    method: 'GET',
    path: '/api/towns/{townId}/agents/{agentId}',
    auth: 'user',
    summary: 'One agent.',
    params: agent,
    query: none,
    response: agentViewSchema,
    status: 200,
  }),
  agentCv: route({
    group: 'agents',
    method: 'GET',
    path: '/api/towns/{townId}/agents/{agentId}/cv',
    auth: 'user',
    summary: 'What an agent has done so far, also when it rests or was removed.',
    params: agent,
    query: none,
    response: cvSchema,
    status: 200,
  }),
  resetAgent: route({
    group: 'agents',
    method: 'POST',
    path: '/api/towns/{townId}/agents/{agentId}/reset',
    auth: 'user',
    summary: 'Take the agent off its bead and start over: the bead goes back to its queue.',
    params: agent,
    query: none,
    body: z.strictObject({ reason: proseSchema.max(500).optional() }),
    response: agentViewSchema,
    status: 200,
  }),
  stopAgent: route({
    group: 'agents',
    method: 'POST',
    path: '/api/towns/{townId}/agents/{agentId}/stop',
    auth: 'user',
    summary: 'Stop the agent; its bead is held until somebody releases it.',
    params: agent,
    query: none,
    body: z.strictObject({ reason: proseSchema.max(500).optional() }),
    response: agentViewSchema,
    status: 200,
  }),
  agentEvents: route({
    group: 'agents',
    method: 'GET',
    path: '/api/towns/{townId}/agents/{agentId}/events',
    auth: 'user',
    summary: 'Events of an agent, oldest first.',
    params: agent,
    query: pageQuerySchema,
    response: pageOf(eventSchema),
    status: 200,
  }),
  agentSession: route({
    group: 'agents',
    method: 'GET',
    path: '/api/towns/{townId}/agents/{agentId}/session',
    auth: 'user',
    summary: 'Complete parts of the agent session, oldest first.',
    params: agent,
    query: pageQuerySchema.extend({ beadId: beadIdSchema.optional() }),
    response: pageOf(z.object({ epoch: z.int(), beadId: beadIdSchema.optional(), parts: z.array(sessionPartSchema) })),
    status: 200,
  }),
} as const;
