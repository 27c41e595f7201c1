// Repositories on a path, asked with real git.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalGitHost } from './git-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'git-host-'));
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
  });

beforeAll(() => {
  git('init', '-q', '-b', 'trunk', 'work');
  git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'first');
  // The usual way: the bare repository is made first, with a HEAD that the first push does not fill.
  git('init', '-q', '--bare', '-b', 'master', 'shop.git');
  git('-C', 'work', 'push', '-q', join(folder, 'shop.git'), 'trunk', 'trunk:another');
  git('init', '-q', '--bare', '-b', 'main', 'empty.git');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a repository on a path', () => {
  const { probe } = createLocalGitHost(() => Promise.reject(new Error('no http here')));
  it('is asked for its branches, and its HEAD counts only when it names one of them', async () => {
    expect(await probe(join(folder, 'shop.git'))).toEqual({
      ok: true,
      defaultBranch: 'another',
      branches: ['another', 'trunk'],
      moreBranches: false,
    });
    git('-C', 'shop.git', 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
    expect(await probe(`file://${join(folder, 'shop.git')}`)).toMatchObject({ defaultBranch: 'trunk' });
  });
  it('has no branches before its first commit', async () => {
    expect(await probe(join(folder, 'empty.git'))).toMatchObject({ ok: true, branches: [] });
  });
  it('must not be a working copy that refuses pushes, nor a folder that is none', async () => {
    expect(await probe(join(folder, 'work'))).toMatchObject({ ok: false, reason: 'read-only', message: expect.stringContaining('bare') });
    expect(await probe(folder)).toMatchObject({ ok: false, reason: 'not-found' });
  });
});
