// Convoys.
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { pageOf, pageQuerySchema } from '../primitives.schema.ts';
import { bead, none, route, town } from './route.ts';
import { convoyViewSchema } from './views.ts';
import { slingBatchInputSchema } from './sling.ts';

export const convoysRoutes = {
  createConvoy: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys',
    auth: 'user',
    summary: 'Same as sling-batch.',
    params: town,
    query: none,
    body: slingBatchInputSchema,
    response: convoyViewSchema,
    status: 201,
  }),
  listConvoys: route({
    group: 'convoys',
    method: 'GET',
    path: '/api/towns/{townId}/convoys',
    auth: 'user',
    summary: 'Convoys with their progress, newest change first.',
    params: town,
    query: pageQuerySchema.extend({ status: beadStatusSchema.optional() }),
    response: pageOf(beadSchema),
    status: 200,
  }),
  startConvoy: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys/{beadId}/start',
    auth: 'user',
    summary: 'Start a staged convoy: from now on its beads are given out. A second time is a success.',
    params: bead,
    query: none,
    response: convoyViewSchema,
    status: 200,
  }),
  getConvoy: route({
    group: 'convoys',
    method: 'GET',
    path: '/api/towns/{townId}/convoys/{beadId}',
    auth: 'user',
    summary: 'A convoy with its members and progress.',
    params: bead,
    query: none,
    response: convoyViewSchema,
    status: 200,
  }),
} as const;
