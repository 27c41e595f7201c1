// What a route is, and the parameters that most of them share.
import { z } from 'zod';
import { agentIdSchema, beadIdSchema, rigIdSchema, townIdSchema } from '../primitives.schema.ts';

/** One file `functions/api/<group>.handler.ts` per group. */
export const routeGroups = [
  'health',
  'auth',
  'towns',
  'rigs',
  'settings',
  'beads',
  'sling',
  'convoys',
  'agents',
  'mayor',
  'merges',
  'mail',
  'formulas',
  'personas',
  'events',
  'search',
  'debug',
  'runner',
  'mcp',
] as const;
export type RouteGroup = (typeof routeGroups)[number];
export interface Route {
  readonly group: RouteGroup;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** API Gateway form: `/api/towns/{townId}`. */
  readonly path: string;
  /** Which token is needed. `none` is for health, documents, sign-in and the runner's bootstrap. */
  readonly auth: 'none' | 'user' | 'agent' | 'runner';
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Absent: the route takes no body. */
  readonly body?: z.ZodType;
  /** The body is JSON lines and comes as one text; so does the answer of an export. */
  readonly jsonLines?: true;
  /** The answer is one text. */
  readonly plainText?: true;
  readonly response: z.ZodType;
  readonly status: 200 | 201 | 202 | 204;
}
export const none = z.strictObject({});
export const town = z.strictObject({ townId: townIdSchema });
export const rig = z.strictObject({ townId: townIdSchema, rigId: rigIdSchema });
export const bead = z.strictObject({ townId: townIdSchema, beadId: beadIdSchema });
export const agent = z.strictObject({ townId: townIdSchema, agentId: agentIdSchema });
export const ok = z.object({ ok: z.literal(true) });
export const route = <const R extends Route>(value: R): R => value;
