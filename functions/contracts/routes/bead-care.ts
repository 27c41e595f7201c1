// Beads put away, removed, and changed many at a time.
import { z } from 'zod';
import { beadSchema, beadStatusSchema } from '../bead.schema.ts';
import { beadIdSchema, labelSchema, prioritySchema, proseSchema } from '../primitives.schema.ts';
import { bead, none, route, town } from './route.ts';

/** Beads of one bulk call. */
export const bulkBeads = 100;
const ids = z.array(beadIdSchema).min(1).max(bulkBeads);
const plain = z.enum(['archive', 'unarchive', 'close', 'hold', 'release', 'retry']);
/** What is done to each of the beads. */
export const bulkInputSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: plain, ids }),
  z.strictObject({ action: z.literal('fail'), ids, reason: proseSchema.trim().min(1).max(2000) }),
  z.strictObject({ action: z.literal('priority'), ids, priority: prioritySchema }),
  z.strictObject({ action: z.enum(['add-label', 'remove-label']), ids, label: labelSchema }),
  z.strictObject({ action: z.literal('delete'), ids, force: z.boolean().optional() }),
]);
export type BulkInput = z.infer<typeof bulkInputSchema>;
export const bulkResultSchema = z.object({
  beadId: beadIdSchema,
  ok: z.boolean(),
  /** Of the bead afterwards; of a retried one its successor's id is in `successorId`. */
  status: beadStatusSchema.optional(),
  successorId: beadIdSchema.optional(),
  /** Why not, and what is allowed instead. */
  message: z.string().optional(),
  allowed: z.array(z.string()).optional(),
});
export type BulkResult = z.infer<typeof bulkResultSchema>;

export const beadCareRoutes = {
  archiveBead: route({
    group: 'beads',
    method: 'POST',
    path: '/api/towns/{townId}/beads/{beadId}/archive',
    auth: 'user',
    summary: 'Put a bead away that is over or not begun; a convoy takes its members along. It stays readable and leaves the lists.',
    params: bead,
    query: none,
    body: none,
    response: beadSchema,
    status: 200,
  }),
  unarchiveBead: route({
    group: 'beads',
    method: 'POST',
    path: '/api/towns/{townId}/beads/{beadId}/unarchive',
    auth: 'user',
    summary: 'Take a bead back from the archive.',
    params: bead,
    query: none,
    body: none,
    response: beadSchema,
    status: 200,
  }),
  archiveClosed: route({
    group: 'beads',
    method: 'POST',
    path: '/api/towns/{townId}/beads/archive-closed',
    auth: 'user',
    summary: 'Put everything away that is closed by now: beads, merge requests, landed convoys. Done in steps.',
    params: town,
    query: none,
    body: none,
    response: z.object({ started: z.literal(true) }),
    status: 202,
  }),
  bulkBeads: route({
    group: 'beads',
    method: 'POST',
    path: '/api/towns/{townId}/beads/bulk',
    auth: 'user',
    summary: 'Do one thing to many beads. Each is answered by itself; the same call again does no more.',
    params: town,
    query: none,
    body: bulkInputSchema,
    response: z.object({ items: z.array(bulkResultSchema) }),
    status: 200,
  }),
  deleteBead: route({
    group: 'beads',
    method: 'DELETE',
    path: '/api/towns/{townId}/beads/{beadId}',
    auth: 'user',
    summary: 'Remove a bead and its children for good, with their dependencies. force=true also stops what is being worked on.',
    params: bead,
    query: z.strictObject({ force: z.enum(['true', 'false']).optional() }),
    response: z.object({ deleting: beadIdSchema, beads: z.int() }),
    status: 202,
  }),
} as const;
