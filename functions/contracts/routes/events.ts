// The feed and the dry run.
import { z } from 'zod';
import { eventSchema } from '../event.schema.ts';
import { isoTimeSchema, pageOf, pageQuerySchema, ulidSchema } from '../primitives.schema.ts';
import { none, route, town } from './route.ts';

export const eventsRoutes = {
  listEvents: route({
    group: 'events',
    method: 'GET',
    path: '/api/towns/{townId}/events',
    auth: 'user',
    summary: 'The feed. `after` is an event id; newest=true reads the newest first.',
    params: town,
    query: pageQuerySchema.extend({ after: ulidSchema.optional(), newest: z.enum(['true', 'false']).optional() }),
    response: pageOf(eventSchema),
    status: 200,
  }),
  debugPlan: route({
    group: 'events',
    method: 'GET',
    path: '/api/towns/{townId}/debug/plan',
    auth: 'user',
    summary: 'Dry run of the reconciler: what a pass would do now.',
    params: town,
    query: none,
    response: z.object({
      actions: z.array(z.object({ rule: z.string(), kind: z.string(), subject: z.string(), sentence: z.string() })),
      wakeAt: isoTimeSchema.optional(),
    }),
    status: 200,
  }),
} as const;
