// Sign-in, the caller, tickets for the WebSocket.
import { z } from 'zod';
import { lineSchema } from '../primitives.schema.ts';
import { none, route } from './route.ts';

export const authRoutes = {
  signIn: route({
    group: 'auth',
    method: 'POST',
    path: '/api/auth/sign-in',
    auth: 'none',
    summary: 'Exchange the code of a one-time link for a user token (local towns).',
    params: none,
    query: none,
    body: z.strictObject({ code: lineSchema.min(8).max(200) }),
    response: z.object({ token: z.string(), userId: z.string(), expiresAtMs: z.int() }),
    status: 200,
  }),
  me: route({
    group: 'auth',
    method: 'GET',
    path: '/api/me',
    auth: 'user',
    summary: 'Who am I?',
    params: none,
    query: none,
    response: z.object({ userId: z.string() }),
    status: 200,
  }),
  wsTicket: route({
    group: 'auth',
    method: 'POST',
    path: '/api/ws-ticket',
    auth: 'user',
    summary: 'One-time ticket for /ws?ticket=, valid 30 s.',
    params: none,
    query: none,
    response: z.object({ ticket: z.string(), wsUrl: z.string() }),
    status: 201,
  }),
} as const;
