// Mail of a town, and escalations that wait for a person.
import { z } from 'zod';
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { nudgeShape, sentNudgeSchema } from '../nudge.schema.ts';
import {
  beadIdSchema,
  limits,
  pageOf,
  pageQuerySchema,
  principalSchema,
  proseSchema,
  textOfBytes,
  titleSchema,
} from '../primitives.schema.ts';
import { addresseeSchema, threadSchema } from '../tools/messages.ts';
import { agent, none, route, town } from './route.ts';

const escalation = z.strictObject({ townId: town.shape.townId, beadId: beadIdSchema });

export const mailRoutes = {
  listMail: route({
    group: 'mail',
    method: 'GET',
    path: '/api/towns/{townId}/mail',
    auth: 'user',
    summary: 'Mail of the town, newest change first; `undelivered=true` for what nobody has read.',
    params: town,
    query: pageQuerySchema.extend({
      to: addresseeSchema.optional(),
      from: principalSchema.optional(),
      thread: threadSchema.optional(),
      undelivered: z.enum(['true', 'false']).optional(),
    }),
    response: pageOf(beadSchema),
    status: 200,
  }),
  sendMail: route({
    group: 'mail',
    method: 'POST',
    path: '/api/towns/{townId}/mail',
    auth: 'user',
    summary: 'Write to an agent, a role, a queue, a person or a group. One message is made for each reader of a group.',
    params: town,
    query: none,
    body: z.strictObject({
      to: addresseeSchema,
      subject: titleSchema,
      body: textOfBytes(limits.mailBodyBytes),
      replyTo: beadIdSchema.optional(),
      threadId: threadSchema.optional(),
    }),
    response: z.object({ items: z.array(beadSchema) }),
    status: 201,
  }),
  nudgeAgent: route({
    group: 'mail',
    method: 'POST',
    path: '/api/towns/{townId}/agents/{agentId}/nudge',
    auth: 'user',
    summary: 'Say something to an agent in passing: when its turn has ended, at once, or with its next prompt.',
    params: agent,
    query: none,
    body: z.strictObject(nudgeShape),
    response: sentNudgeSchema,
    status: 201,
  }),
  messageAgent: route({
    group: 'mail',
    method: 'POST',
    path: '/api/towns/{townId}/agents/{agentId}/message',
    auth: 'user',
    summary: 'Write to an agent. Words about the town, its plan or other beads go to the Mayor instead; the answer says where they went.',
    params: agent,
    query: none,
    body: z.strictObject({ text: nudgeShape.text }),
    response: sentNudgeSchema,
    status: 201,
  }),
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
