// Bare repositories with pushes to them from outside, for tests of hosts.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'github-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const identity = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'a@b.example', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'a@b.example' };
export const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8', env: { PATH: process.env.PATH ?? '', HOME: root, ...identity } }).trim();

let count = 0;
export const nextNumber = (): number => (count += 1);
/** A bare repository, and pushes to it from outside. */
export const bare = (): { readonly folder: string; push(branch: string): string } => {
  count += 1;
  const [folder, clone] = [join(root, `host-${count}.git`), join(root, `clone-${count}`)];
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', folder);
  git(root, 'init', '--quiet', '--initial-branch=main', clone);
  git(clone, 'remote', 'add', 'origin', folder);
  return {
    folder,
    push: (branch) => {
      count += 1;
      const isThere = git(clone, 'ls-remote', 'origin', `refs/heads/${branch}`) !== '';
      git(clone, 'fetch', '--quiet', 'origin');
      if (isThere || branch !== 'main') git(clone, 'checkout', '--quiet', '--detach', `origin/${isThere ? branch : 'main'}`);
      const file = `file-${count}.txt`;
      execFileSync('sh', ['-c', `echo line > ${file}`], { cwd: clone });
      git(clone, 'add', file);
      git(clone, 'commit', '--quiet', '--message', `Add ${file}`);
      git(clone, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
      return git(clone, 'rev-parse', 'HEAD');
    },
  };
};

const run = promisify(execFile);
/** For a host that is served by this process: the call does not wait in its way. */
export const gitBeside = async (cwd: string, ...args: string[]): Promise<void> => {
  const env = { PATH: process.env.PATH ?? '', HOME: root, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '/bin/false', ...identity };
  await run('git', ['-c', 'credential.helper=', ...args], { cwd, env, timeout: 20_000 });
};
