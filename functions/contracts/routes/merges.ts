// Merge requests.
import { z } from 'zod';
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { pageOf, pageQuerySchema } from '../primitives.schema.ts';
import { bead, none, route, town } from './route.ts';
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
  decideMerge: route({
    group: 'merges',
    method: 'POST',
    path: '/api/towns/{townId}/merges/{beadId}/decision',
    auth: 'user',
    summary: 'Merge a good pull request now, or hold this commit of it back from being merged by itself.',
    params: bead,
    query: none,
    body: z.strictObject({ decision: z.enum(['merge', 'hold']) }),
    response: beadSchema,
    status: 200,
  }),
} as const;
