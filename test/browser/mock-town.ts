// A town in memory with plausible contents, and a script that moves a convoy on. For tests of the dashboard only.
import type { Agent } from '../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { Commit } from '../../functions/contracts/commit.schema.ts';
import type { Dependency } from '../../functions/contracts/dependency.schema.ts';
import type { EventType, TownEvent } from '../../functions/contracts/event.schema.ts';
import type { Principal } from '../../functions/contracts/primitives.schema.ts';
import type { SessionPart } from '../../functions/contracts/runner.schema.ts';
import type { RouteResponse } from '../../functions/contracts/routes.ts';
import type { MayorMessage, RigView } from '../../functions/contracts/town.schema.ts';
import { newBead } from '../../functions/domain/new-bead.ts';

export const townId = 't-4f9k2m1q';
export const userId = 'local';
const shop = 'r-8d2k1m0p';
const api = 'r-3h7q9w2x';
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** The last `places` base-32 digits. */
const encode = (value: number, places: number): string =>
  Array.from({ length: places }, (_, at) => digits.charAt(Math.floor(value / 32 ** (places - 1 - at)) % 32)).join('');
const ulid = (ms: number, n: number): string => encode(ms, 10) + encode(n, 16);
const shaOf = (n: number): string => (n * 7_919 + 104_729).toString(16).padStart(8, 'c').repeat(5).slice(0, 40);

export const mockConfig = (): RouteResponse<'getConfig'> => ({
  'models.default': { kind: 'scripted' },
  'merge.codeReview': true,
  'limits.maxPolecatsPerRig': 5,
  'limits.maxAgents': 12,
  'limits.maxDispatchAttempts': 5,
});

export interface MockTown {
  towns: RouteResponse<'getTown'>[];
  /** Keys by role, as the secrets would hold them; people read masks. */
  keys: Map<string, string>;
  rigs: RigView[];
  beads: Map<string, Bead>;
  edges: Dependency[];
  agents: Map<string, Agent>;
  events: TownEvent[];
  messages: MayorMessage[];
  sessions: Map<string, { epoch: number; beadId?: string; parts: SessionPart[] }[]>;
  runtimeState: NonNullable<RouteResponse<'snapshot'>['runtime']>['state'];
  ulid: () => string;
  record: (type: EventType, actor: Principal, more?: Partial<TownEvent>) => TownEvent;
  change: (beadId: string, part: Partial<Bead>) => Bead;
  changeAgent: (agentId: string, part: Partial<Agent>) => void;
}

const body = `Sign-up accepts an empty password today. Refuse it.

## Done when
- \`POST /signup\` with an empty or missing password answers **422** with a sentence for people
- the form shows that sentence at the field
- there is a test for each case

> Reported by a customer; see the support thread.`;

const commit = (n: number, message: string, minutesAgo: number): Commit => ({
  sha: shaOf(n),
  message: `${message}\n\nBead-ID: shop-3kf9`,
  authorName: 'Ada Miller',
  authorEmail: 'ada@example.com',
  committerName: 'Toast',
  at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
});

const part = (seq: number, kind: SessionPart['kind'], minutesAgo: number, more: Partial<SessionPart>): SessionPart => ({
  seq,
  messageId: `msg_${Math.floor(seq / 3)}`,
  role: 'assistant',
  kind,
  atMs: Date.now() - minutesAgo * 60_000,
  ...more,
});
const session = (): SessionPart[] => [
  part(0, 'text', 9, {
    role: 'user',
    text: 'You are Toast, a polecat. Work on **shop-3kf9**: Refuse empty passwords at sign-up.\n\nCall `gt_prime` first.',
  }),
  part(1, 'tool', 9, {
    tool: {
      name: 'gastown_gt_prime',
      status: 'completed',
      input: '{}',
      output: '{"bead":{"id":"shop-3kf9","title":"Refuse empty passwords at sign-up"},"mail":[]}',
    },
  }),
  part(2, 'reasoning', 8, { text: 'The check belongs beside the other validations, so that the form and the API share it.' }),
  part(3, 'text', 8, {
    text: '# Looking for the sign-up handler\n\nI will find where a password is accepted, and what already validates the other fields.',
  }),
  part(4, 'tool', 8, {
    tool: {
      name: 'bash',
      status: 'completed',
      input: '{"command":"rg -n \\"password\\" src test","description":"Find uses of password"}',
      output:
        'src/signup.ts:14:  const password = body.password;\nsrc/signup.ts:22:  await users.create({ email, password });\ntest/signup.test.ts:31:  password: "correct horse",',
    },
  }),
  part(5, 'tool', 7, {
    tool: {
      name: 'edit',
      status: 'completed',
      input:
        '{"filePath":"src/signup.ts","oldString":"const password = body.password;","newString":"const password = requiredText(body, \'password\');"}',
      output: 'Edited src/signup.ts',
    },
  }),
  part(6, 'tool', 6, {
    tool: {
      name: 'bash',
      status: 'error',
      input: '{"command":"npm test","description":"Run the tests"}',
      output: '1 failed: signup > says what is missing\n  expected "Give a password." to equal "A password is needed."',
    },
  }),
  part(7, 'text', 5, {
    text: "# Writing the tests\n\nThe sentence differs from the form's. I take the form's words:\n\n```ts\nexpect(answer.detail).toBe('A password is needed.');\n```",
  }),
  part(8, 'tool', 4, {
    tool: { name: 'bash', status: 'running', input: '{"command":"npm test","description":"Run the tests again"}', output: '' },
  }),
];

/** A new town each time, so that tests do not see each other's changes. */
export const createMockTown = (): MockTown => {
  const startMs = Date.now();
  let counter = 0;
  const iso = (minutesAgo: number): string => new Date(startMs - minutesAgo * 60_000).toISOString();
  const nextUlid = (atMs = Date.now()): string => {
    counter += 1;
    return ulid(atMs, counter);
  };
  const issue = (
    beadId: string,
    title: string,
    minutesAgo: number,
    more: Partial<Bead> & {
      convoyId?: string;
      latestMergeRequestId?: string;
      commits?: Commit[];
      doneSummary?: string;
      kind?: 'work' | 'rework';
      mergeRequestId?: string;
      brief?: string;
    } = {},
  ): Bead => {
    const { convoyId, latestMergeRequestId, commits, doneSummary, kind, mergeRequestId, brief, ...rest } = more;
    return {
      ...newBead(
        {
          townId,
          beadId,
          title,
          requestedBy: userId,
          createdBy: 'agent:mayor',
          at: iso(minutesAgo + 20),
          details: {
            type: 'issue',
            issueType: 'task',
            kind: kind ?? 'work',
            targetBranch: 'main',
            commits: commits ?? [],
            ...(rest.status === undefined || rest.status === 'open' ? {} : { branch: `gt/${rest.assigneeAgentId ?? 'toast'}/${beadId}` }),
            ...(convoyId === undefined ? {} : { convoyId }),
            ...(latestMergeRequestId === undefined ? {} : { latestMergeRequestId }),
            ...(doneSummary === undefined ? {} : { doneSummary }),
            ...(mergeRequestId === undefined ? {} : { mergeRequestId }),
            ...(brief === undefined ? {} : { brief }),
          },
        },
        { rigId: shop, ...rest },
      ),
      updatedAt: iso(minutesAgo),
      version: 3,
    };
  };
  const request = (
    beadId: string,
    sourceBeadId: string,
    title: string,
    minutesAgo: number,
    details: Partial<Extract<Bead['details'], { type: 'merge_request' }>>,
    more: Partial<Bead> = {},
  ): Bead => ({
    ...newBead(
      {
        townId,
        beadId,
        title,
        requestedBy: userId,
        createdBy: 'agent:toast',
        at: iso(minutesAgo + 5),
        details: {
          type: 'merge_request',
          stage: 'new',
          sourceBeadId,
          branch: `gt/toast/${sourceBeadId}`,
          targetBranch: 'main',
          headSha: shaOf(9),
          attempt: 1,
          gates: [],
          reworkRounds: 0,
          conflictRounds: 0,
          commits: [],
          ...details,
        },
      },
      { rigId: shop, ...more },
    ),
    updatedAt: iso(minutesAgo),
    version: 2,
  });
  const convoy = (
    beadId: string,
    title: string,
    memberIds: string[],
    closed: number,
    minutesAgo: number,
    status: Bead['status'],
  ): Bead => ({
    ...newBead(
      {
        townId,
        beadId,
        title,
        requestedBy: userId,
        createdBy: 'agent:mayor',
        at: iso(minutesAgo + 12),
        details: {
          type: 'convoy',
          totalBeads: memberIds.length,
          closedBeads: closed,
          failedBeads: 0,
          mergeMode: 'review-and-merge',
          staged: false,
          memberIds,
        },
      },
      { status, ...(status === 'closed' ? { closedAt: iso(minutesAgo) } : {}) },
    ),
    updatedAt: iso(minutesAgo),
    version: 2,
  });
  const agent = (agentId: string, name: string, role: Agent['role'], state: Agent['state'], more: Partial<Agent> = {}): Agent => ({
    townId,
    agentId,
    name,
    role,
    state,
    epoch: 3,
    version: 4,
    createdAt: iso(300),
    updatedAt: iso(4),
    lastActivityAt: iso(1),
    ...more,
  });
  const gate = { name: 'tests', ok: true, exitCode: 0, durationMs: 8_400, timedOut: false, output: 'PASS 42 tests in 8.1 s' };
  const gateRed = {
    name: 'lint',
    ok: false,
    exitCode: 1,
    durationMs: 2_100,
    timedOut: false,
    output: 'src/cart.ts:88:7  error  totalCents is never reassigned, use const\n\n1 problem',
  };
  const beads: Bead[] = [
    convoy('hq-7b2m', 'Password rules at sign-up', ['shop-3kf9', 'shop-8d2k', 'shop-x91p'], 1, 3, 'open'),
    convoy('hq-2q8w', 'Faster cart', ['shop-1aa1', 'shop-1aa2'], 2, 130, 'closed'),
    issue('shop-3kf9', 'Refuse empty passwords at sign-up', 2, {
      status: 'in_progress',
      assigneeAgentId: 'toast',
      convoyId: 'hq-7b2m',
      priority: 'high',
      body,
      startedAt: iso(9),
      dispatchAttempts: 1,
      commits: [commit(1, 'Refuse empty passwords', 4), commit(2, 'Test what sign-up says without a password', 2)],
    }),
    issue('shop-8d2k', 'Say which password rule was broken', 6, {
      status: 'closed',
      convoyId: 'hq-7b2m',
      assigneeAgentId: 'maple',
      closedAt: iso(6),
      startedAt: iso(20),
      latestMergeRequestId: 'shop-mr11',
      doneSummary: 'Each rule has its own sentence now; the form shows the first that is broken.',
      commits: [commit(3, 'Say which rule was broken', 12)],
    }),
    issue('shop-x91p', 'Describe the rules in the help page', 3, {
      convoyId: 'hq-7b2m',
      openBlockers: 1,
      body: 'Once both rules are in, describe them in `docs/help/passwords.md`.',
    }),
    issue('shop-5t0z', 'Cart total is wrong with two vouchers', 4, {
      status: 'in_review',
      assigneeAgentId: 'birch',
      priority: 'critical',
      latestMergeRequestId: 'shop-mr12',
      commits: [commit(4, 'Apply vouchers in the order they were given', 9)],
      doneSummary: 'Vouchers are applied one after the other; a test covers three of them.',
    }),
    issue('shop-k3n7', 'Tidy the cart module as the review asks', 1, {
      status: 'in_progress',
      assigneeAgentId: 'maple',
      kind: 'rework',
      mergeRequestId: 'shop-mr13',
      brief: 'The lint gate failed: `totalCents` is never reassigned, use const.',
      dispatchAttempts: 1,
    }),
    issue('shop-p0w2', 'Show delivery dates in local time', 40, {
      status: 'in_review',
      assigneeAgentId: 'maple',
      latestMergeRequestId: 'shop-mr13',
    }),
    issue('shop-h5r1', 'Keep the basket when the session ends', 55, { held: true, priority: 'low' }),
    issue('api-q2e8', 'Answer 404 for unknown orders', 30, { rigId: api, status: 'open', priority: 'medium' }),
    issue('api-z7c3', 'Upgrade the payment client to v5', 75, {
      rigId: api,
      status: 'failed',
      assigneeAgentId: 'birch',
      closedAt: iso(75),
      dispatchAttempts: 5,
      failure: {
        code: 'attempts_used_up',
        message: 'Five attempts ended without a push: the new client needs a credential that the town does not have.',
        source: 'patrol:B2',
      },
    }),
    issue('shop-1aa1', 'Cache product images', 140, { status: 'closed', closedAt: iso(140), convoyId: 'hq-2q8w' }),
    issue('shop-1aa2', 'Load the cart in one request', 131, { status: 'closed', closedAt: iso(131), convoyId: 'hq-2q8w' }),
    request(
      'shop-mr11',
      'shop-8d2k',
      'Say which password rule was broken',
      6,
      { stage: 'queued', landedSha: shaOf(3), gates: [gate], commits: [commit(3, 'Say which rule was broken', 12)] },
      { status: 'closed', closedAt: iso(6) },
    ),
    request(
      'shop-mr12',
      'shop-5t0z',
      'Cart total is wrong with two vouchers',
      2,
      {
        prepared: { targetSha: shaOf(3), tip: shaOf(4), headSha: shaOf(9) },
        gates: [gate],
        review: { token: 'withheld', tip: shaOf(4), refineryId: `refinery-${shop}`, tokenTaken: false },
      },
      { status: 'in_progress' },
    ),
    request(
      'shop-mr13',
      'shop-p0w2',
      'Show delivery dates in local time',
      5,
      {
        stage: 'blocked',
        gates: [gate, gateRed],
        reworkRounds: 1,
        repairBeadId: 'shop-k3n7',
        lastResult: { result: 'rework', message: 'The lint gate failed on the merged result.', at: iso(5) },
      },
      { openBlockers: 1 },
    ),
    request(
      'api-mr04',
      'api-z7c3',
      'Use the order number from the header',
      70,
      {
        stage: 'held',
        reworkRounds: 3,
        lastResult: { result: 'rework', message: 'The contract test still fails after three rounds.', at: iso(70) },
      },
      { rigId: api },
    ),
    {
      ...newBead(
        {
          townId,
          beadId: 'hq-9e4s',
          title: 'The payment client needs a credential',
          requestedBy: userId,
          createdBy: 'agent:birch',
          at: iso(76),
          details: { type: 'escalation', severity: 'high', category: 'decision', source: 'agent:birch', aboutBeadId: 'api-z7c3' },
        },
        { body: 'Version 5 wants an **API key** at start. Shall I keep version 4, or will you give the town a key?' },
      ),
    },
  ];
  const agents = [
    agent('mayor', 'Mayor', 'mayor', 'waiting', { statusLine: { text: 'Watching the password convoy', at: iso(3) } }),
    agent('toast', 'Toast', 'polecat', 'working', {
      rigId: shop,
      hookBeadId: 'shop-3kf9',
      statusLine: { text: 'Writing the tests', at: iso(1) },
      startedAt: iso(9),
    }),
    agent('maple', 'Maple', 'polecat', 'working', {
      rigId: shop,
      hookBeadId: 'shop-k3n7',
      statusLine: { text: 'Tidying the cart module', at: iso(1) },
    }),
    agent('birch', 'Birch', 'polecat', 'idle', { rigId: shop, lastActivityAt: iso(4) }),
    agent(`refinery-${shop}`, 'Refinery of shop', 'refinery', 'working', {
      rigId: shop,
      hookBeadId: 'shop-mr12',
      statusLine: { text: 'Reading the voucher change', at: iso(2) },
    }),
  ];
  const edge = (beadId: string, dependsOnId: string, type: Dependency['type'], resolved: boolean): Dependency => ({
    townId,
    beadId,
    dependsOnId,
    type,
    resolved,
    createdAt: iso(15),
  });
  const town: MockTown = {
    keys: new Map(),
    towns: [
      {
        townId,
        name: 'Corner shop',
        ownerId: userId,
        config: mockConfig(),
        version: 1,
        createdAt: iso(600),
        updatedAt: iso(600),
      },
    ],
    rigs: [
      {
        townId,
        rigId: shop,
        name: 'shop',
        gitUrl: 'https://github.com/corner/shop.git',
        defaultBranch: 'main',
        prefix: 'shop',
        gates: [
          { name: 'tests', command: 'npm test', timeoutSeconds: 600, phase: 'both' },
          { name: 'lint', command: 'npm run lint', timeoutSeconds: 120, phase: 'merge' },
        ],
        credentialRef: 'rig/shop',
        version: 1,
        createdAt: iso(590),
        updatedAt: iso(590),
      },
      {
        townId,
        rigId: api,
        name: 'orders-api',
        gitUrl: '/srv/git/orders-api.git',
        defaultBranch: 'trunk',
        prefix: 'api',
        gates: [],
        version: 1,
        createdAt: iso(400),
        updatedAt: iso(400),
      },
    ],
    beads: new Map(beads.map((bead) => [bead.beadId, bead])),
    edges: [
      edge('shop-x91p', 'shop-3kf9', 'blocks', false),
      edge('shop-x91p', 'shop-8d2k', 'blocks', true),
      edge('shop-mr13', 'shop-k3n7', 'blocks', false),
      edge('hq-7b2m', 'shop-3kf9', 'tracks', true),
      edge('hq-7b2m', 'shop-8d2k', 'tracks', true),
      edge('hq-7b2m', 'shop-x91p', 'tracks', true),
    ],
    agents: new Map(agents.map((known) => [known.agentId, known])),
    events: [],
    messages: [],
    runtimeState: 'live',
    sessions: new Map([['toast', [{ epoch: 3, beadId: 'shop-3kf9', parts: session() }]]]),
    ulid: () => nextUlid(),
    record: (type, actor, more = {}) => {
      const event: TownEvent = { townId, eventId: nextUlid(), type, actor, data: {}, at: new Date().toISOString(), ...more };
      town.events.push(event);
      return event;
    },
    change: (beadId, change) => {
      const before = town.beads.get(beadId);
      if (before === undefined) throw new Error(`no bead ${beadId}`);
      const after = { ...before, ...change, version: before.version + 1, updatedAt: new Date().toISOString() };
      town.beads.set(beadId, after);
      return after;
    },
    changeAgent: (agentId, change) => {
      const before = town.agents.get(agentId);
      if (before !== undefined)
        town.agents.set(agentId, {
          ...before,
          ...change,
          version: before.version + 1,
          updatedAt: new Date().toISOString(),
          lastActivityAt: new Date().toISOString(),
        });
    },
  };
  seedHistory(town, startMs);
  return town;
};

const seedHistory = (town: MockTown, startMs: number): void => {
  const past = (minutesAgo: number, type: EventType, actor: Principal, more: Partial<TownEvent>): void => {
    const atMs = startMs - minutesAgo * 60_000;
    town.events.push({
      townId,
      eventId: ulid(atMs, town.events.length + 1),
      type,
      actor,
      data: {},
      at: new Date(atMs).toISOString(),
      ...more,
    });
  };
  past(76, 'escalated', 'agent:birch', {
    beadId: 'api-z7c3',
    agentId: 'birch',
    new: 'The payment client needs a credential',
    data: { severity: 'high' },
  });
  past(75, 'status_changed', 'patrol:B2', {
    beadId: 'api-z7c3',
    old: 'in_progress',
    new: 'failed',
    data: { reason: 'Five attempts ended without a push.' },
  });
  past(30, 'mayor_message', `user:${userId}`, { agentId: 'mayor' });
  past(29, 'convoy_started', 'agent:mayor', { beadId: 'hq-7b2m', convoyId: 'hq-7b2m', new: 'Password rules at sign-up' });
  past(28.5, 'runtime_started', 'runner:t-4f9k2m1q', {});
  past(20, 'dispatched', 'patrol:B1', { beadId: 'shop-8d2k', agentId: 'maple', old: 'open', new: 'in_progress', data: { attempt: 1 } });
  past(12, 'fields_updated', 'runner:t-4f9k2m1q', {
    beadId: 'shop-8d2k',
    agentId: 'maple',
    new: shaOf(3),
    data: { field: 'pushed', aheadBy: 1 },
  });
  past(11, 'done', 'agent:maple', {
    beadId: 'shop-8d2k',
    agentId: 'maple',
    new: 'in_review',
    data: { summary: 'Each rule has its own sentence now.' },
  });
  past(10.5, 'gate_result', 'workflow:merge', { beadId: 'shop-8d2k', new: 'tests passed', data: { result: 'green' } });
  past(9, 'dispatched', 'patrol:B1', { beadId: 'shop-3kf9', agentId: 'toast', old: 'open', new: 'in_progress' });
  past(8, 'agent_status', 'agent:toast', { beadId: 'shop-3kf9', agentId: 'toast', new: 'Looking for the sign-up handler' });
  past(7.5, 'hooked', 'patrol:A0', { beadId: 'shop-mr12', agentId: `refinery-${shop}` });
  past(7, 'review_submitted', `agent:refinery-${shop}`, {
    beadId: 'shop-8d2k',
    agentId: `refinery-${shop}`,
    new: 'approved',
    data: { summary: 'Clear sentences, well tested.' },
  });
  past(6, 'merged', 'workflow:train', { beadId: 'shop-8d2k', data: { landedSha: shaOf(3), targetBranch: 'main' } });
  past(5.9, 'convoy_progress', 'patrol:C1', {
    beadId: 'hq-7b2m',
    convoyId: 'hq-7b2m',
    new: '1/3',
    data: { closed: 1, total: 3, failed: 0 },
  });
  past(5, 'rework_requested', 'workflow:merge', {
    beadId: 'shop-p0w2',
    new: 'The lint gate failed on the merged result.',
    data: { round: 1 },
  });
  past(4, 'done', 'agent:birch', {
    beadId: 'shop-5t0z',
    agentId: 'birch',
    new: 'in_review',
    data: { summary: 'Vouchers are applied one after the other.' },
  });
  past(2, 'agent_status', 'agent:toast', { beadId: 'shop-3kf9', agentId: 'toast', new: 'Writing the tests' });
  const said = (minutesAgo: number, role: MayorMessage['role'], text: string): void => {
    const atMs = startMs - minutesAgo * 60_000;
    town.messages.push({
      townId,
      userId,
      messageId: ulid(atMs, town.messages.length + 1),
      role,
      text,
      state: role === 'user' ? 'answered' : 'final',
      at: new Date(atMs).toISOString(),
      version: 1,
    });
  };
  said(
    30,
    'user',
    'Sign-up takes empty passwords, and people do not understand our password rules. Please fix both, and describe the rules in the help page.',
  );
  said(
    29,
    'mayor',
    'Three pieces, as convoy `hq-7b2m`:\n\n1. **shop-3kf9** Refuse empty passwords at sign-up\n2. **shop-8d2k** Say which password rule was broken\n3. **shop-x91p** Describe the rules in the help page, once both are in\n\nThe first two run side by side now. I will tell you when all is merged.',
  );
};

type Step = (town: MockTown) => readonly string[];
/** Each step changes the town and names the topics that changed. */
const steps: readonly Step[] = [
  (town) => {
    town.change('shop-3kf9', { status: 'in_review' });
    town.changeAgent('toast', { state: 'idle' });
    town.record('done', 'agent:toast', {
      beadId: 'shop-3kf9',
      agentId: 'toast',
      new: 'in_review',
      data: { summary: 'Empty passwords are refused, with a sentence at the field.' },
    });
    return ['beads', 'agents', 'feed', 'merges'];
  },
  (town) => {
    town.change('shop-3kf9', { status: 'closed', closedAt: new Date().toISOString() });
    town.change('shop-x91p', { openBlockers: 0 });
    const convoy = town.beads.get('hq-7b2m');
    if (convoy?.details.type === 'convoy') town.change('hq-7b2m', { details: { ...convoy.details, closedBeads: 2 } });
    town.record('merged', 'workflow:train', { beadId: 'shop-3kf9', data: { landedSha: shaOf(2), targetBranch: 'main' } });
    return ['beads', 'convoys', 'feed', 'merges'];
  },
  (town) => {
    town.change('shop-x91p', { status: 'in_progress', assigneeAgentId: 'toast', startedAt: new Date().toISOString() });
    town.changeAgent('toast', {
      state: 'working',
      hookBeadId: 'shop-x91p',
      epoch: 4,
      statusLine: { text: 'Reading the help pages', at: new Date().toISOString() },
    });
    town.record('dispatched', 'patrol:B1', { beadId: 'shop-x91p', agentId: 'toast', old: 'open', new: 'in_progress' });
    return ['beads', 'agents', 'feed'];
  },
  (town) => {
    town.change('shop-x91p', { status: 'closed', closedAt: new Date().toISOString() });
    town.changeAgent('toast', { state: 'idle' });
    const convoy = town.beads.get('hq-7b2m');
    if (convoy?.details.type === 'convoy') town.change('hq-7b2m', { status: 'closed', details: { ...convoy.details, closedBeads: 3 } });
    town.record('convoy_landed', 'patrol:C1', { beadId: 'hq-7b2m', convoyId: 'hq-7b2m', data: { closed: 3, total: 3 } });
    return ['beads', 'agents', 'convoys', 'feed'];
  },
];
export const stepCount = steps.length;
/** Topics that changed; none after the last step. */
export const advance = (town: MockTown, step: number): readonly string[] => steps[step]?.(town) ?? [];
