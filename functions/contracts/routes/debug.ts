// Seeing inside a town, for its owner.
import { z } from 'zod';
import { agentSchema } from '../agent.schema.ts';
import { beadSchema } from '../bead.schema.ts';
import { dependencySchema } from '../dependency.schema.ts';
import { eventSchema } from '../event.schema.ts';
import { cursorSchema, pageOf, pageQuerySchema } from '../primitives.schema.ts';
import { workItemSchema } from '../work.schema.ts';
import { bead, none, route, town } from './route.ts';

const actionLine = z.object({ rule: z.string(), kind: z.string(), subject: z.string(), sentence: z.string() });
const spread = z.object({ count: z.int(), p50Ms: z.number().optional(), p95Ms: z.number().optional() });

export const debugRoutes = {
  debugPasses: route({
    group: 'debug',
    method: 'GET',
    path: '/api/towns/{townId}/debug/passes',
    auth: 'user',
    summary: 'Passes of a day (yyyy-mm-dd, today by default) that did something; they are kept for 7 days.',
    params: town,
    query: z.strictObject({ day: z.iso.date().optional() }),
    response: z.object({ items: z.array(z.string()) }),
    status: 200,
  }),
  debugReplay: route({
    group: 'debug',
    method: 'POST',
    path: '/api/towns/{townId}/debug/replay',
    auth: 'user',
    summary: 'Plan a kept pass again and say what the rules decide otherwise now. Nothing is done.',
    params: town,
    query: none,
    body: z.strictObject({ passId: z.string().regex(/^\d{4}-\d{2}-\d{2}_[0-9A-HJKMNP-TV-Z]{26}$/, 'an id from the list of kept passes') }),
    response: z.object({
      passId: z.string(),
      at: z.string(),
      earlier: z.array(actionLine),
      now: z.array(actionLine),
      gone: z.array(z.string()),
      added: z.array(z.string()),
    }),
    status: 200,
  }),
  debugBead: route({
    group: 'debug',
    method: 'GET',
    path: '/api/towns/{townId}/debug/beads/{beadId}',
    auth: 'user',
    summary: 'Everything that the town knows of one bead.',
    params: bead,
    query: none,
    response: z.object({
      bead: beadSchema,
      dependsOn: z.array(dependencySchema),
      dependents: z.array(dependencySchema),
      events: z.array(eventSchema),
      agents: z.array(agentSchema),
      work: z.array(workItemSchema),
      explain: z.string(),
      request: beadSchema.optional(),
    }),
    status: 200,
  }),
  debugAudit: route({
    group: 'debug',
    method: 'POST',
    path: '/api/towns/{townId}/debug/audit',
    auth: 'user',
    summary: 'Check every invariant over a page of the town; ask again with the cursor. repair: true sets right what is violated.',
    params: town,
    query: none,
    body: z.strictObject({ cursor: cursorSchema.optional(), repair: z.boolean().optional() }),
    response: z.object({
      checked: z.int(),
      violations: z.array(z.object({ invariant: z.int(), subject: z.string(), sentence: z.string() })),
      repaired: z.int(),
      cursor: cursorSchema.optional(),
    }),
    status: 200,
  }),
  listInterventions: route({
    group: 'debug',
    method: 'GET',
    path: '/api/towns/{townId}/audit',
    auth: 'user',
    summary: 'What people did by hand, newest first. A page may be short while there is a cursor.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(eventSchema),
    status: 200,
  }),
  getMetrics: route({
    group: 'debug',
    method: 'GET',
    path: '/api/towns/{townId}/metrics',
    auth: 'user',
    summary: 'What the town did in a window, and what moves now.',
    params: town,
    query: z.strictObject({ window: z.enum(['1h', '6h', '24h', '7d']).optional() }),
    response: z.object({
      window: z.string(),
      complete: z.boolean(),
      events: z.record(z.string(), z.int()),
      dispatchWait: spread,
      now: z.object({ inFlight: z.int(), merges: z.int(), queues: z.int(), openBreakers: z.int() }),
    }),
    status: 200,
  }),
} as const;
