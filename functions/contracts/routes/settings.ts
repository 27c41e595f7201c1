// Settings of a town, a rig, an organisation and a person; and the table itself.
import { z } from 'zod';
import { rigIdSchema, userIdSchema } from '../primitives.schema.ts';
import { settingRowSchema, settingsPatchSchema, settingsViewSchema } from '../settings.schema.ts';
import { none, rig, route, town } from './route.ts';

const organisation = z.strictObject({ orgId: userIdSchema });
const read = { group: 'settings', method: 'GET', auth: 'user', query: none, response: settingsViewSchema, status: 200 } as const;
const change = { ...read, method: 'PATCH' } as const;
const absent = 'what is absent stays, null takes a value away';

export const settingsRoutes = {
  getConfig: route({
    ...read,
    path: '/api/towns/{townId}/config',
    params: town,
    summary: 'What is set for the town itself, secrets masked.',
  }),
  updateConfig: route({
    ...change,
    path: '/api/towns/{townId}/config',
    params: town,
    body: settingsPatchSchema('town'),
    summary: `Change settings of the town; ${absent}. If-Match: version of the town.`,
  }),
  getRigConfig: route({
    ...read,
    path: '/api/towns/{townId}/rigs/{rigId}/config',
    params: rig,
    summary: 'What is set for the rig itself, secrets masked.',
  }),
  updateRigConfig: route({
    ...change,
    path: '/api/towns/{townId}/rigs/{rigId}/config',
    params: rig,
    body: settingsPatchSchema('rig'),
    summary: `Change settings of the rig; ${absent}. If-Match: version of the rig.`,
  }),
  getOrgConfig: route({
    ...read,
    path: '/api/orgs/{orgId}/config',
    params: organisation,
    summary: 'What is set for the organisation: at present the person who owns the towns.',
  }),
  updateOrgConfig: route({
    ...change,
    path: '/api/orgs/{orgId}/config',
    params: organisation,
    body: settingsPatchSchema('organisation'),
    summary: `Change settings of the organisation, for all its towns; ${absent}.`,
  }),
  getMyConfig: route({ ...read, path: '/api/me/config', params: none, summary: 'What I have set for myself.' }),
  updateMyConfig: route({
    ...change,
    path: '/api/me/config',
    params: none,
    body: settingsPatchSchema('user'),
    summary: `Change my own settings, for all my towns; ${absent}.`,
  }),
  listSettings: route({
    ...read,
    path: '/api/towns/{townId}/settings',
    params: town,
    query: z.strictObject({ rigId: rigIdSchema.optional() }),
    response: z.object({ items: z.array(settingRowSchema) }),
    summary: 'Every setting with its meaning, what holds for the town (or one of its rigs), and which scope says so. Secrets masked.',
  }),
} as const;
