// Health and the API's own description.
import { z } from 'zod';
import { none, route } from './route.ts';

export const healthRoutes = {
  health: route({
    group: 'health',
    method: 'GET',
    path: '/health',
    auth: 'none',
    summary: 'Is the control plane up?',
    params: none,
    query: none,
    response: z.object({ status: z.literal('ok'), version: z.string() }),
    status: 200,
  }),
  openapi: route({
    group: 'health',
    method: 'GET',
    path: '/openapi.json',
    auth: 'none',
    summary: 'This API as an OpenAPI 3.1 document.',
    params: none,
    query: none,
    response: z.record(z.string(), z.json()),
    status: 200,
  }),
} as const;
