// The GitHub adapter against a server that speaks GitHub's REST and GraphQL over real repositories.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createPullRequests } from '../../functions/adapters/git/pull-requests.ts';
import type { PullRequestHost, HostRepository } from '../../functions/pull-request-host.ts';
import { startGithub } from '../fakes/github-server.ts';
import type { FakeGithub } from '../fakes/github-server.ts';
import type { FakeRepository } from '../fakes/github/world.ts';
import { fakeClock } from '../fakes/ports.ts';
import type { FakeClock } from '../fakes/ports.ts';
import { pullRequestHostSuite } from './pull-request-contract.ts';

const root = mkdtempSync(join(tmpdir(), 'github-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const identity = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'a@b.example', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'a@b.example' };
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8', env: { PATH: process.env.PATH ?? '', HOME: root, ...identity } }).trim();

let count = 0;
/** A bare repository, and pushes to it from outside. */
const bare = (): { readonly folder: string; push(branch: string): string } => {
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

let github: FakeGithub;
let clock: FakeClock;
beforeAll(async () => {
  clock = fakeClock();
  github = await startGithub(() => clock.nowMs());
  github.addToken('bot-token', 'gastown-bot');
});
afterAll(() => github.close());

interface Scene {
  readonly host: PullRequestHost;
  readonly fake: FakeRepository;
  readonly repository: HostRepository;
  push(branch: string): string;
}
const people = { 'gastown-bot': 'write', grace: 'write', heidi: 'admin', rita: 'read' } as const;
const scene = (): Scene => {
  const source = bare();
  count += 1;
  const fake = github.addRepository(`Acme/shop-${count}`, source.folder, people);
  const repository = { gitUrl: github.gitUrl(fake), host: 'github', credential: { username: 'x', password: 'bot-token' } } as const;
  return { host: createPullRequests({ clock, timeoutMs: 2000, reach: 'any' }), fake, repository, push: source.push };
};
const pullIn = (fake: FakeRepository, number: number) => {
  const pull = fake.pulls.find((each) => each.number === number);
  if (pull === undefined) throw new Error(`no pull request ${number}`);
  return pull;
};

pullRequestHostSuite('GitHub', async () => {
  const { host, fake, repository, push } = scene();
  return {
    host,
    repository,
    push: async (branch) => push(branch),
    thread: async (number, text) => github.addThread(pullIn(fake, number), 'grace', text).id,
    close: async (number) => {
      pullIn(fake, number).state = 'closed';
    },
    allow: async (methods) => {
      fake.methods = methods;
    },
    texts: async (number) => {
      const { comments, reviews, threads } = pullIn(fake, number);
      return [...comments, ...reviews, ...threads.flatMap((thread) => thread.comments)].map(({ body }) => body);
    },
  };
});
