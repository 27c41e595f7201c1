// Personas: ways of working that a worker wears for one bead.
import { z } from 'zod';
import { personaIdSchema, personaInputSchema, personaPatchSchema, personaViewSchema } from '../persona.schema.ts';
import { pageOf, pageQuerySchema, townIdSchema } from '../primitives.schema.ts';
import { none, ok, route, town } from './route.ts';

const persona = z.strictObject({ townId: townIdSchema, personaId: personaIdSchema });
const all = { group: 'personas', auth: 'user', query: none, path: '/api/towns/{townId}/personas', params: town } as const;
const one = { ...all, path: '/api/towns/{townId}/personas/{personaId}', params: persona } as const;

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
} as const;
