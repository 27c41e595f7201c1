// Convoys.
import { z } from 'zod';
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { convoySeriesSchema } from '../convoy.schema.ts';
import { beadIdSchema, limits, mergeModeSchema, pageOf, pageQuerySchema, proseSchema, titleSchema } from '../primitives.schema.ts';
import { bead, none, route, town } from './route.ts';
import { convoyViewSchema } from './views.ts';
import { slingBatchInputSchema } from './sling.ts';

const member = bead.extend({ memberId: beadIdSchema });
export const convoyPatchSchema = z.strictObject({
  title: titleSchema.optional(),
  mergeMode: mergeModeSchema.optional(),
  /** Every bead of the plan once, in the new order. */
  memberIds: z.array(beadIdSchema).max(limits.convoyMembers).optional(),
  series: convoySeriesSchema.optional(),
  budgetUsd: z.number().positive().max(1_000_000).optional(),
});

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
  updateConvoy: route({
    group: 'convoys',
    method: 'PATCH',
    path: '/api/towns/{townId}/convoys/{beadId}',
    auth: 'user',
    summary: 'Rename a convoy; while it is a plan, also order its beads and choose how it is merged.',
    params: bead,
    query: none,
    body: convoyPatchSchema,
    response: convoyViewSchema,
    status: 200,
  }),
  closeConvoy: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys/{beadId}/close',
    auth: 'user',
    summary: 'End a convoy; members that are not finished are given up with it when cancelMembers says so.',
    params: bead,
    query: none,
    body: z.strictObject({ reason: proseSchema.trim().min(1).max(2000), cancelMembers: z.boolean().default(false) }),
    response: convoyViewSchema,
    status: 200,
  }),
  landConvoy: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys/{beadId}/land',
    auth: 'user',
    summary: 'Land without the beads that failed, or try a landing again that was given up.',
    params: bead,
    query: none,
    body: z.strictObject({ withoutFailed: z.boolean().default(false) }),
    response: convoyViewSchema,
    status: 200,
  }),
  addConvoyBead: route({
    group: 'convoys',
    method: 'POST',
    path: '/api/towns/{townId}/convoys/{beadId}/beads',
    auth: 'user',
    summary: 'Make an open bead a member.',
    params: bead,
    query: none,
    body: z.strictObject({ beadId: beadIdSchema }),
    response: convoyViewSchema,
    status: 200,
  }),
  removeConvoyBead: route({
    group: 'convoys',
    method: 'DELETE',
    path: '/api/towns/{townId}/convoys/{beadId}/beads/{memberId}',
    auth: 'user',
    summary: 'Take a bead out of the convoy; an open one is held. Members that waited for it go on without it.',
    params: member,
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
