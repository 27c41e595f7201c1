// The GitHub adapter against a server that speaks GitHub's REST and GraphQL over real repositories.
import { afterAll, beforeAll } from 'vitest';
import { createHosts } from '../../functions/adapters/git/hosts.ts';
import type { PullRequestHost, HostRepository } from '../../functions/pull-request-host.ts';
import { startGithub } from '../fakes/github-server.ts';
import type { FakeGithub } from '../fakes/github-server.ts';
import type { FakeRepository } from '../fakes/github/world.ts';
import { fakeClock } from '../fakes/ports.ts';
import type { FakeClock } from '../fakes/ports.ts';
import { pullRequestHostSuite } from './pull-request-contract.ts';
import { bare, nextNumber } from './repositories.ts';

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
  const fake = github.addRepository(`Acme/shop-${nextNumber()}`, source.folder, people);
  const repository = { gitUrl: github.gitUrl(fake), host: 'github', credential: { username: 'x', password: 'bot-token' } } as const;
  return { host: createHosts({ clock, timeoutMs: 2000, reach: 'any' }).pullRequests, fake, repository, push: source.push };
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
