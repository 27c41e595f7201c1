// Every REST route, once: the router, OpenAPI, the CDK routes, the web client and the fuzz tests are all made from this table.
import { z } from 'zod';
import { agentReportSchema, agentSchema } from './agent.schema.ts';
import { beadSchema, beadStatusSchema, beadTypeSchema, commitSchema, dependencySchema, eventSchema, mergeModeSchema } from './bead.schema.ts';
import { agentIdSchema, beadIdSchema, bodySchema, branchSchema, isoTimeSchema, labelSchema, limits, metadataSchema, pageOf, pageQuerySchema, prioritySchema, rigIdSchema, textOfBytes, titleSchema, townIdSchema, ulidSchema } from './primitives.schema.ts';
import {
  bootstrapRequestSchema, bootstrapResponseSchema, desiredSchema, fileDiffSchema, gitCredentialRequestSchema, gitCredentialResponseSchema, pushCheckRequestSchema,
  pushCheckResponseSchema, reportResponseSchema, reportSchema, runnerTokensRequestSchema, runnerTokensResponseSchema, runtimeLeaseSchema, sessionPartSchema, sessionPartsRequestSchema,
} from './runner.schema.ts';
import { gateSchema, gitUrlSchema, mayorContextSchema, mayorMessageSchema, rigSchema, townConfigPatchSchema, townConfigSchema, townViewSchema } from './town.schema.ts';

/** One file `functions/api/<group>.handler.ts` per group. */
export const routeGroups = ['health', 'auth', 'towns', 'rigs', 'beads', 'sling', 'convoys', 'agents', 'mayor', 'merges', 'events', 'runner', 'mcp'] as const;
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
  readonly response: z.ZodType;
  readonly status: 200 | 201 | 202 | 204;
}
const none = z.strictObject({});
const town = z.strictObject({ townId: townIdSchema });
const rig = z.strictObject({ townId: townIdSchema, rigId: rigIdSchema });
const bead = z.strictObject({ townId: townIdSchema, beadId: beadIdSchema });
const agent = z.strictObject({ townId: townIdSchema, agentId: agentIdSchema });
const ok = z.object({ ok: z.literal(true) });
const rigInput = {
  name: z.string().trim().min(1).max(80),
  gitUrl: gitUrlSchema,
  /** Found by asking the repository when absent. */
  defaultBranch: branchSchema.optional(),
  prefix: z.string().regex(/^[a-z]{2,6}$/, '2 to 6 lower-case letters').optional(),
  gates: z.array(gateSchema).max(10).optional(),
  credential: z.strictObject({ username: z.string().max(200), password: z.string().min(1).max(4000) }).optional(),
};
const sling = z.strictObject({
  rigId: rigIdSchema,
  title: titleSchema,
  body: bodySchema.default(''),
  kind: z.enum(['work', 'no-code']).default('work'),
  issueType: z.string().min(1).max(40).default('task'),
  labels: z.array(labelSchema).max(20).default([]),
  metadata: metadataSchema.default({}),
  dependsOn: z.array(beadIdSchema).max(50).default([]),
  priority: prioritySchema.default('medium'),
});
const slingBatch = z.strictObject({
  title: titleSchema,
  rigId: rigIdSchema.optional(),
  tasks: z.array(z.strictObject({
    title: titleSchema,
    body: bodySchema.default(''),
    rigId: rigIdSchema.optional(),
    dependsOn: z.array(z.int().min(0)).max(limits.batchTasks).default([]),
    priority: prioritySchema.default('medium'),
  })).min(1).max(limits.batchTasks),
  mergeMode: mergeModeSchema.default('review-and-merge'),
  parallel: z.boolean().default(false),
  staged: z.boolean().default(false),
});
export type SlingInput = z.infer<typeof sling>;
export type SlingBatchInput = z.infer<typeof slingBatch>;

/** A bead as clients see it: review tokens and other server-only fields are left out by the handler. */
export const convoyViewSchema = z.object({
  convoy: beadSchema,
  members: z.array(z.object({ bead: beadSchema, dependsOn: z.array(beadIdSchema) })),
  progress: z.object({ total: z.int(), closed: z.int(), failed: z.int() }),
});
export const mergeViewSchema = z.object({ request: beadSchema, source: beadSchema.optional(), needsAttention: z.boolean(), sentence: z.string() });
export const agentViewSchema = z.object({ agent: agentSchema, report: agentReportSchema.optional(), hookTitle: z.string().optional() });
export const snapshotSchema = z.object({
  town: townViewSchema,
  rigs: z.array(rigSchema),
  runtime: runtimeLeaseSchema.omit({ bootstrapTokenHash: true, instanceId: true }).optional(),
  counters: z.object({ open: z.int(), in_progress: z.int(), in_review: z.int(), closed: z.int(), failed: z.int() }),
  convoys: z.array(beadSchema),
  agents: z.array(agentViewSchema),
  escalations: z.array(beadSchema),
  lastEventId: z.string().optional(),
});

const route = <const R extends Route>(value: R): R => value;
export const routes = {
  health: route({ group: 'health', method: 'GET', path: '/health', auth: 'none', summary: 'Is the control plane up?', params: none, query: none, response: z.object({ status: z.literal('ok'), version: z.string() }), status: 200 }),
  openapi: route({ group: 'health', method: 'GET', path: '/openapi.json', auth: 'none', summary: 'This API as an OpenAPI 3.1 document.', params: none, query: none, response: z.record(z.string(), z.json()), status: 200 }),

  signIn: route({ group: 'auth', method: 'POST', path: '/api/auth/sign-in', auth: 'none', summary: 'Exchange the code of a one-time link for a user token (local towns).', params: none, query: none, body: z.strictObject({ code: z.string().min(8).max(200) }), response: z.object({ token: z.string(), userId: z.string(), expiresAtMs: z.int() }), status: 200 }),
  me: route({ group: 'auth', method: 'GET', path: '/api/me', auth: 'user', summary: 'Who am I?', params: none, query: none, response: z.object({ userId: z.string() }), status: 200 }),
  wsTicket: route({ group: 'auth', method: 'POST', path: '/api/ws-ticket', auth: 'user', summary: 'One-time ticket for /ws?ticket=, valid 30 s.', params: none, query: none, response: z.object({ ticket: z.string(), wsUrl: z.string() }), status: 201 }),

  createTown: route({ group: 'towns', method: 'POST', path: '/api/towns', auth: 'user', summary: 'Create a town.', params: none, query: none, body: z.strictObject({ name: z.string().trim().min(1).max(80), config: townConfigPatchSchema.optional() }), response: townViewSchema, status: 201 }),
  listTowns: route({ group: 'towns', method: 'GET', path: '/api/towns', auth: 'user', summary: 'My towns.', params: none, query: pageQuerySchema, response: pageOf(townViewSchema), status: 200 }),
  getTown: route({ group: 'towns', method: 'GET', path: '/api/towns/{townId}', auth: 'user', summary: 'One town.', params: town, query: none, response: townViewSchema, status: 200 }),
  updateTown: route({ group: 'towns', method: 'PATCH', path: '/api/towns/{townId}', auth: 'user', summary: 'Rename a town. If-Match: version.', params: town, query: none, body: z.strictObject({ name: z.string().trim().min(1).max(80) }), response: townViewSchema, status: 200 }),
  getConfig: route({ group: 'towns', method: 'GET', path: '/api/towns/{townId}/config', auth: 'user', summary: 'The town configuration, keys masked.', params: town, query: none, response: townConfigSchema, status: 200 }),
  updateConfig: route({ group: 'towns', method: 'PATCH', path: '/api/towns/{townId}/config', auth: 'user', summary: 'Change parts of the configuration; what is absent stays. If-Match: version.', params: town, query: none, body: townConfigPatchSchema, response: townConfigSchema, status: 200 }),
  snapshot: route({ group: 'towns', method: 'GET', path: '/api/towns/{townId}/snapshot', auth: 'user', summary: 'Everything the overview needs.', params: town, query: none, response: snapshotSchema, status: 200 }),

  createRig: route({ group: 'rigs', method: 'POST', path: '/api/towns/{townId}/rigs', auth: 'user', summary: 'Connect a git repository; it is reached and asked for its default branch before anything is stored.', params: town, query: none, body: z.strictObject(rigInput), response: rigSchema, status: 201 }),
  listRigs: route({ group: 'rigs', method: 'GET', path: '/api/towns/{townId}/rigs', auth: 'user', summary: 'Rigs of a town.', params: town, query: pageQuerySchema, response: pageOf(rigSchema), status: 200 }),
  getRig: route({ group: 'rigs', method: 'GET', path: '/api/towns/{townId}/rigs/{rigId}', auth: 'user', summary: 'One rig.', params: rig, query: none, response: rigSchema, status: 200 }),
  updateRig: route({ group: 'rigs', method: 'PATCH', path: '/api/towns/{townId}/rigs/{rigId}', auth: 'user', summary: 'Change name or gates. If-Match: version.', params: rig, query: none, body: z.strictObject({ name: rigInput.name.optional(), gates: rigInput.gates }), response: rigSchema, status: 200 }),

  sling: route({ group: 'sling', method: 'POST', path: '/api/towns/{townId}/sling', auth: 'user', summary: 'Create one bead and let it be worked.', params: town, query: none, body: sling, response: beadSchema, status: 201 }),
  slingBatch: route({ group: 'sling', method: 'POST', path: '/api/towns/{townId}/sling-batch', auth: 'user', summary: 'Create a convoy of beads in one atomic act.', params: town, query: none, body: slingBatch, response: convoyViewSchema, status: 201 }),

  createBead: route({ group: 'beads', method: 'POST', path: '/api/towns/{townId}/beads', auth: 'user', summary: 'Create a bead without letting it be worked (held).', params: town, query: none, body: sling, response: beadSchema, status: 201 }),
  listBeads: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads', auth: 'user', summary: 'Beads of one type, newest change first.', params: town, query: pageQuerySchema.extend({ type: beadTypeSchema.optional(), status: beadStatusSchema.optional(), rigId: rigIdSchema.optional() }), response: pageOf(beadSchema), status: 200 }),
  getBead: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads/{beadId}', auth: 'user', summary: 'One bead with its dependencies.', params: bead, query: none, response: z.object({ bead: beadSchema, dependsOn: z.array(dependencySchema), dependents: z.array(dependencySchema) }), status: 200 }),
  updateBead: route({ group: 'beads', method: 'PATCH', path: '/api/towns/{townId}/beads/{beadId}', auth: 'user', summary: 'Change fields, hold or release. If-Match: version.', params: bead, query: none, body: z.strictObject({ title: titleSchema.optional(), body: bodySchema.optional(), priority: prioritySchema.optional(), held: z.boolean().optional() }), response: beadSchema, status: 200 }),
  closeBead: route({ group: 'beads', method: 'POST', path: '/api/towns/{townId}/beads/{beadId}/close', auth: 'user', summary: 'Close a bead by hand.', params: bead, query: none, body: z.strictObject({ reason: z.string().max(2000).optional() }), response: beadSchema, status: 200 }),
  failBead: route({ group: 'beads', method: 'POST', path: '/api/towns/{townId}/beads/{beadId}/fail', auth: 'user', summary: 'Give a bead up, with a reason.', params: bead, query: none, body: z.strictObject({ reason: z.string().min(1).max(2000) }), response: beadSchema, status: 200 }),
  beadEvents: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads/{beadId}/events', auth: 'user', summary: 'Timeline of a bead, oldest first.', params: bead, query: pageQuerySchema, response: pageOf(eventSchema), status: 200 }),
  beadCommits: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads/{beadId}/commits', auth: 'user', summary: 'Commits of a bead.', params: bead, query: none, response: z.object({ items: z.array(commitSchema) }), status: 200 }),
  beadDiff: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads/{beadId}/diff', auth: 'user', summary: 'What the bead changes. 202 with the same body and ready: false while the runner computes it; ask again.', params: bead, query: none, response: z.object({ ready: z.boolean(), baseSha: z.string().optional(), headSha: z.string().optional(), files: z.array(fileDiffSchema), truncated: z.boolean(), message: z.string().optional() }), status: 200 }),
  beadExplain: route({ group: 'beads', method: 'GET', path: '/api/towns/{townId}/beads/{beadId}/explain', auth: 'user', summary: 'Why is nothing happening to this bead?', params: bead, query: none, response: z.object({ sentence: z.string(), reasons: z.array(z.object({ code: z.string(), message: z.string(), beadId: beadIdSchema.optional() })) }), status: 200 }),

  createConvoy: route({ group: 'convoys', method: 'POST', path: '/api/towns/{townId}/convoys', auth: 'user', summary: 'Same as sling-batch.', params: town, query: none, body: slingBatch, response: convoyViewSchema, status: 201 }),
  listConvoys: route({ group: 'convoys', method: 'GET', path: '/api/towns/{townId}/convoys', auth: 'user', summary: 'Convoys with their progress, newest change first.', params: town, query: pageQuerySchema.extend({ status: beadStatusSchema.optional() }), response: pageOf(beadSchema), status: 200 }),
  getConvoy: route({ group: 'convoys', method: 'GET', path: '/api/towns/{townId}/convoys/{beadId}', auth: 'user', summary: 'A convoy with its members and progress.', params: bead, query: none, response: convoyViewSchema, status: 200 }),

  listAgents: route({ group: 'agents', method: 'GET', path: '/api/towns/{townId}/agents', auth: 'user', summary: 'Agents, active first.', params: town, query: pageQuerySchema, response: pageOf(agentViewSchema), status: 200 }),
  getAgent: route({ group: 'agents', method: 'GET', path: '/api/towns/{townId}/agents/{agentId}', auth: 'user', summary: 'One agent.', params: agent, query: none, response: agentViewSchema, status: 200 }),
  agentEvents: route({ group: 'agents', method: 'GET', path: '/api/towns/{townId}/agents/{agentId}/events', auth: 'user', summary: 'Events of an agent, oldest first.', params: agent, query: pageQuerySchema, response: pageOf(eventSchema), status: 200 }),
  agentSession: route({ group: 'agents', method: 'GET', path: '/api/towns/{townId}/agents/{agentId}/session', auth: 'user', summary: 'Complete parts of the agent session, oldest first.', params: agent, query: pageQuerySchema.extend({ beadId: beadIdSchema.optional() }), response: pageOf(z.object({ epoch: z.int(), beadId: beadIdSchema.optional(), parts: z.array(sessionPartSchema) })), status: 200 }),

  mayorMessages: route({ group: 'mayor', method: 'GET', path: '/api/towns/{townId}/mayor/messages', auth: 'user', summary: 'My conversation with the Mayor, newest first.', params: town, query: pageQuerySchema, response: pageOf(mayorMessageSchema), status: 200 }),
  sayToMayor: route({ group: 'mayor', method: 'POST', path: '/api/towns/{townId}/mayor/messages', auth: 'user', summary: 'Say something to the Mayor.', params: town, query: none, body: z.strictObject({ text: textOfBytes(limits.chatBytes).refine((text) => text.trim() !== '', { error: 'write something first' }), context: mayorContextSchema.optional() }), response: mayorMessageSchema, status: 201 }),

  listMerges: route({ group: 'merges', method: 'GET', path: '/api/towns/{townId}/merges', auth: 'user', summary: 'Merge requests, those that need attention first.', params: town, query: pageQuerySchema.extend({ status: beadStatusSchema.optional() }), response: pageOf(mergeViewSchema), status: 200 }),

  listEvents: route({ group: 'events', method: 'GET', path: '/api/towns/{townId}/events', auth: 'user', summary: 'The feed. `after` is an event id; newest=true reads the newest first.', params: town, query: pageQuerySchema.extend({ after: ulidSchema.optional(), newest: z.enum(['true', 'false']).optional() }), response: pageOf(eventSchema), status: 200 }),
  debugPlan: route({ group: 'events', method: 'GET', path: '/api/towns/{townId}/debug/plan', auth: 'user', summary: 'Dry run of the reconciler: what a pass would do now.', params: town, query: none, response: z.object({ actions: z.array(z.object({ rule: z.string(), kind: z.string(), subject: z.string(), sentence: z.string() })), wakeAt: isoTimeSchema.optional() }), status: 200 }),

  runnerBootstrap: route({ group: 'runner', method: 'POST', path: '/runner/bootstrap', auth: 'none', summary: 'Exchange the bootstrap token for a runner token.', params: none, query: none, body: bootstrapRequestSchema, response: bootstrapResponseSchema, status: 200 }),
  runnerDesired: route({ group: 'runner', method: 'GET', path: '/runner/desired', auth: 'runner', summary: 'The full desired set.', params: none, query: none, response: desiredSchema, status: 200 }),
  runnerReport: route({ group: 'runner', method: 'POST', path: '/runner/report', auth: 'runner', summary: 'What the runner observes.', params: none, query: none, body: reportSchema, response: reportResponseSchema, status: 200 }),
  runnerTokens: route({ group: 'runner', method: 'POST', path: '/runner/tokens', auth: 'runner', summary: 'Fresh tokens.', params: none, query: none, body: runnerTokensRequestSchema, response: runnerTokensResponseSchema, status: 200 }),
  runnerTicket: route({ group: 'runner', method: 'POST', path: '/runner/ws-ticket', auth: 'runner', summary: 'Ticket for the runner WebSocket.', params: none, query: none, response: z.object({ ticket: z.string(), wsUrl: z.string() }), status: 201 }),
  runnerPushCheck: route({ group: 'runner', method: 'POST', path: '/runner/push-check', auth: 'runner', summary: 'May this push happen; what the host has after it.', params: none, query: none, body: pushCheckRequestSchema, response: pushCheckResponseSchema, status: 200 }),
  runnerGitCredential: route({ group: 'runner', method: 'POST', path: '/runner/git-credential', auth: 'runner', summary: 'Credential of a rig.', params: none, query: none, body: gitCredentialRequestSchema, response: gitCredentialResponseSchema, status: 200 }),
  runnerSession: route({ group: 'runner', method: 'POST', path: '/runner/session', auth: 'runner', summary: 'Store complete parts of a session.', params: none, query: none, body: sessionPartsRequestSchema, response: ok, status: 200 }),

  mcp: route({ group: 'mcp', method: 'POST', path: '/mcp', auth: 'agent', summary: 'Agent tools (MCP, streamable HTTP, stateless).', params: none, query: none, body: z.json(), response: z.json(), status: 200 }),
} as const;
export type RouteId = keyof typeof routes;
export type RouteInput<I extends RouteId> = {
  params: z.input<(typeof routes)[I]['params']>;
  query: z.input<(typeof routes)[I]['query']>;
  body: (typeof routes)[I] extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;
};
export type RouteResponse<I extends RouteId> = z.infer<(typeof routes)[I]['response']>;
