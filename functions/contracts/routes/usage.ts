// What was spent, and what a person decides about a convoy that is near its budget.
import { z } from 'zod';
import { usageQuerySchema, usageViewSchema } from '../usage.schema.ts';
import { bead, route, town, none } from './route.ts';
import { convoyViewSchema } from './views.ts';

export const usageRoutes = {
  usage: route({
    group: 'towns',
    method: 'GET',
    path: '/api/towns/{townId}/usage',
    auth: 'user',
    summary: 'What was spent in UTC days, by bead, convoy, agent, user, rig, day or model; at most 92 days at once.',
    params: town,
    query: usageQuerySchema,
    response: usageViewSchema,
    status: 200,
  }),
  decideBudget: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys/{beadId}/budget',
    auth: 'user',
    summary: 'What becomes of a convoy that is near its budget: raise it, let it continue to its end, or stop giving its beads out.',
    params: bead,
    query: none,
    body: z.discriminatedUnion('choice', [
      z.strictObject({ choice: z.literal('raise'), budgetUsd: z.number().min(0.01).max(1_000_000) }),
      z.strictObject({ choice: z.literal('continue') }),
      z.strictObject({ choice: z.literal('stop') }),
    ]),
    response: convoyViewSchema,
    status: 200,
  }),
} as const;
