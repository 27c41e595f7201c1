// Connections of a town to git hosts, and whether a repository can be worked with.
import { z } from 'zod';
import {
  hostConnectionIdSchema,
  hostConnectionPatchSchema,
  hostConnectionViewSchema,
  newHostConnectionSchema,
} from '../host-connection.schema.ts';
import { townIdSchema } from '../primitives.schema.ts';
import { none, rig, route, town } from './route.ts';

const connection = z.strictObject({ townId: townIdSchema, hostConnectionId: hostConnectionIdSchema });

export const hostsRoutes = {
  connectHost: route({
    group: 'rigs',
    method: 'POST',
    path: '/api/towns/{townId}/hosts',
    auth: 'user',
    summary: 'Connect a git host: an app that is installed there, or a token. The host is asked before anything is stored.',
    params: town,
    query: none,
    body: newHostConnectionSchema,
    response: hostConnectionViewSchema,
    status: 201,
  }),
  listHosts: route({
    group: 'rigs',
    method: 'GET',
    path: '/api/towns/{townId}/hosts',
    auth: 'user',
    summary: 'Connections to git hosts, without their secrets.',
    params: town,
    query: none,
    response: z.object({ items: z.array(hostConnectionViewSchema) }),
    status: 200,
  }),
  updateHost: route({
    group: 'rigs',
    method: 'PATCH',
    path: '/api/towns/{townId}/hosts/{hostConnectionId}',
    auth: 'user',
    summary: 'Change the name, or give a new key, token or installation, which is tried first.',
    params: connection,
    query: none,
    body: hostConnectionPatchSchema,
    response: hostConnectionViewSchema,
    status: 200,
  }),
  disconnectHost: route({
    group: 'rigs',
    method: 'DELETE',
    path: '/api/towns/{townId}/hosts/{hostConnectionId}',
    auth: 'user',
    summary: 'Remove a connection and its secret. Refused while a repository uses it.',
    params: connection,
    query: none,
    response: hostConnectionViewSchema,
    status: 200,
  }),
  checkRig: route({
    group: 'rigs',
    method: 'POST',
    path: '/api/towns/{townId}/rigs/{rigId}/check',
    auth: 'user',
    summary: 'Ask the host whether the repository can be read, pushed to, and worked with in pull requests. Changes nothing.',
    params: rig,
    query: none,
    response: z.object({
      push: z.object({ ok: z.boolean(), message: z.string() }),
      pullRequests: z.object({ ok: z.boolean(), message: z.string() }),
    }),
    status: 200,
  }),
} as const;
