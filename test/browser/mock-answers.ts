// Answers of the mock control plane, one per route that the dashboard uses (others answer 404); the route table types each.
import type { z } from 'zod';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { routes, RouteResponse } from '../../functions/contracts/routes.ts';
import { settingsViewSchema, storedSettingsSchema } from '../../functions/contracts/settings.schema.ts';
import type { MayorMessage } from '../../functions/contracts/town.schema.ts';
import { countMembers } from '../../functions/domain/convoy/progress.ts';
import { convoySentence } from '../../functions/domain/convoy/sentence.ts';
import { wavesOf } from '../../functions/domain/convoy/waves.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { isConvoy, isMergeRequest } from '../../functions/domain/bead-writes.ts';
import { settingRows } from '../../functions/domain/setting-rows.ts';
import { mergeNeedsAttention, mergeSentence } from '../../functions/domain/merge-sentence.ts';
import { deleteMock, resumeMock, stopMock } from './mock-ends.ts';
import { mockSearch } from './mock-search.ts';
import { moleculeOf, openGate } from './mock-steps.ts';
import { mockConfig, townId, userId } from './mock-town.ts';
import type { MockTown } from './mock-town.ts';

export class Refusal extends Error {
  readonly status: number;
  readonly errors: { path: string; message: string }[];
  constructor(status: number, detail: string, errors: { path: string; message: string }[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}
/** Routes that no page calls. */
type Unanswered =
  | `runner${string}`
  | 'mcp'
  | 'openapi'
  | 'debugPlan'
  | 'createConvoy'
  | `${string}Formula`
  | `${string}Persona`
  | `${string}Personas`
  | 'advanceMolecule'
  | `${string}Formulas`
  | 'addDependency'
  | 'replaceDependencies'
  | 'removeDependency'
  | 'archiveBead'
  | 'unarchiveBead'
  | 'archiveClosed'
  | 'bulkBeads'
  | 'deleteBead'
  | 'startBead'
  | 'retryBead'
  | 'commentBead';
type AnsweredId = Exclude<keyof typeof routes, Unanswered>;
interface Call<I extends AnsweredId> {
  readonly params: z.output<(typeof routes)[I]['params']>;
  readonly query: z.output<(typeof routes)[I]['query']>;
  readonly body: (typeof routes)[I] extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined;
  readonly ifMatch: number | undefined;
}
export type Answers = { readonly [I in AnsweredId]?: (call: Call<I>) => RouteResponse<I> };
export interface Stage {
  readonly town: MockTown;
  readonly wsUrl: () => string;
  readonly takeCode: (code: string) => boolean;
  readonly newTicket: () => string;
  /** Tells the browsers that these topics changed. */
  readonly changed: (...topics: string[]) => void;
  /** Runs a little later, as agents would; stopped with the server. */
  readonly later: (ms: number, act: () => void) => void;
}

const signupPatch = `diff --git a/src/signup.ts b/src/signup.ts
index 1111111..2222222 100644
--- a/src/signup.ts
+++ b/src/signup.ts
@@ -11,7 +11,8 @@ export const signUp = async (body: Body): Promise<Answer> => {
   const email = requiredText(body, 'email');
-  const password = body.password;
+  const password = requiredText(body, 'password');
+  if (password.trim() === '') return refused('A password is needed.');
   if (await users.exists(email)) return refused('This address is taken.');
   await users.create({ email, password });
   return accepted();
`;
const newFile = `@@ -0,0 +1,3 @@
+it('says that a password is needed', async () => {
+  expect((await signUp({ email: 'ada@example.com', password: '' })).detail).toBe('A password is needed.');
+});
`;

const newest = (left: { updatedAt: string }, right: { updatedAt: string }): number => (left.updatedAt < right.updatedAt ? 1 : -1);
const paged = <T>(
  all: readonly T[],
  query: { limit?: number | undefined; cursor?: string | undefined },
): { items: T[]; cursor?: string } => {
  const from = Number(query.cursor ?? 0);
  const limit = query.limit ?? 50;
  return { items: all.slice(from, from + limit), ...(from + limit < all.length ? { cursor: String(from + limit) } : {}) };
};

const firstOf = (town: MockTown): MockTown['towns'][number] => {
  const [first] = town.towns;
  if (first === undefined) throw new Refusal(404, 'There is no such town.');
  return first;
};
const roles = ['default', 'mayor', 'polecat', 'refinery'] as const;
const routeKey = (role: (typeof roles)[number]) => `models.${role}` as const;
type Config = RouteResponse<'getConfig'>;
/** Keys are kept aside, their masks stay; a mask that comes back keeps the stored key. */
/** What a change sets, and what it leaves of the rest: null takes a value away. */
const patchOf = (config: Config, body: object): { readonly patch: Config; readonly kept: Config } => {
  const named = Object.entries(body);
  const patch = settingsViewSchema.parse(Object.fromEntries(named.filter(([, value]) => value !== null)));
  const changed = new Set(named.map(([key]) => key));
  const kept = settingsViewSchema.parse(Object.fromEntries(Object.entries(config).filter(([key]) => !changed.has(key))));
  return { patch, kept };
};
const withModels = (town: MockTown, config: Config, patch: Config): Config => {
  const models: Config = {};
  for (const role of roles) {
    const route = patch[routeKey(role)];
    if (route === undefined) continue;
    models[routeKey(role)] = route;
    if (!('apiKey' in route) || route.apiKey === undefined || route.apiKey.startsWith('****')) continue;
    town.keys.set(role, route.apiKey);
    models[routeKey(role)] = { ...route, apiKey: `****${route.apiKey.slice(-4)}` };
  }
  return { ...config, ...models };
};

export const createAnswers = (stage: Stage): Answers => {
  const { town } = stage;
  const beads = (): Bead[] => [...town.beads.values()].toSorted(newest);
  const beadOf = (beadId: string): Bead => {
    const bead = town.beads.get(beadId);
    if (bead === undefined) throw new Refusal(404, `There is no bead ${beadId}.`);
    return bead;
  };
  const own = (id: string): void => {
    if (!town.towns.some((known) => known.townId === id)) throw new Refusal(404, `There is no town ${id}.`);
  };
  const agentViews = (): RouteResponse<'listAgents'>['items'] =>
    [...town.agents.values()].map((agent) => {
      const hook = agent.hookBeadId === undefined ? undefined : town.beads.get(agent.hookBeadId);
      return { agent, ...(hook === undefined ? {} : { hookTitle: hook.title }) };
    });
  const convoyOf = (beadId: string): RouteResponse<'getConvoy'> => {
    const convoy = beadOf(beadId);
    if (convoy.details.type !== 'convoy') throw new Refusal(404, `There is no convoy ${beadId}.`);
    const members = convoy.details.memberIds.map((id) => ({
      bead: beadOf(id),
      dependsOn: town.edges.filter((edge) => edge.beadId === id && edge.type === 'blocks').map((edge) => edge.dependsOnId),
    }));
    const progress = { total: members.length, closed: convoy.details.closedBeads, failed: convoy.details.failedBeads };
    const waves = wavesOf(members.map(({ bead, dependsOn }) => ({ id: bead.beadId, dependsOn })));
    return { convoy, members, progress, waves, sentence: `${progress.closed} of ${progress.total} beads are done.` };
  };
  const changedConvoy = (beadId: string, change: { readonly staged: boolean }): RouteResponse<'getConvoy'> => {
    const { convoy } = convoyOf(beadId);
    if (convoy.details.type === 'convoy') town.beads.set(beadId, { ...convoy, details: { ...convoy.details, ...change } });
    stage.changed('convoys', 'feed');
    return convoyOf(beadId);
  };
  const addIssue = (body: { title: string; body: string; rigId: string; priority: Bead['priority'] }, held: boolean): Bead => {
    const beadId = `shop-n${(town.beads.size + 36).toString(36)}z`;
    const bead = newBead(
      {
        townId,
        beadId,
        title: body.title,
        requestedBy: userId,
        createdBy: `user:${userId}`,
        at: new Date().toISOString(),
        details: { type: 'issue', issueType: 'task', kind: 'work', commits: [] },
      },
      { rigId: body.rigId, body: body.body, priority: body.priority, held },
    );
    town.beads.set(beadId, bead);
    town.record('created', `user:${userId}`, { beadId, new: bead.title });
    stage.changed('beads', 'feed');
    return bead;
  };
  const end = (beadId: string, status: 'closed' | 'failed', reason: string | undefined): Bead => {
    const bead = town.change(beadId, {
      status,
      closedAt: new Date().toISOString(),
      ...(status === 'failed' ? { failure: { code: 'given_up', message: reason ?? '' } } : {}),
    });
    town.record('status_changed', `user:${userId}`, { beadId, new: status, data: reason === undefined ? {} : { reason } });
    stage.changed('beads', 'feed');
    return bead;
  };
  const explained = (bead: Bead): RouteResponse<'beadExplain'> => {
    const blockers = town.edges.filter((edge) => edge.beadId === bead.beadId && edge.type === 'blocks' && !edge.resolved);
    if (bead.held)
      return {
        sentence: 'It is held: somebody has to release it.',
        reasons: [{ code: 'held', message: 'It is held: somebody has to release it.' }],
      };
    if (blockers.length > 0)
      return {
        sentence: `It waits for ${blockers.map((edge) => edge.dependsOnId).join(', ')}.`,
        reasons: blockers.map((edge) => ({
          code: 'blocked',
          message: `${beadOf(edge.dependsOnId).title} is not done yet.`,
          beadId: edge.dependsOnId,
        })),
      };
    const request = bead.details.type === 'issue' ? town.beads.get(bead.details.latestMergeRequestId ?? '') : undefined;
    if (bead.status === 'in_review' && request !== undefined && isMergeRequest(request)) {
      const message = `Its merge request ${request.beadId}: ${mergeSentence(request)}`;
      return { sentence: message, reasons: [{ code: 'in_review', message, beadId: request.beadId }] };
    }
    if (isConvoy(bead)) {
      const members = bead.details.memberIds.map((id) => beadOf(id));
      return { sentence: convoySentence(bead, countMembers(bead.details, members), Date.now()), reasons: [] };
    }
    if (bead.status === 'in_progress')
      return { sentence: `${bead.assigneeAgentId ?? 'An agent'} works on it and was active a minute ago.`, reasons: [] };
    return { sentence: 'It waits for a free worker; one will take it within seconds.', reasons: [] };
  };
  const stepsOf = (beadId: string): RouteResponse<'getMolecule'> => {
    const view = moleculeOf(town, beadOf(beadId));
    if (view === undefined) throw new Refusal(404, `${beadId} has no steps.`);
    return view;
  };
  const answerMessage = (question: MayorMessage): void => {
    stage.later(250, () => {
      town.messages = town.messages.map((known) => (known.messageId === question.messageId ? { ...known, state: 'working' } : known));
      town.changeAgent('mayor', { state: 'working', statusLine: { text: 'Reading the repository', at: new Date().toISOString() } });
      stage.changed('mayor', 'agents');
    });
    stage.later(900, () => {
      town.messages = town.messages.map((known) => (known.messageId === question.messageId ? { ...known, state: 'answered' } : known));
      town.messages.push({
        townId,
        userId,
        messageId: town.ulid(),
        role: 'mayor',
        text: `I will see to it: **${question.text.slice(0, 60)}**`,
        state: 'final',
        replyTo: question.messageId,
        at: new Date().toISOString(),
        version: 1,
      });
      town.changeAgent('mayor', { state: 'waiting' });
      town.record('mayor_message', 'agent:mayor', { agentId: 'mayor' });
      stage.changed('mayor', 'agents', 'feed');
    });
  };
  return {
    health: () => ({ status: 'ok', version: 'mock' }),
    signIn: ({ body }) => {
      if (!stage.takeCode(body.code)) throw new Refusal(401, 'This sign-in link is unknown, used or too old; ask for a new one.');
      return { token: 'mock-token', userId, expiresAtMs: Date.now() + 86_400_000 };
    },
    me: () => ({ userId }),
    wsTicket: () => ({ ticket: stage.newTicket(), wsUrl: stage.wsUrl() }),
    createTown: ({ body }) => {
      const at = new Date().toISOString();
      const made = {
        townId: `t-new${town.towns.length}x`,
        name: body.name,
        ownerId: userId,
        config: mockConfig(),
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      town.towns.push(made);
      return made;
    },
    listTowns: ({ query }) => paged(town.towns, query),
    getTown: () => firstOf(town),
    stopTown: ({ body }) => stopMock(town, body.reason),
    resumeTown: () => resumeMock(town),
    deleteTown: ({ body }) => {
      if (body.confirm !== firstOf(town).name) throw new Refusal(422, 'That is not its name.');
      return deleteMock(town);
    },
    updateTown: ({ body }) => {
      town.towns = town.towns.map((known) => (known.townId === townId ? { ...known, name: body.name, version: known.version + 1 } : known));
      return firstOf(town);
    },
    getConfig: () => firstOf(town).config,
    updateConfig: ({ body, ifMatch }) => {
      const first = firstOf(town);
      if (ifMatch !== undefined && ifMatch !== first.version) throw new Refusal(409, 'It has changed since you read it. Read it again.');
      const { patch, kept } = patchOf(first.config, body);
      town.towns[0] = { ...first, config: withModels(town, { ...kept, ...patch }, patch), version: first.version + 1 };
      return firstOf(town).config;
    },
    getRigConfig: ({ params }) => town.rigs.find((rig) => rig.rigId === params.rigId)?.config ?? {},
    updateRigConfig: ({ params, body, ifMatch }) => {
      const rig = town.rigs.find((known) => known.rigId === params.rigId);
      if (rig === undefined) throw new Refusal(404, `There is no rig ${params.rigId}.`);
      if (ifMatch !== undefined && ifMatch !== rig.version) throw new Refusal(409, 'It has changed since you read it. Read it again.');
      const { patch, kept } = patchOf(rig.config ?? {}, body);
      const config = { ...kept, ...patch };
      town.rigs = town.rigs.map((known) => (known === rig ? { ...rig, config, version: rig.version + 1 } : known));
      return config;
    },
    getOrgConfig: () => ({}),
    updateOrgConfig: ({ body }) => settingsViewSchema.parse(body),
    getMyConfig: () => ({}),
    updateMyConfig: ({ body }) => settingsViewSchema.parse(body),
    listSettings: ({ query }) => ({
      items: settingRows({
        town: storedSettingsSchema.parse(firstOf(town).config),
        rig: storedSettingsSchema.parse(town.rigs.find((rig) => rig.rigId === query.rigId)?.config ?? {}),
      }),
    }),
    snapshot: ({ params }) => {
      own(params.townId);
      const [known] = town.towns;
      if (known === undefined || params.townId !== townId) {
        const other = town.towns.find((one) => one.townId === params.townId);
        return {
          town: other ?? firstOf(town),
          rigs: [],
          counters: { open: 0, in_progress: 0, in_review: 0, closed: 0, failed: 0 },
          convoys: [],
          agents: [],
          escalations: [],
        };
      }
      const count = (status: Bead['status']): number => beads().filter((bead) => bead.type === 'issue' && bead.status === status).length;
      return {
        town: firstOf(town),
        rigs: town.rigs,
        runtime: {
          townId,
          state: town.runtimeState,
          runtimeEpoch: 4,
          reportSeq: 80,
          startFailures: 0,
          version: 9,
          updatedAt: new Date().toISOString(),
        },
        counters: {
          open: count('open'),
          in_progress: count('in_progress'),
          in_review: count('in_review'),
          closed: count('closed'),
          failed: count('failed'),
        },
        convoys: beads().filter((bead) => bead.type === 'convoy'),
        agents: agentViews(),
        escalations: beads().filter((bead) => bead.type === 'escalation' && bead.status === 'open'),
      };
    },
    createRig: ({ params, body }) => {
      if (body.gitUrl.includes('missing'))
        throw new Refusal(422, 'The repository cannot be reached: not found.', [
          { path: 'body.gitUrl', message: 'the repository cannot be reached: it does not exist, or the credential may not see it' },
        ]);
      if (body.gitUrl.includes('no-such-host'))
        throw new Refusal(422, 'no-such-host.invalid cannot be reached: unknown host. Check the address.', [
          { path: 'body.gitUrl', message: 'cannot be reached' },
        ]);
      if (body.gitUrl.includes('private') && body.credential === undefined)
        throw new Refusal(422, 'the repository asks for a credential; give one that may push', [
          { path: 'body.credential', message: 'the repository asks for a credential' },
        ]);
      if (body.gitUrl.includes('empty'))
        throw new Refusal(422, 'The repository has no commits yet. Push a first commit (a README will do) and connect it again.', [
          { path: 'body.gitUrl', message: 'the repository has no commits' },
        ]);
      if (body.defaultBranch !== undefined && body.defaultBranch !== 'main')
        throw new Refusal(
          422,
          `The repository has no branch ${body.defaultBranch}; it has main. Give one that it has, or leave the branch out.`,
          [{ path: 'body.defaultBranch', message: 'no such branch' }],
        );
      const at = new Date().toISOString();
      const made = {
        townId: params.townId,
        rigId: `r-new${town.rigs.length}`,
        name: body.name,
        gitUrl: body.gitUrl,
        defaultBranch: body.defaultBranch ?? 'main',
        prefix: body.prefix ?? 'new',
        gates: body.gates ?? [],
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      town.rigs.push(made);
      town.record('rig_connected', `user:${userId}`, { rigId: made.rigId, new: made.name });
      stage.changed('feed');
      return made;
    },
    listRigs: ({ params, query }) => paged(params.townId === townId ? town.rigs : [], query),
    getRig: ({ params }) => {
      const rig = town.rigs.find((known) => known.rigId === params.rigId);
      if (rig === undefined) throw new Refusal(404, 'There is no such repository.');
      return rig;
    },
    updateRig: ({ params, body }) => {
      town.rigs = town.rigs.map((rig) =>
        rig.rigId === params.rigId
          ? { ...rig, name: body.name ?? rig.name, gates: body.gates ?? rig.gates, version: rig.version + 1 }
          : rig,
      );
      const rig = town.rigs.find((known) => known.rigId === params.rigId);
      if (rig === undefined) throw new Refusal(404, 'There is no such repository.');
      return rig;
    },
    sling: ({ body }) => addIssue(body, false),
    createBead: ({ body }) => addIssue(body, true),
    slingBatch: ({ body }) => {
      const made = body.tasks.map((task) => addIssue({ ...task, rigId: task.rigId ?? body.rigId ?? 'r-8d2k1m0p' }, false));
      made.forEach((bead, at) => {
        for (const on of body.tasks[at]?.dependsOn ?? []) {
          const other = made[on];
          if (other !== undefined)
            town.edges.push({
              townId,
              beadId: bead.beadId,
              dependsOnId: other.beadId,
              type: 'blocks',
              resolved: false,
              createdAt: bead.createdAt,
            });
        }
      });
      const convoy = newBead({
        townId,
        beadId: `hq-c${town.beads.size}x`,
        title: body.title,
        requestedBy: userId,
        createdBy: `user:${userId}`,
        at: new Date().toISOString(),
        details: {
          type: 'convoy',
          totalBeads: made.length,
          closedBeads: 0,
          failedBeads: 0,
          mergeMode: body.mergeMode ?? 'review-then-land',
          staged: body.staged ?? false,
          memberIds: made.map((bead) => bead.beadId),
        },
      });
      town.beads.set(convoy.beadId, convoy);
      stage.changed('convoys', 'beads', 'feed');
      return convoyOf(convoy.beadId);
    },
    listBeads: ({ params, query }) =>
      paged(
        beads().filter(
          (bead) =>
            params.townId === townId &&
            bead.type === (query.type ?? 'issue') &&
            (query.status === undefined || bead.status === query.status) &&
            (query.rigId === undefined || bead.rigId === query.rigId),
        ),
        query,
      ),
    getBead: ({ params }) => ({
      bead: beadOf(params.beadId),
      dependsOn: town.edges.filter((edge) => edge.beadId === params.beadId),
      dependents: town.edges.filter((edge) => edge.dependsOnId === params.beadId),
    }),
    updateBead: ({ params, body, ifMatch }) => {
      const before = beadOf(params.beadId);
      if (ifMatch !== undefined && ifMatch !== before.version) throw new Refusal(409, 'It has changed since you read it. Read it again.');
      const after = town.change(params.beadId, {
        title: body.title ?? before.title,
        body: body.body ?? before.body,
        priority: body.priority ?? before.priority,
        held: body.held ?? before.held,
      });
      town.record('fields_updated', `user:${userId}`, {
        beadId: params.beadId,
        data: { changed: Object.keys(body), ...(body.held === undefined ? {} : { held: body.held }) },
      });
      stage.changed('beads', 'feed');
      return after;
    },
    closeBead: ({ params, body }) => end(params.beadId, 'closed', body.reason),
    failBead: ({ params, body }) => end(params.beadId, 'failed', body.reason),
    listEscalations: ({ query }) =>
      paged(
        beads().filter((bead) => bead.type === 'escalation' && bead.status === (query.status ?? 'open')),
        query,
      ),
    acknowledgeEscalation: ({ params, body }) => end(params.beadId, 'closed', body.note),
    beadEvents: ({ params, query }) =>
      paged(
        town.events.filter((event) => event.beadId === params.beadId),
        query,
      ),
    beadCommits: ({ params }) => {
      const { details } = beadOf(params.beadId);
      return { items: details.type === 'issue' || details.type === 'merge_request' ? details.commits : [] };
    },
    beadDiff: ({ params }) => {
      const { details } = beadOf(params.beadId);
      if (details.type !== 'issue' || details.commits.length === 0)
        return { ready: true, files: [], truncated: false, message: 'Nothing has been pushed for this bead yet.' };
      return {
        ready: true,
        truncated: false,
        files: [
          { path: 'src/signup.ts', additions: 2, deletions: 1, binary: false, patch: signupPatch },
          { path: 'test/signup-empty.test.ts', additions: 3, deletions: 0, binary: false, patch: newFile },
          { path: 'docs/form.png', additions: 0, deletions: 0, binary: true, patch: '' },
        ],
      };
    },
    getMolecule: ({ params }) => stepsOf(params.beadId),
    openMoleculeGate: ({ params, body }) => {
      openGate(town, beadOf(params.beadId), body.stepId);
      return stepsOf(params.beadId);
    },
    beadExplain: ({ params }) => explained(beadOf(params.beadId)),
    listConvoys: ({ params, query }) =>
      paged(
        beads().filter(
          (bead) => params.townId === townId && bead.type === 'convoy' && (query.status === undefined || bead.status === query.status),
        ),
        query,
      ),
    updateConvoy: ({ params }) => convoyOf(params.beadId),
    closeConvoy: ({ params }) => convoyOf(params.beadId),
    landConvoy: ({ params }) => convoyOf(params.beadId),
    addConvoyBead: ({ params }) => convoyOf(params.beadId),
    removeConvoyBead: ({ params }) => convoyOf(params.beadId),
    startConvoy: ({ params }) => changedConvoy(params.beadId, { staged: false }),
    getConvoy: ({ params }) => convoyOf(params.beadId),
    listAgents: ({ params, query }) => paged(params.townId === townId ? agentViews() : [], query),
    getAgent: ({ params }) => {
      const view = agentViews().find(({ agent }) => agent.agentId === params.agentId);
      if (view === undefined) throw new Refusal(404, `There is no agent ${params.agentId}.`);
      return view;
    },
    agentCv: ({ params }) => {
      const agent = town.agents.get(params.agentId);
      if (agent === undefined) throw new Refusal(404, `There is no agent ${params.agentId}.`);
      return {
        agentId: agent.agentId,
        name: agent.name,
        role: agent.role,
        beadsDone: 4,
        sentBack: 1,
        reworkRounds: 1,
        repairs: 1,
        failures: 0,
        workedMs: 5_520_000,
        firstPassRate: 0.75,
        reworkRate: 0.25,
        costMicroUsd: 1_284_000,
        models: [{ model: 'claude-sonnet-4-5', calls: 182, costMicroUsd: 1_284_000 }],
        languages: [
          { language: 'TypeScript', files: 17 },
          { language: 'SQL', files: 2 },
        ],
      };
    },
    agentEvents: ({ params, query }) =>
      paged(
        town.events.filter((event) => event.agentId === params.agentId),
        query,
      ),
    agentSession: ({ params, query }) => paged(town.sessions.get(params.agentId) ?? [], query),
    mayorMessages: ({ params, query }) => paged(params.townId === townId ? town.messages.toReversed() : [], query),
    sayToMayor: ({ body }) => {
      const message: MayorMessage = {
        townId,
        userId,
        messageId: town.ulid(),
        role: 'user',
        text: body.text,
        state: 'queued',
        at: new Date().toISOString(),
        version: 1,
      };
      town.messages.push(message);
      answerMessage(message);
      stage.changed('mayor');
      return message;
    },
    searchTown: ({ query }) => mockSearch(town, query),
    listMerges: ({ params, query }) => {
      const views = beads()
        .filter((bead) => params.townId === townId && isMergeRequest(bead))
        .flatMap((bead) => {
          if (!isMergeRequest(bead)) return [];
          const source = town.beads.get(bead.details.sourceBeadId);
          return [
            {
              request: bead,
              ...(source === undefined ? {} : { source }),
              needsAttention: mergeNeedsAttention(bead),
              sentence: mergeSentence(bead),
            },
          ];
        });
      return paged(
        views.toSorted((left, right) => Number(right.needsAttention) - Number(left.needsAttention)),
        query,
      );
    },
    listEvents: ({ params, query }) => {
      const all = params.townId === townId ? town.events.filter((event) => query.after === undefined || event.eventId > query.after) : [];
      return paged(query.newest === 'true' ? all.toReversed() : all, query);
    },
  };
};
