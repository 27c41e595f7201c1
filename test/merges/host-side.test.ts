// The runner's git against a host that has rules of its own, hangs, or holds odd commits: real git, real hooks.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostLimitsMs } from '../../container/src/git/host-command.ts';
import { createMirrors } from '../../container/src/git/mirrors.ts';
import type { Mirrors } from '../../container/src/git/mirrors.ts';
import { createPushes } from '../../container/src/git/pushes.ts';
import type { Pusher, Pushes } from '../../container/src/git/pushes.ts';
import { createRunnerGit } from '../../container/src/git/runner-git.ts';
import type { RunnerGit } from '../../container/src/git/runner-git.ts';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import { createLocks } from '../../container/src/process/locks.ts';
import { pushCheckRequestSchema } from '../../functions/contracts/runner.schema.ts';
import type { CommandPayload, CommandResult, PushCheckRequest } from '../../functions/contracts/runner.schema.ts';
import { gitHostFixture } from './git-host.ts';
import type { GitHostFixture } from './git-host.ts';

const rigId = 'r-8d2k1m0p';
const branch = 'gt/toast/web-1';
const pusher: Pusher = { agentId: 'toast', epoch: 1, beadId: 'web-1', rigId, branch, startPoint: 'main', trailers: [] };
const pushLimitMs = 2_000;

let fixture: GitHostFixture;
let runnerGit: RunnerGit;
let mirrors: Mirrors;
let pushes: Pushes;
let told: PushCheckRequest[];
let answer: { allowed: boolean; reason: string };
let warnings: string[];

beforeEach(() => {
  fixture = gitHostFixture();
  const folderOf = (name: string): string => {
    mkdirSync(join(fixture.root, name));
    return join(fixture.root, name);
  };
  const own = folderOf('own');
  told = [];
  answer = { allowed: true, reason: 'ok' };
  warnings = [];
  runnerGit = createRunnerGit({
    own,
    path: process.env.PATH ?? '',
    home: fixture.root,
    sshAuthSocket: undefined,
    credentialOf: async () => ({ username: 'x', password: 'hunter2' }),
    hasCredential: () => true,
  });
  mirrors = createMirrors({ folder: folderOf('mirrors'), runnerGit, locks: createLocks(), nowMs: Date.now });
  mirrors.setRigs([{ rigId, name: 'web', gitUrl: fixture.host, defaultBranch: 'main', hasCredential: true }]);
  pushes = createPushes({
    own,
    incoming: folderOf('incoming'),
    mirrors,
    runnerGit,
    log: { info: () => undefined, warn: (event) => warnings.push(event), error: () => undefined },
    pushCheck: async (request) => {
      told.push(pushCheckRequestSchema.parse(request));
      return answer;
    },
    pushLimitMs,
  });
});
afterEach(() => {
  fixture.remove();
});

const seen = (name: string): string => join(fixture.root, `seen-${name}`);
const timesRun = (name: string): number => (existsSync(seen(name)) ? readFileSync(seen(name), 'utf8').split('\n').length - 1 : 0);
/** Each run of the hook leaves a line. */
const hook = (name: string, script: string): void => {
  writeFileSync(join(fixture.host, 'hooks', name), `#!/bin/sh\necho ran >> ${seen(name)}\n${script}\n`, { mode: 0o755 });
};
const step = async (payload: CommandPayload): Promise<CommandResult> =>
  runCommand(payload, {
    mirrorPath: await mirrors.fresh(rigId),
    workDir: fixture.workDir,
    gitEnv: await runnerGit.hostEnv(rigId),
    signal: new AbortController().signal,
    limitsMs: { ...hostLimitsMs, push: pushLimitMs },
  });
const landing = (headSha: string): CommandPayload => ({
  kind: 'push',
  rigId,
  intent: { targetBranch: 'main', expectedOld: fixture.headOf('main'), newTip: headSha },
});
/** A commit on a branch of the host that main does not have yet. */
const submitted = (): string => fixture.commitOn('gt/badge/web-2', { 'page.txt': 'page\n' });

const clone = (): string => join(fixture.root, 'clone');
/** A commit that only the receiving repository has, as after an agent's `git push`. */
const received = async (environment: Readonly<Record<string, string>> = {}): Promise<string> => {
  fixture.git(clone(), 'checkout', '--quiet', '--detach', 'origin/main');
  execFileSync('git', ['commit', '--quiet', '--allow-empty', '--message', 'Say hello'], {
    cwd: clone(),
    env: {
      PATH: process.env.PATH ?? '',
      HOME: fixture.root,
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Toast',
      GIT_COMMITTER_EMAIL: 'toast@example.com',
      ...environment,
    },
  });
  const sha = fixture.git(clone(), 'rev-parse', 'HEAD');
  fixture.git(clone(), 'push', '--quiet', '--force', await pushes.prepare(pusher), `${sha}:refs/heads/${branch}`);
  return sha;
};
const hostHas = (ref: string): string => fixture.git(fixture.host, 'for-each-ref', '--format=%(objectname)', `refs/heads/${ref}`);

describe('the hooks of a repository on this machine', () => {
  it.each(['path', 'file address'])('refuse a merge, with their own words, and nothing lands (%s)', async (kind) => {
    if (kind !== 'path') mirrors.setRigs([{ ...mirrors.rigOf(rigId), gitUrl: `file://${fixture.host}` }]);
    const [head, before] = [submitted(), fixture.headOf('main')];
    hook(
      'pre-receive',
      'while read -r old new ref; do [ "$ref" = refs/heads/main ] && echo "main is frozen until Monday" && exit 1; done; exit 0',
    );
    const result = await step(landing(head));
    expect(result).toMatchObject({ kind: 'error', retryable: false });
    expect(result.kind === 'error' ? result.message : '').toContain('main is frozen until Monday');
    expect(fixture.headOf('main')).toBe(before);
    expect(timesRun('pre-receive')).toBe(1);
  });

  it('run exactly once each when they accept, also for the push of an agent', async () => {
    const head = submitted();
    for (const name of ['pre-receive', 'update', 'post-receive']) hook(name, 'exit 0');
    expect(await step(landing(head))).toMatchObject({ kind: 'push', outcome: 'pushed' });
    expect(['pre-receive', 'update', 'post-receive'].map(timesRun)).toEqual([1, 1, 1]);
    expect(await step(landing(head))).toMatchObject({ kind: 'push', outcome: 'already-there' });
    const sha = await received();
    await pushes.deliver(pusher, sha);
    expect(hostHas(branch)).toBe(sha);
    expect(['pre-receive', 'update', 'post-receive'].map(timesRun)).toEqual([2, 2, 2]);
  });

  it('refuse the push of an agent', async () => {
    hook('update', 'echo "no branches of agents here"; exit 1');
    await expect(pushes.deliver(pusher, await received())).rejects.toThrow('no branches of agents here');
    expect(hostHas(branch)).toBe('');
    expect(told).toEqual([]);
  });

  it("see nothing of the runner's own git, but the configuration of the user", async () => {
    writeFileSync(join(fixture.root, '.gitconfig'), '[deploy]\n\ttarget = blue\n');
    const git = createRunnerGit({
      own: join(fixture.root, 'own'),
      path: process.env.PATH ?? '',
      home: fixture.root,
      sshAuthSocket: undefined,
      credentialOf: async () => ({ username: 'x', password: 'hunter2' }),
      hasCredential: () => true,
    });
    const head = submitted();
    hook('pre-receive', `env > ${seen('env')}; git config deploy.target > ${seen('target')}`);
    const context = { mirrorPath: await mirrors.fresh(rigId), workDir: fixture.workDir, gitEnv: await git.hostEnv(rigId) };
    expect(await runCommand(landing(head), { ...context, signal: new AbortController().signal })).toMatchObject({
      outcome: 'pushed',
    });
    const environment = readFileSync(seen('env'), 'utf8');
    expect(environment).not.toMatch(/hunter2|GASTOWN_|GIT_CONFIG_(COUNT|PARAMETERS|NOSYSTEM)|GIT_ASKPASS|GIT_SSH_COMMAND/);
    expect(readFileSync(seen('target'), 'utf8')).toBe('blue\n');
  });

  it('run in a repository of another user as well', async () => {
    if (process.getuid?.() !== 0) return;
    const head = submitted();
    hook('pre-receive', 'exit 0');
    const intent = landing(head);
    execFileSync('chown', ['-R', '65534:65534', fixture.host]);
    expect(await step(intent)).toMatchObject({ kind: 'push', outcome: 'pushed' });
    expect(await step({ kind: 'check-rig', rigId })).toMatchObject({ ok: true });
    expect(timesRun('pre-receive')).toBe(1);
  });
});

it('hooks of the repositories of the runner itself never run', async () => {
  const mirror = await mirrors.fresh(rigId);
  const folder = await pushes.prepare(pusher);
  for (const [repository, name] of [
    [mirror, 'reference-transaction'],
    [mirror, 'pre-push'],
    [folder, 'pre-push'],
    [folder, 'reference-transaction'],
  ] as const) {
    mkdirSync(join(repository, 'hooks'), { recursive: true });
    writeFileSync(join(repository, 'hooks', name), `#!/bin/sh\necho ran >> ${seen('own')}\nexit 1\n`, { mode: 0o755 });
  }
  const head = submitted();
  expect(await step(landing(head))).toMatchObject({ outcome: 'pushed' });
  expect(timesRun('own')).toBe(0);
});

describe('a host that hangs in a push', () => {
  it('is not waited for beyond the limit: a sentence, nothing landed, nothing left running, and the next attempt lands', async () => {
    const intent = landing(submitted());
    hook('pre-receive', `echo $$ > ${seen('pid')}; exec sleep 600`);
    const before = fixture.headOf('main');
    expect(await step(intent)).toMatchObject({
      kind: 'error',
      retryable: true,
      message: expect.stringContaining('host.git did not take the push within 2 s') as string,
    });
    expect(fixture.headOf('main')).toBe(before);
    expect(existsSync(`/proc/${readFileSync(seen('pid'), 'utf8').trim()}`)).toBe(false);
    hook('pre-receive', 'exit 0');
    expect(await step(intent)).toMatchObject({ kind: 'push', outcome: 'pushed' });
  });

  it('has taken the push when its head says so, although the answer never came', async () => {
    const head = submitted();
    hook('post-receive', 'sleep 600');
    expect(await step(landing(head))).toMatchObject({ kind: 'push', outcome: 'pushed', remoteHead: head });
    const sha = await received();
    await pushes.deliver(pusher, sha);
    expect(told).toMatchObject([{ phase: 'after', sha }]);
    expect(warnings).toEqual(['push_answer_lost']);
  });

  it('refuses the push of an agent with a sentence, and takes it when it is pushed again', async () => {
    hook('pre-receive', 'sleep 600');
    const sha = await received();
    await expect(pushes.deliver(pusher, sha)).rejects.toThrow('host.git did not take the push within 2 s. Push again');
    hook('pre-receive', 'exit 0');
    await pushes.finishInterrupted(pusher);
    await pushes.deliver(pusher, sha);
    expect(told).toMatchObject([{ phase: 'after', sha }]);
    expect(hostHas(branch)).toBe(sha);
  });
});

describe('odd commits', () => {
  it.each([
    ['an author name with separators in it', { GIT_AUTHOR_NAME: 'A\u001fd\u001ea' }, { authorName: 'A d a' }],
    [
      'a date beyond the calendar',
      { GIT_COMMITTER_DATE: '@999999999999 +0000', GIT_AUTHOR_DATE: '@1795255200 +0000' },
      { at: '2026-11-21T10:00:00.000Z' },
    ],
    ['an endless name', { GIT_AUTHOR_NAME: 'n'.repeat(5000) }, { authorName: 'n'.repeat(200) }],
  ])('are told like any other: %s', async (_what, environment, expected) => {
    const sha = await received(environment);
    await pushes.deliver(pusher, sha);
    expect(told).toMatchObject([{ phase: 'after', sha, aheadBy: 1, commits: [{ sha, ...expected }] }]);
    expect(await step({ ...preparing(sha), headSha: sha })).toMatchObject({ outcome: 'merged', commits: [{ sha, ...expected }] });
  });

  it('do not hide the lines of the town behind a separator', async () => {
    const trailers = ['Bead-ID: web-1'];
    const sha = await received();
    fixture.git(clone(), 'commit', '--quiet', '--amend', '--allow-empty', '--message', 'Say\u001f hello\n\nBead-ID: web-1');
    const amended = fixture.git(clone(), 'rev-parse', 'HEAD');
    fixture.git(clone(), 'push', '--quiet', '--force', await pushes.prepare(pusher), `${amended}:refs/heads/${branch}`);
    await expect(pushes.deliver({ ...pusher, trailers }, sha)).rejects.toThrow('lacks the line "Bead-ID: web-1"');
    await pushes.deliver({ ...pusher, trailers }, amended);
    expect(hostHas(branch)).toBe(amended);
  });
});
const preparing = (headSha: string): Extract<CommandPayload, { kind: 'prepare' }> => ({
  kind: 'prepare',
  rigId,
  mergeRequestId: 'web-mr1',
  branch,
  headSha,
  targetBranch: 'main',
  message: 'Merge web-1',
  author: { name: 'Ada', email: 'ada@example.com' },
  committer: { name: 'Refinery', email: 'refinery@example.com' },
  commitAt: '2026-11-21T10:00:00.000Z',
});

describe('a push that the control plane was not told about', () => {
  it('never stands in the way of the next one, which tells about both', async () => {
    answer = { allowed: false, reason: 'not now' };
    const first = await received();
    await expect(pushes.deliver(pusher, first)).rejects.toThrow('not now');
    expect(hostHas(branch)).toBe(first);
    await pushes.finishInterrupted(pusher);
    expect(warnings).toEqual(['push_not_told']);
    answer = { allowed: true, reason: 'ok' };
    told = [];
    fixture.git(clone(), 'commit', '--quiet', '--allow-empty', '--message', 'More');
    const second = fixture.git(clone(), 'rev-parse', 'HEAD');
    fixture.git(clone(), 'push', '--quiet', await pushes.prepare(pusher), `${second}:refs/heads/${branch}`);
    await pushes.deliver(pusher, second);
    expect(told).toMatchObject([{ sha: second, aheadBy: 2, commits: [{ sha: second }, { sha: first }] }]);
  });

  it('is told as soon as that is possible', async () => {
    answer = { allowed: false, reason: 'not now' };
    const sha = await received();
    await expect(pushes.deliver(pusher, sha)).rejects.toThrow('not now');
    answer = { allowed: true, reason: 'ok' };
    told = [];
    await pushes.finishInterrupted(pusher);
    await pushes.finishInterrupted(pusher);
    expect(told).toMatchObject([{ phase: 'after', sha }]);
  });
});
