// The conversation with the Mayor.
import { z } from 'zod';
import { limits, pageOf, pageQuerySchema, textOfBytes } from '../primitives.schema.ts';
import { mayorContextSchema, mayorMessageSchema } from '../town.schema.ts';
import { none, route, town } from './route.ts';

export const mayorRoutes = {
  mayorMessages: route({
    group: 'mayor',
    method: 'GET',
    path: '/api/towns/{townId}/mayor/messages',
    auth: 'user',
    summary: 'My conversation with the Mayor, newest first.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(mayorMessageSchema),
    status: 200,
  }),
  sayToMayor: route({
    group: 'mayor',
    method: 'POST',
    path: '/api/towns/{townId}/mayor/messages',
    auth: 'user',
    summary: 'Say something to the Mayor.',
    params: town,
    query: none,
    body: z.strictObject({
      text: textOfBytes(limits.chatBytes).refine((text) => text.trim() !== '', { error: 'write something first' }),
      context: mayorContextSchema.optional(),
    }),
    response: mayorMessageSchema,
    status: 201,
  }),
} as const;
