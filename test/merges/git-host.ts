// A real bare repository as the host, a clone to write with, and a mirror as the runner has it; for tests.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const identity = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export interface GitHostFixture {
  readonly root: string;
  readonly host: string;
  readonly mirror: string;
  readonly workDir: string;
  git(cwd: string, ...args: string[]): string;
  /** Writes files on a branch (made from `from`) and pushes it; answers the commit. */
  commitOn(
    branch: string,
    files: Readonly<Record<string, string>>,
    options?: { readonly from?: string; readonly message?: string },
  ): string;
  headOf(branch: string): string;
  remove(): void;
}

/** `main` holds one commit with `base.txt`. */
export const gitHostFixture = (): GitHostFixture => {
  const root = mkdtempSync(join(tmpdir(), 'gastown-merge-'));
  const [host, mirror, clone, workDir] = [join(root, 'host.git'), join(root, 'mirror.git'), join(root, 'clone'), join(root, 'work')];
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: root, ...identity },
    }).trim();
  mkdirSync(workDir);
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', host);
  git(root, 'init', '--quiet', '--initial-branch=main', clone);
  git(clone, 'remote', 'add', 'origin', host);
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
  };
  const commitOn: GitHostFixture['commitOn'] = (branch, files, options = {}) => {
    git(clone, 'fetch', '--quiet', 'origin');
    const exists = git(clone, 'ls-remote', 'origin', `refs/heads/${branch}`) !== '';
    git(clone, 'checkout', '--quiet', '--force', '--detach', options.from ?? (exists ? `origin/${branch}` : 'origin/main'));
    write(files);
    git(clone, 'add', '--all');
    git(clone, 'commit', '--quiet', '--message', options.message ?? `Change ${Object.keys(files).join(', ')}`);
    git(clone, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
    return git(clone, 'rev-parse', 'HEAD');
  };
  write({ 'base.txt': 'base\n' });
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '--message', 'First commit');
  git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  git(root, 'clone', '--quiet', '--bare', host, mirror);
  return {
    root,
    host,
    mirror,
    workDir,
    git,
    commitOn,
    headOf: (branch) => git(host, 'rev-parse', `refs/heads/${branch}`),
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
};
