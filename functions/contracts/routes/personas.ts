// Personas: ways of working that a worker wears for one bead.
import { z } from 'zod';
import { personaIdSchema, personaInputSchema, personaPatchSchema, personaViewSchema, publishedPersonaSchema } from '../persona.schema.ts';
import { pageOf, pageQuerySchema, townIdSchema } from '../primitives.schema.ts';
import { none, ok, route, town } from './route.ts';

const persona = z.strictObject({ townId: townIdSchema, personaId: personaIdSchema });
const all = { group: 'personas', auth: 'user', query: none, path: '/api/towns/{townId}/personas', params: town } as const;
const one = { ...all, path: '/api/towns/{townId}/personas/{personaId}', params: persona } as const;

const published = z.strictObject({ personaId: personaIdSchema });
const registry = { group: 'personas', auth: 'user', query: none, path: '/api/registry/personas' } as const;
const publishedView = publishedPersonaSchema.omit({ registry: true });

export const personasRoutes = {
  listPersonas: route({
    ...all,
    method: 'GET',
    query: pageQuerySchema,
    response: pageOf(personaViewSchema),
    status: 200,
    summary: 'Personas that work can be slung with: the built-in ones and those of the town.',
  }),
  createPersona: route({
    ...all,
    method: 'POST',
    body: personaInputSchema,
    response: personaViewSchema,
    status: 201,
    summary: 'Make a persona of the town. One of the same id as a built-in one takes its place.',
  }),
  getPersona: route({ ...one, method: 'GET', response: personaViewSchema, status: 200, summary: 'One persona.' }),
  updatePersona: route({
    ...one,
    method: 'PATCH',
    body: personaPatchSchema,
    response: personaViewSchema,
    status: 200,
    summary: 'Change a persona of the town; what is absent stays. If-Match: version.',
  }),
  deletePersona: route({
    ...one,
    method: 'DELETE',
    response: ok,
    status: 200,
    summary: 'Remove a persona of the town. Beads that name it go on without it.',
  }),
  installPersona: route({
    ...one,
    path: '/api/towns/{townId}/personas/{personaId}/install',
    method: 'POST',
    body: none,
    response: personaViewSchema,
    status: 201,
    summary: "Copy a persona of the account's registry into the town, or take over its newest version.",
  }),
  publishPersona: route({
    ...registry,
    method: 'POST',
    params: none,
    body: z.strictObject({ fromTownId: townIdSchema, personaId: personaIdSchema }),
    response: publishedView,
    status: 201,
    summary:
      "Publish a persona of one of your towns (prompt, tools, gates, model) with its results to the account's registry, or its newest state.",
  }),
  listPublishedPersonas: route({
    ...registry,
    method: 'GET',
    params: none,
    query: pageQuerySchema,
    response: pageOf(publishedView),
    status: 200,
    summary: "Personas of the account's registry with their results, by id.",
  }),
  getPublishedPersona: route({
    ...registry,
    path: '/api/registry/personas/{personaId}',
    method: 'GET',
    params: published,
    response: publishedView,
    status: 200,
    summary: 'One persona of the registry.',
  }),
  withdrawPersona: route({
    ...registry,
    path: '/api/registry/personas/{personaId}',
    method: 'DELETE',
    params: published,
    response: ok,
    status: 200,
    summary: 'Take your persona out of the registry. Towns keep what they have installed.',
  }),
} as const;
