// Merge requests.
import { beadStatusSchema } from '../bead.schema.ts';
import { pageOf, pageQuerySchema } from '../primitives.schema.ts';
import { route, town } from './route.ts';
import { mergeViewSchema } from './views.ts';

export const mergesRoutes = {
  listMerges: route({
    group: 'merges',
    method: 'GET',
    path: '/api/towns/{townId}/merges',
    auth: 'user',
    summary: 'Merge requests, those that need attention first.',
    params: town,
    query: pageQuerySchema.extend({ status: beadStatusSchema.optional() }),
    response: pageOf(mergeViewSchema),
    status: 200,
  }),
} as const;
