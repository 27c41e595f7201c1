// The host in memory that other tests use does what real hosts do; one that is out of order says so.
import { expect, it } from 'vitest';
import { HostUnavailable } from '../../functions/host-errors.ts';
import { fakeClock } from '../fakes/ports.ts';
import { memoryHost } from '../fakes/pull-request-host.ts';
import { pullRequestHostSuite } from './pull-request-contract.ts';

const repository = { gitUrl: 'https://git.example/acme/web.git' };
pullRequestHostSuite('the host in memory', async () => {
  const host = memoryHost(fakeClock());
  let count = 0;
  return {
    host,
    repository,
    push: async (branch) => {
      const sha = (count += 1).toString(16).padStart(40, '0');
      host.push(branch, sha);
      return sha;
    },
    thread: async (number, text) => {
      host.people.thread(number, { id: 'T1', text });
      return 'T1';
    },
    close: async (number) => {
      host.people.close(number);
    },
    allow: async (methods) => {
      host.people.allow(methods);
    },
    texts: async () => host.said.map(({ text }) => text),
  };
});

it('fails when it is told to, before or after the effect', async () => {
  const host = memoryHost(fakeClock());
  host.push('gt/web-1', 'a'.repeat(40));
  host.failNext('open', new HostUnavailable('out of order', { reason: 'outage', retryAfterMs: 30_000 }), 'after');
  const request = { headBranch: 'gt/web-1', baseBranch: 'main', title: 'One', body: '' };
  await expect(host.open(repository, request)).rejects.toMatchObject({ name: 'HostUnavailable', retryAfterMs: 30_000 });
  expect(await host.findByHead(repository, 'gt/web-1')).toMatchObject({ number: 1 });
  host.deny('This token cannot open pull requests.');
  expect(await host.access(repository)).toMatchObject({ ok: false });
});
