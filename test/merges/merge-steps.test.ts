import { readdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import { commandResultSchema } from '../../functions/contracts/runner.schema.ts';
import type { CommandPayload, CommandResult } from '../../functions/contracts/runner.schema.ts';
import { gitHostFixture } from './git-host.ts';
import type { GitHostFixture } from './git-host.ts';

let fixture: GitHostFixture;
beforeEach(() => {
  fixture = gitHostFixture();
});
afterEach(() => {
  fixture.remove();
});

const rigId = 'r-8d2k1m0p';
const run = async (payload: CommandPayload, signal = new AbortController().signal): Promise<CommandResult> => {
  const result = await runCommand(payload, {
    mirrorPath: fixture.mirror,
    workDir: fixture.workDir,
    gitEnv: { PATH: process.env.PATH ?? '', HOST_PASSWORD: 'hunter2' },
    signal,
  });
  return commandResultSchema.parse(result);
};
const runAs = async <K extends CommandResult['kind']>(kind: K, payload: CommandPayload): Promise<Extract<CommandResult, { kind: K }>> => {
  const result = await run(payload);
  if (result.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(result)}`);
  return result as Extract<CommandResult, { kind: K }>;
};
const prepareOf = (headSha: string, branch = 'gt/toast/web-1'): CommandPayload => ({
  kind: 'prepare',
  rigId,
  mergeRequestId: 'web-mr1',
  branch,
  headSha,
  targetBranch: 'main',
  message: 'Merge web-1: Add a page\n\nBead-ID: web-1',
  author: { name: 'Ada', email: 'ada@example.com' },
  committer: { name: 'Refinery (gastown)', email: 'refinery@noreply.gastown.invalid' },
  commitAt: '2026-11-21T10:00:00.000Z',
});
const gate = (name: string, command: string, timeoutSeconds = 20) => ({ name, command, timeoutSeconds, phase: 'both' as const });

describe('prepare', () => {
  it("makes a convoy's feature branch from the default branch once, and merges members onto each other there", async () => {
    const feature = 'convoy/search/hq-c1/head';
    const one = fixture.commitOn('convoy/search/hq-c1/toast-web-1', { 'one.txt': '1\n' });
    const into = { targetBranch: feature, createTargetFrom: 'main' };
    const first = await runAs('prepare', { ...prepareOf(one, 'convoy/search/hq-c1/toast-web-1'), ...into });
    expect(first).toMatchObject({ outcome: 'merged', targetSha: fixture.headOf('main') });
    expect(fixture.headOf(feature)).toBe(fixture.headOf('main'));
    expect(await runAs('prepare', { ...prepareOf(one, 'convoy/search/hq-c1/toast-web-1'), ...into })).toEqual(first);
    fixture.commitOn(feature, { 'other.txt': 'other\n' });
    expect(await runAs('prepare', { ...prepareOf(one, 'convoy/search/hq-c1/toast-web-1'), ...into })).toMatchObject({
      outcome: 'merged',
      targetSha: fixture.headOf(feature),
    });
  });

  it('lands a feature branch as the host has it, so that what people push to it counts', async () => {
    const feature = 'convoy/search/hq-c1/head';
    const head = fixture.commitOn(feature, { 'base.txt': 'ours\n' });
    fixture.commitOn('main', { 'base.txt': 'theirs\n' });
    const landing = { ...prepareOf(head, feature), followBranch: true };
    expect(await runAs('prepare', landing)).toMatchObject({ outcome: 'conflict', conflictFiles: ['base.txt'], headSha: head });
    fixture.git(fixture.root, '-C', 'clone', 'checkout', '--quiet', '--detach', head);
    fixture.git(fixture.root, '-C', 'clone', 'merge', '--quiet', '--strategy', 'ours', '--message', 'Resolve', 'origin/main');
    fixture.git(fixture.root, '-C', 'clone', 'push', '--quiet', 'origin', `HEAD:refs/heads/${feature}`);
    expect(await runAs('prepare', landing)).toMatchObject({ outcome: 'merged', headSha: fixture.headOf(feature) });
  });

  it('makes a merge commit with title and trailers, and the same one when it is asked again', async () => {
    const head = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    const first = await runAs('prepare', prepareOf(head));
    expect(first).toMatchObject({
      outcome: 'merged',
      targetSha: fixture.headOf('main'),
      commits: [{ sha: head, authorName: 'Ada', message: 'Change page.txt' }],
    });
    rmSync(fixture.mirror, { recursive: true });
    fixture.git(fixture.root, 'clone', '--quiet', '--bare', fixture.host, fixture.mirror);
    expect(await runAs('prepare', prepareOf(head))).toEqual(first);
    const tip = first.tip ?? '';
    expect(fixture.git(fixture.mirror, 'log', '-1', '--format=%an|%cn|%ct|%B', tip)).toContain(
      'Ada|Refinery (gastown)|1795255200|Merge web-1: Add a page\n\nBead-ID: web-1',
    );
    expect(fixture.git(fixture.mirror, 'rev-parse', `${tip}^1`, `${tip}^2`).split('\n')).toEqual([first.targetSha, head]);
    expect(fixture.git(fixture.mirror, 'for-each-ref', '--format=%(objectname)', 'refs/gastown/requests/web-mr1/tip')).toBe(tip);
  });

  it('names the files of a conflict', async () => {
    const head = fixture.commitOn('gt/toast/web-1', { 'base.txt': 'mine\n' });
    fixture.commitOn('main', { 'base.txt': 'theirs\n' });
    expect(await runAs('prepare', prepareOf(head))).toMatchObject({ outcome: 'conflict', conflictFiles: ['base.txt'] });
  });

  it('says so when the target contains the head already', async () => {
    const head = fixture.commitOn('main', { 'page.txt': 'page\n' });
    expect(await runAs('prepare', prepareOf(head))).toMatchObject({ outcome: 'already-merged', tip: head });
  });

  it('finds the head although its branch is gone, and says when the head is gone as well', async () => {
    const head = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    await run(prepareOf(head));
    fixture.git(fixture.host, 'update-ref', '-d', 'refs/heads/gt/toast/web-1');
    expect(await runAs('prepare', prepareOf(head))).toMatchObject({ outcome: 'merged' });
    expect(await runAs('prepare', prepareOf('a'.repeat(40)))).toMatchObject({ outcome: 'source-missing' });
  });

  it('answers with an error that is not worth repeating when the repository is missing', async () => {
    const head = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    rmSync(fixture.host, { recursive: true });
    expect(await run(prepareOf(head))).toMatchObject({ kind: 'error', retryable: false });
  });
});

describe('gates', () => {
  it('run in a clean checkout of the commit, without the credentials of git', async () => {
    const sha = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    await run(prepareOf(sha));
    const result = await runAs('gates', {
      kind: 'gates',
      rigId,
      sha,
      gates: [
        gate('tree', 'cat page.txt && git status --porcelain && env'),
        gate('red', 'printf "\\033[31mbroken\\033[0m\\r\\n" >&2; exit 3'),
        gate('after', 'true'),
      ],
    });
    expect(result.ok).toBe(false);
    expect(result.results.map(({ name, ok, exitCode }) => ({ name, ok, exitCode }))).toEqual([
      { name: 'tree', ok: true, exitCode: 0 },
      { name: 'red', ok: false, exitCode: 3 },
      { name: 'after', ok: true, exitCode: 0 },
    ]);
    expect(result.results[0]?.output).toContain('page\n');
    expect(result.results[0]?.output).not.toContain('hunter2');
    expect(result.results[1]?.output).toBe('[31mbroken[0m\n');
  });

  it('ends a gate at its time limit together with everything it started', async () => {
    const sha = fixture.headOf('main');
    const startedMs = performance.now();
    const result = await runAs('gates', { kind: 'gates', rigId, sha, gates: [gate('slow', 'sleep 30 & sleep 30', 1)] });
    expect(result.results[0]).toMatchObject({ ok: false, timedOut: true });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('does not wait for what a gate leaves running', async () => {
    const startedMs = performance.now();
    const result = await runAs('gates', {
      kind: 'gates',
      rigId,
      sha: fixture.headOf('main'),
      gates: [gate('daemon', 'sleep 30 & echo started')],
    });
    expect(result.results[0]).toMatchObject({ ok: true, output: 'started\n' });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('keeps the first and the last part of a long output', async () => {
    const result = await runAs('gates', {
      kind: 'gates',
      rigId,
      sha: fixture.headOf('main'),
      gates: [gate('loud', 'echo first; seq 1 20000; echo last')],
    });
    const output = result.results[0]?.output ?? '';
    expect(output.startsWith('first\n')).toBe(true);
    expect(output.endsWith('last\n')).toBe(true);
    expect(output).toContain('bytes left out');
    expect(output.length).toBeLessThan(9000);
  });

  it('leaves nothing behind and ends early when it is aborted', async () => {
    const abort = new AbortController();
    const running = run({ kind: 'gates', rigId, sha: fixture.headOf('main'), gates: [gate('slow', 'sleep 30')] }, abort.signal);
    setTimeout(() => {
      abort.abort();
    }, 300);
    expect(await running).toMatchObject({ kind: 'error', retryable: true });
    expect(readdirSync(fixture.workDir)).toEqual([]);
  });
});

const prepared = async (): Promise<{ expectedOld: string; newTip: string }> => {
  const head = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
  const { targetSha = '', tip = '' } = await runAs('prepare', prepareOf(head));
  return { expectedOld: targetSha, newTip: tip };
};
const pushOf = (intent: { expectedOld: string; newTip: string }): CommandPayload => ({
  kind: 'push',
  rigId,
  intent: { targetBranch: 'main', ...intent },
});

describe('push', () => {
  it('lands the tip once; asked again it finds it there', async () => {
    const intent = await prepared();
    expect(await runAs('push', pushOf(intent))).toEqual({ kind: 'push', outcome: 'pushed', remoteHead: intent.newTip });
    expect(fixture.headOf('main')).toBe(intent.newTip);
    const later = fixture.commitOn('main', { 'later.txt': 'later\n' });
    expect(await runAs('push', pushOf(intent))).toEqual({ kind: 'push', outcome: 'already-there', remoteHead: later });
  });

  it('writes over nobody: a target that moved stays as it is', async () => {
    const intent = await prepared();
    const other = fixture.commitOn('main', { 'other.txt': 'other\n' });
    expect(await runAs('push', pushOf(intent))).toEqual({ kind: 'push', outcome: 'moved', remoteHead: other });
    expect(fixture.headOf('main')).toBe(other);
  });

  it('asks for another preparation when the mirror has lost the tip', async () => {
    const intent = await prepared();
    rmSync(fixture.mirror, { recursive: true });
    fixture.git(fixture.root, 'clone', '--quiet', '--bare', fixture.host, fixture.mirror);
    expect(await runAs('push', pushOf(intent))).toMatchObject({ outcome: 'moved', remoteHead: intent.expectedOld });
  });
});

describe('check-rig and diff', () => {
  it('reports a repository that can be pushed to, and what is wrong with one that cannot be read', async () => {
    expect(await runAs('check-rig', { kind: 'check-rig', rigId })).toMatchObject({ ok: true, defaultBranch: 'main' });
    rmSync(fixture.host, { recursive: true });
    expect(await runAs('check-rig', { kind: 'check-rig', rigId })).toMatchObject({ ok: false });
  });

  it('lists files with counts, renames and patches, and leaves out what is too long', async () => {
    const baseSha = fixture.commitOn('main', { 'old name.txt': 'a\nb\nc\nd\ne\n', 'big.txt': 'x\n' });
    fixture.commitOn('topic', { 'big.txt': 'y\n'.repeat(5000), 'ünï.txt': 'u\n' }, { from: baseSha });
    const clone = `${fixture.root}/clone`;
    fixture.git(clone, 'mv', 'old name.txt', 'new name.txt');
    fixture.git(clone, 'commit', '--quiet', '--message', 'Rename');
    fixture.git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/topic');
    const headSha = fixture.headOf('topic');
    const whole = await runAs('diff', { kind: 'diff', rigId, baseSha, headSha, maxBytes: 100_000 });
    expect(whole.truncated).toBe(false);
    expect(whole.files.map(({ patch: _patch, ...file }) => file)).toEqual([
      { path: 'big.txt', additions: 5000, deletions: 1, binary: false },
      { path: 'new name.txt', oldPath: 'old name.txt', additions: 0, deletions: 0, binary: false },
      { path: 'ünï.txt', additions: 1, deletions: 0, binary: false },
    ]);
    expect(whole.files[2]?.patch).toContain('+u');
    const cut = await runAs('diff', { kind: 'diff', rigId, baseSha, headSha, maxBytes: 1000 });
    expect(cut.truncated).toBe(true);
    expect(cut.files.find((file) => file.path === 'big.txt')?.patch).toBe('');
  });
});

describe('check-branch', () => {
  const check = (branch: string) =>
    runAs('check-branch', { kind: 'check-branch', rigId, branch, targetBranch: 'main', defaultBranch: 'main' });
  it('says what the host has on a branch, how far it is ahead, and which files it changes', async () => {
    const base = fixture.headOf('main');
    const first = fixture.commitOn('gt/crew-ada/web-1', { 'src/a.ts': '1\n' });
    const sha = fixture.commitOn('gt/crew-ada/web-1', { 'docs/b.md': '2\n' }, { from: first });
    fixture.commitOn('main', { 'other.txt': 'x\n' });
    const { head } = await check('gt/crew-ada/web-1');
    expect(head).toMatchObject({ sha, baseSha: base, aheadBy: 2, changedPaths: ['docs/b.md', 'src/a.ts'] });
    expect(head?.commits).toHaveLength(2);
  });
  it('says that a branch is not there, and that one is not ahead', async () => {
    expect((await check('gt/crew-ada/none')).head).toBeUndefined();
    expect((await check('main')).head).toMatchObject({ aheadBy: 0, changedPaths: [] });
  });
});
