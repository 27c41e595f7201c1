// What the GitHub adapter makes of large pull requests, of both kinds of checks, of refusals and of lost answers.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHosts } from '../../functions/adapters/git/hosts.ts';
import type { HostRepository, PullRequestHost } from '../../functions/pull-request-host.ts';
import { startGithub } from '../fakes/github-server.ts';
import type { FakeGithub } from '../fakes/github-server.ts';
import type { FakePull, FakeRepository } from '../fakes/github/world.ts';
import { fakeClock } from '../fakes/ports.ts';
import { bare, nextNumber } from './repositories.ts';

const clock = fakeClock();
let github: FakeGithub;
let host: PullRequestHost;
let fake: FakeRepository;
let repository: HostRepository;
let sha: string;
let pull: FakePull;
beforeAll(async () => {
  github = await startGithub(() => clock.nowMs());
  github.addToken('secret-bot-token', 'gastown-bot');
});
afterAll(() => github.close());
beforeEach(() => {
  const source = bare();
  source.push('main');
  sha = source.push('gt/web-1');
  const people = { 'gastown-bot': 'write', grace: 'write', heidi: 'admin', rita: 'read' } as const;
  fake = github.addRepository(`Acme/shop-${nextNumber()}`, source.folder, people);
  pull = github.addPull(fake, 'gastown-bot', 'gt/web-1');
  repository = { gitUrl: github.gitUrl(fake), host: 'github', credential: { username: 'x', password: 'secret-bot-token' } };
  host = createHosts({ clock, timeoutMs: 30_000, reach: 'any' }).pullRequests;
});
afterEach(() => {
  github.heal();
});
const facts = () => host.facts(repository, pull.number);
const fails = async (act: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error: unknown = await act.catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  expect(error.message).not.toContain('secret-bot-token');
  return Object.fromEntries([...Object.entries(error), ['name', error.name], ['message', error.message]]);
};

describe('a large pull request', () => {
  it('L39 has its threads and checks read by pages, and says when there are more than are read', async () => {
    for (let count = 0; count < 120; count += 1) github.addThread(pull, 'grace', `Remark ${count}`);
    for (let count = 0; count < 130; count += 1) github.addCheckRun(fake, { sha, name: `run ${count}` });
    for (let count = 0; count < 110; count += 1) fake.statuses.push({ sha, context: `status ${count}`, state: 'success', description: '' });
    const read = await facts();
    expect([read.threads.length, read.threadsComplete, read.checks.length, read.checksComplete]).toEqual([120, true, 240, true]);
    for (let count = 0; count < 400; count += 1) github.addThread(pull, 'grace', `More ${count}`);
    for (let count = 0; count < 200; count += 1) github.addCheckRun(fake, { sha, name: `more ${count}` });
    const more = await facts();
    expect([more.threads.length, more.threadsComplete, more.checksComplete]).toEqual([500, false, false]);
    expect(more.checks.every(({ state }) => state === 'passed')).toBe(true);
  });
});

describe('the checks of a head', () => {
  it('L45 are check runs and commit statuses, and the required ones that have not begun', async () => {
    fake.rules.set('main', { kind: 'ruleset', requiredChecks: ['build', 'legal'], requiredApprovals: 2 });
    github.addCheckRun(fake, { sha, name: 'build', conclusion: 'failure', log: `start\n${'x'.repeat(9000)}\nTypeError at line 7\n` });
    fake.statuses.push({ sha, context: 'old-ci', state: 'pending', description: '' });
    const read = await facts();
    expect(read).toMatchObject({ requiredApprovals: 2, reviewDecision: 'review_required', allowedMethods: ['squash', 'merge', 'rebase'] });
    expect(read.checks.map(({ name, state, required }) => [name, state, required])).toEqual([
      ['legal', 'pending', true],
      ['build', 'failed', true],
      ['old-ci', 'pending', false],
    ]);
    expect(read.checks[1]?.logTail).toMatch(/TypeError at line 7\n$/);
    const logRequest = github.requests.findLast(({ line }) => line.includes('/_logs/'));
    expect(logRequest?.authorization).toBeUndefined();
  });
  it('are required by classic protection as well', async () => {
    fake.rules.set('main', { kind: 'protection', requiredChecks: ['build'], requiredApprovals: 1 });
    expect(await facts()).toMatchObject({ requiredApprovals: 1, checks: [{ name: 'build', state: 'pending', required: true }] });
  });
  it('L44 may be none at all, and then the time of the push counts', async () => {
    fake.pushes.push({ branch: 'gt/web-1', sha, at: '2026-11-21T09:58:30Z' });
    expect(await facts()).toMatchObject({ checks: [], checksComplete: true, headPushedAt: '2026-11-21T09:58:30.000Z' });
  });
});

describe('what people say', () => {
  it('makes work only where they may write to the repository', async () => {
    for (const login of ['grace', 'rita', 'mallory']) github.addThread(pull, login, `From ${login}`);
    github.addReview(fake, pull, 'heidi', 'CHANGES_REQUESTED', 'Please add a test.');
    const read = await facts();
    expect(read.threads.map(({ author, canWrite, kind, resolved }) => [author, canWrite, kind, resolved])).toEqual([
      ['grace', true, 'thread', false],
      ['rita', false, 'thread', false],
      ['mallory', false, 'thread', false],
      ['heidi', true, 'review', false],
    ]);
    expect(read.reviewDecision).toBe('changes_requested');
    github.addReview(fake, pull, 'heidi', 'APPROVED');
    expect(await facts()).toMatchObject({ reviewDecision: 'none', approvals: 1 });
    expect((await facts()).threads.find(({ kind }) => kind === 'review')?.resolved).toBe(true);
  });
  it('L48 L51 is answered by a review at the lines of the diff, and what has no line there is in its text', async () => {
    const [file = { filename: '' }] = fake.git.files('main', 'gt/web-1');
    const comments = [
      { path: file.filename, line: 1, text: 'Here.' },
      { path: file.filename, line: 400, text: 'Far away.' },
      { path: 'elsewhere.txt', text: 'Not in the diff.' },
    ];
    await host.review(repository, { number: pull.number, key: 'r1', sha, event: 'approve', text: 'Two remarks.', comments });
    expect(pull.threads.map(({ path, line }) => [path, line])).toEqual([[file.filename, 1]]);
    expect(pull.reviews).toMatchObject([{ state: 'COMMENTED', body: expect.stringMatching(/Far away[^]*Not in the diff/) as string }]);
  });
  it('does not keep the town from writing: only its own marks count', async () => {
    pull.comments.push({ id: 1, login: 'mallory', body: 'x\n\n<!-- gastown:k1 -->', createdAt: '2026-11-21T09:00:00Z' });
    await host.comment(repository, { number: pull.number, key: 'k1', text: 'Gates are green.' });
    expect(pull.comments).toHaveLength(2);
  });
});

describe('GitHub', () => {
  it.each([
    ['a limit with its hint', { status: 429, headers: { 'retry-after': '42' } }, { reason: 'rate_limit', retryAfterMs: 42_000 }],
    [
      'a used-up quota until its end',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795255290' } },
      { reason: 'rate_limit', retryAfterMs: 90_000 },
    ],
    [
      'a limit in words',
      { status: 403, message: 'You have exceeded a secondary rate limit.' },
      { reason: 'rate_limit', retryAfterMs: 60_000 },
    ],
    ['a failure', { status: 502, headers: { 'retry-after': '5' } }, { reason: 'outage', retryAfterMs: 5000 }],
    ['silence', { status: 'hang' }, { reason: 'outage' }],
    ['a broken connection', { status: 'reset' }, { reason: 'outage' }],
  ] as const)('is waited for after %s', async (_name, fault, expected) => {
    github.fail({ matches: /./, ...fault });
    if (fault.status === 'hang') host = createHosts({ clock, timeoutMs: 200, reach: 'any' }).pullRequests;
    expect(await fails(facts())).toMatchObject({ name: 'HostUnavailable', ...expected });
    await expect(host.access(repository)).rejects.toMatchObject({ name: 'HostUnavailable' });
  });
  it('is not waited for when it says no, which says what to fix', async () => {
    const stranger = { ...repository, credential: { username: 'x', password: 'ended-token' } };
    expect(await fails(host.facts(stranger, 1))).toMatchObject({
      code: 'unauthorised',
      message: expect.stringContaining('new one') as string,
    });
    github.fail({
      matches: /graphql/,
      status: 403,
      message: 'Resource not accessible',
      headers: { 'x-accepted-github-permissions': 'checks=read' },
    });
    expect(await fails(facts())).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('needs the permission checks=read') as string,
    });
    github.heal();
    github.fail({ matches: /graphql/, status: 301 });
    expect(await fails(facts())).toMatchObject({ code: 'not_found', message: expect.stringContaining('moved or renamed') as string });
    const reader = { ...repository, credential: { username: 'x', password: 'rita' } };
    github.heal();
    github.addToken('rita', 'rita');
    expect(await host.access(reader)).toMatchObject({ ok: false, message: expect.stringContaining('not push to it') as string });
  });
  it('opens, merges and comments once though its answers are lost', async () => {
    const fresh = fake.git.headOf('gt/web-1') ?? '';
    fake.git.createBranch('gt/web-2', fresh);
    const request = { headBranch: 'gt/web-2', baseBranch: 'main', title: 'Two', body: '' };
    for (const matches of [/POST .*\/pulls$/, /POST .*\/comments$/, /PUT .*\/merge$/])
      github.fail({ matches, status: 'reset', afterEffect: true, times: 1 });
    await fails(host.open(repository, request));
    const { number } = await host.open(repository, request);
    const note = { number, key: 'k', text: 'Hello.' };
    await fails(host.comment(repository, note));
    await host.comment(repository, note);
    const call = { number, sha: fresh, method: 'squash', title: 'Two', message: '' } as const;
    await fails(host.merge(repository, call));
    expect(await host.merge(repository, call)).toEqual({ merged: true, sha: fake.git.headOf('main') });
    const [made] = fake.pulls.filter(({ headRef }) => headRef === 'gt/web-2');
    expect([fake.pulls.length, made?.comments.length, fake.git.ahead(fresh, 'main')]).toEqual([2, 1, 1]);
  });
  it('says in its own words what stands in the way of a merge', async () => {
    fake.rules.set('main', { kind: 'protection', requiredChecks: ['build'], requiredApprovals: 0 });
    const call = { number: pull.number, sha, method: 'merge', title: 'One', message: '' } as const;
    expect(await host.merge(repository, call)).toEqual({
      merged: false,
      reason: 'not_mergeable',
      message: 'Required status check "build" is expected.',
    });
  });
  it('L84 is asked only where the deployment lets it, and what is no GitHub has no pull requests', async () => {
    const strict = createHosts({ clock, timeoutMs: 30_000, reach: 'any', allowedHosts: ['github.com'] }).pullRequests;
    expect(await strict.access(repository)).toMatchObject({ ok: false, message: expect.stringContaining('list of git hosts') as string });
    const open = createHosts({ clock, timeoutMs: 1000, reach: 'public' }).pullRequests;
    expect(await open.access(repository)).toMatchObject({ ok: false, message: expect.stringContaining('over https only') as string });
    const plain = { gitUrl: 'https://git.example.com/acme/web.git' };
    expect(await host.access(plain)).toMatchObject({ ok: false, message: expect.stringContaining('no pull requests') as string });
    expect(await host.isInOpenPullRequest(plain, 'gt/web-1')).toBe(false);
    await expect(host.facts(plain, 1)).rejects.toMatchObject({ name: 'HostRefused', code: 'unsupported' });
  });
});
