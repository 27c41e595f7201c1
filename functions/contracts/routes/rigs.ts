// Rigs: the repositories of a town.
import { z } from 'zod';
import { branchSchema, lineSchema, nameSchema, pageOf, pageQuerySchema } from '../primitives.schema.ts';
import { gateSchema } from '../gate.schema.ts';
import { hostConnectionIdSchema } from '../host-connection.schema.ts';
import { gitUrlSchema, rigViewSchema } from '../town.schema.ts';
import { none, rig, route, town } from './route.ts';

const rigInput = {
  name: nameSchema,
  gitUrl: gitUrlSchema,
  /** Found by asking the repository when absent. */
  defaultBranch: branchSchema.optional(),
  prefix: z
    .string()
    .regex(/^[a-z]{2,6}$/, '2 to 6 lower-case letters')
    .optional(),
  gates: z.array(gateSchema).max(10).optional(),
  /** Used where there is no connection, and where the connection is not let. */
  credential: z.strictObject({ username: lineSchema.max(200), password: lineSchema.min(1).max(4000) }).optional(),
  /** A connection of the town; with one, the URL is https. */
  hostConnectionId: hostConnectionIdSchema.optional(),
};
export const rigsRoutes = {
  createRig: route({
    group: 'rigs',
    method: 'POST',
    path: '/api/towns/{townId}/rigs',
    auth: 'user',
    summary:
      'Connect a git repository; it is reached and asked for its default branch and for the right to push before anything is stored.',
    params: town,
    query: none,
    body: z.strictObject(rigInput),
    response: rigViewSchema,
    status: 201,
  }),
  listRigs: route({
    group: 'rigs',
    method: 'GET',
    path: '/api/towns/{townId}/rigs',
    auth: 'user',
    summary: 'Rigs of a town.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(rigViewSchema),
    status: 200,
  }),
  getRig: route({
    group: 'rigs',
    method: 'GET',
    path: '/api/towns/{townId}/rigs/{rigId}',
    auth: 'user',
    summary: 'One rig.',
    params: rig,
    query: none,
    response: rigViewSchema,
    status: 200,
  }),
  updateRig: route({
    group: 'rigs',
    method: 'PATCH',
    path: '/api/towns/{townId}/rigs/{rigId}',
    auth: 'user',
    summary: 'Change name, gates or with what the host is asked, which is tried first; null takes it away. If-Match: version.',
    params: rig,
    query: none,
    body: z.strictObject({
      name: rigInput.name.optional(),
      gates: rigInput.gates,
      credential: rigInput.credential.nullable(),
      hostConnectionId: rigInput.hostConnectionId.nullable(),
    }),
    response: rigViewSchema,
    status: 200,
  }),
  deleteRig: route({
    group: 'rigs',
    method: 'DELETE',
    path: '/api/towns/{townId}/rigs/{rigId}',
    auth: 'user',
    summary: 'Disconnect a repository; its beads stay readable. Refused while beads are unfinished, unless force=true gives them up.',
    params: rig,
    query: z.strictObject({ force: z.enum(['true', 'false']).optional() }),
    response: rigViewSchema,
    status: 200,
  }),
} as const;
