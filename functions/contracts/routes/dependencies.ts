// What a bead waits for.
import { z } from 'zod';
import { dependencyTypeSchema, gateSchema } from '../dependency.schema.ts';
import { beadIdSchema } from '../primitives.schema.ts';
import { bead, none, route } from './route.ts';
import { beadDetailSchema } from './views.ts';

const path = '/api/towns/{townId}/beads/{beadId}/dependencies';

export const dependenciesRoutes = {
  addDependency: route({
    group: 'beads',
    method: 'POST',
    path,
    auth: 'user',
    summary:
      'Make an open bead wait for another, or tell how two beads belong together. Type `blocks` unless said otherwise; unknown types are kept and do not block.',
    params: bead,
    query: none,
    body: z.strictObject({ dependsOnId: beadIdSchema, type: dependencyTypeSchema.optional(), gate: gateSchema.optional() }),
    response: beadDetailSchema,
    status: 200,
  }),
  replaceDependencies: route({
    group: 'beads',
    method: 'PUT',
    path,
    auth: 'user',
    summary: 'Replace what the bead waits for (type `blocks`) as a whole; other types stay.',
    params: bead,
    query: none,
    body: z.strictObject({ dependsOn: z.array(beadIdSchema).max(50) }),
    response: beadDetailSchema,
    status: 200,
  }),
  removeDependency: route({
    group: 'beads',
    method: 'DELETE',
    path,
    auth: 'user',
    summary: 'Remove the dependencies on another bead, of one type or of all.',
    params: bead,
    query: z.strictObject({ dependsOnId: beadIdSchema, type: dependencyTypeSchema.optional() }),
    response: beadDetailSchema,
    status: 200,
  }),
} as const;
