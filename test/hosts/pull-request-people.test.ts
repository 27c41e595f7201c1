// What people do about a pull request in the town: see what it waits for, merge it now, stop the timer, connect a host.
import { describe, expect, it } from 'vitest';
import { mergeNeedsAttention, mergeSentence } from '../../functions/domain/merge-sentence.ts';
import { isMergeRequest } from '../../functions/domain/bead-writes.ts';
import { HostUnavailable } from '../../functions/host-errors.ts';
import { bodyOf, client } from '../api/call.ts';
import { fakeClock, fakePorts } from '../fakes/ports.ts';
import { memoryHost } from '../fakes/pull-request-host.ts';
import { townId } from '../rules/build.ts';
import { head, minute, pullRequestWorld, requestId } from './pull-request-world.ts';
import type { PullRequestWorld } from './pull-request-world.ts';

const auto = { 'merge.autoMerge': true } as const;
const opened = async (options: Parameters<typeof pullRequestWorld>[0] = {}): Promise<PullRequestWorld> => {
  const world = await pullRequestWorld(options);
  await world.pass();
  await world.later(2 * minute);
  return world;
};
const decide = (world: PullRequestWorld, decision: 'merge' | 'hold') =>
  client(world.ports)('decideMerge', { as: 'ada', params: { townId, beadId: requestId }, body: { decision } });

describe('a person', () => {
  it('merges a good pull request at once, after one more look', async () => {
    const world = await opened();
    expect(await decide(world, 'merge')).toMatchObject({ status: 200, body: { details: { pullRequest: { asked: { by: 'user:ada' } } } } });
    expect((await decide(world, 'merge')).status).toBe(200);
    await world.pass();
    expect(await world.requestOf()).toMatchObject({ status: 'closed' });
    const merged = (await world.events()).filter(({ type }) => type === 'merged');
    expect(merged).toMatchObject([{ data: { by: 'user:ada' } }]);
  });
  it('is told what is in the way, and nothing is merged that is not good at the last look', async () => {
    const world = await opened();
    world.host.people.edit(1, { draft: true });
    expect((await decide(world, 'merge')).status).toBe(200);
    await world.pass();
    expect(world.host.calls).not.toContain('merge');
    expect(await decide(world, 'merge')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('It is a draft.') } });
  });
  it('stops the timer of a commit, not that of the next', async () => {
    const world = await opened({ settings: auto });
    expect((await decide(world, 'hold')).status).toBe(200);
    await world.later(30 * minute);
    expect(world.host.calls).not.toContain('merge');
    expect(await world.watch()).toMatchObject({ ready: true, heldBackSha: head });
  });
  it('decides about open pull requests only', async () => {
    const world = await opened();
    world.host.people.merge(1, head);
    await world.later(minute);
    expect(await decide(world, 'merge')).toMatchObject({ status: 409 });
  });
  it('sees in one sentence what it waits for, also as the reason of its bead', async () => {
    const world = await opened();
    const request = await world.requestOf();
    if (!isMergeRequest(request)) throw new Error('no request');
    expect(mergeSentence(request)).toBe('Its pull request 1 into main is open. Everything is good: a person may merge it.');
    expect(mergeNeedsAttention(request)).toBe(true);
    const answer = await client(world.ports)('beadExplain', { as: 'ada', params: { townId, beadId: 'web-src1' } });
    expect(bodyOf('beadExplain', answer).sentence).toContain('a person may merge it');
  });
});

describe('connecting a repository', () => {
  const connect = async (host = memoryHost(fakeClock())) => {
    const ports = { ...fakePorts(), pullRequests: host };
    const call = client(ports);
    const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
    const body = { name: 'web', gitUrl: 'https://git.example/Acme/web.git' };
    return { host, answer: await call('createRig', { as: 'ada', params: { townId: town.townId }, body }) };
  };
  it('remembers whether its host has pull requests that the credential may open', async () => {
    expect((await connect()).answer.body).toMatchObject({ pullRequests: { host: 'github', repo: 'acme/web', login: 'gastown-bot' } });
    const denied = memoryHost(fakeClock());
    denied.deny('This token may not open pull requests.');
    const { answer } = await connect(denied);
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty('pullRequests');
  });
  it('waits for a host that does not answer, instead of guessing', async () => {
    const host = memoryHost(fakeClock());
    host.failNext('access', new HostUnavailable('The host answers 502.', { reason: 'outage' }));
    expect((await connect(host)).answer).toMatchObject({ status: 503 });
  });
});
