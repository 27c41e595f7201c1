// Mail of a town, and escalations that wait for a person.
import { z } from 'zod';
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { beadIdSchema, pageOf, pageQuerySchema, proseSchema } from '../primitives.schema.ts';
import { none, route, town } from './route.ts';

const escalation = z.strictObject({ townId: town.shape.townId, beadId: beadIdSchema });

export const mailRoutes = {
  listEscalations: route({
    group: 'mail',
    method: 'GET',
    path: '/api/towns/{townId}/escalations',
    auth: 'user',
    summary: 'Escalations, newest change first; those that wait for somebody unless a status is given.',
    params: town,
    query: pageQuerySchema.extend({ status: beadStatusSchema.optional() }),
    response: pageOf(beadSchema),
    status: 200,
  }),
  acknowledgeEscalation: route({
    group: 'mail',
    method: 'POST',
    path: '/api/towns/{townId}/escalations/{beadId}/acknowledge',
    auth: 'user',
    summary: 'Say that somebody takes care: the escalation closes and is not raised again.',
    params: escalation,
    query: none,
    body: z.strictObject({ note: proseSchema.max(2000).optional() }),
    response: beadSchema,
    status: 200,
  }),
} as const;
