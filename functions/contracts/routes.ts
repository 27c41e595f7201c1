// Every REST route, once: the router, OpenAPI, the CDK routes, the web client and the fuzz tests are all made from this table.
import type { z } from 'zod';
import { agentsRoutes } from './routes/agents.ts';
import { authRoutes } from './routes/auth.ts';
import { beadCareRoutes } from './routes/bead-care.ts';
import { beadsRoutes } from './routes/beads.ts';
import { convoysRoutes } from './routes/convoys.ts';
import { dependenciesRoutes } from './routes/dependencies.ts';
import { debugRoutes } from './routes/debug.ts';
import { eventsRoutes } from './routes/events.ts';
import { formulasRoutes } from './routes/formulas.ts';
import { healthRoutes } from './routes/health.ts';
import { hostsRoutes } from './routes/hosts.ts';
import { mailRoutes } from './routes/mail.ts';
import { mayorRoutes } from './routes/mayor.ts';
import { mcpRoutes } from './routes/mcp.ts';
import { mergesRoutes } from './routes/merges.ts';
import { personasRoutes } from './routes/personas.ts';
import { rigsRoutes } from './routes/rigs.ts';
import { runnerRoutes } from './routes/runner.ts';
import { searchRoutes } from './routes/search.ts';
import { settingsRoutes } from './routes/settings.ts';
import { slingRoutes } from './routes/sling.ts';
import { townsRoutes } from './routes/towns.ts';
import { usageRoutes } from './routes/usage.ts';

export { routeGroups } from './routes/route.ts';
export type { Route, RouteGroup } from './routes/route.ts';
export type { SlingBatchInput, SlingInput } from './routes/sling.ts';
export { agentViewSchema, convoyViewSchema, mergeViewSchema, snapshotSchema } from './routes/views.ts';

export const routes = {
  ...healthRoutes,
  ...authRoutes,
  ...townsRoutes,
  ...usageRoutes,
  ...rigsRoutes,
  ...hostsRoutes,
  ...settingsRoutes,
  ...slingRoutes,
  ...beadsRoutes,
  ...beadCareRoutes,
  ...dependenciesRoutes,
  ...convoysRoutes,
  ...agentsRoutes,
  ...mailRoutes,
  ...mayorRoutes,
  ...mergesRoutes,
  ...formulasRoutes,
  ...personasRoutes,
  ...eventsRoutes,
  ...searchRoutes,
  ...debugRoutes,
  ...runnerRoutes,
  ...mcpRoutes,
} as const;
export type RouteId = keyof typeof routes;
export type RouteInput<I extends RouteId> = {
  params: z.input<(typeof routes)[I]['params']>;
  query: z.input<(typeof routes)[I]['query']>;
  body: (typeof routes)[I] extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;
};
export type RouteResponse<I extends RouteId> = z.infer<(typeof routes)[I]['response']>;
