// M6: pull requests of a git host are opened, watched, answered and merged. People act on a host in memory; passes follow.
import { describe, expect, it } from 'vitest';
import { HostRefused, HostUnavailable } from '../../functions/host-errors.ts';
import { sha, townId } from '../rules/build.ts';
import { branch, checked, head, hostRig, Killed, minute, mortal, pullRequestWorld, requestId, sourceId } from './pull-request-world.ts';
import type { PullRequestWorld } from './pull-request-world.ts';

const auto = { 'merge.autoMerge': true } as const;
/** Opened, looked at, and two minutes old: without any check it is good. */
const opened = async (options: Parameters<typeof pullRequestWorld>[0] = {}): Promise<PullRequestWorld> => {
  const world = await pullRequestWorld(options);
  await world.pass();
  await world.later(2 * minute);
  return world;
};
const source = (world: PullRequestWorld) => world.bead(sourceId);

describe('M6 opening', () => {
  it('opens one pull request with bead, agent, model, gates and the person who asked', async () => {
    const world = await pullRequestWorld({
      request: { gates: [{ name: 'test', ok: true, exitCode: 0, durationMs: 2000, timedOut: false, output: '' }] },
    });
    await world.pass();
    expect(world.host.opened).toHaveLength(1);
    const [pull] = world.host.opened;
    expect(pull).toMatchObject({ headBranch: branch, baseBranch: 'main', title: 'Say hello' });
    for (const word of [sourceId, requestId, 'Toast', 'scripted', 'test: green', 'Person ada', 'It says hello now.'])
      expect(pull?.body).toContain(word);
    expect((await world.watch()).ref).toEqual({ number: 1, url: 'https://git.example/acme/web/pull/1', repo: 'acme/web' });
    expect((await world.events()).map(({ type }) => type)).toContain('pr_created');
  });
  it('finds the one that was opened before its number could be noted', async () => {
    const world = await pullRequestWorld();
    const first = mortal(world.ports, world.host, 1, 'after');
    await expect(world.pass(first.ports)).rejects.toThrow(Killed);
    expect((await world.watch()).ref).toBeUndefined();
    await world.pass();
    expect(world.host.opened).toHaveLength(1);
    expect((await world.watch()).ref?.number).toBe(1);
  });
  it('says to people at once why the host refuses to open it, and tries again later', async () => {
    const world = await pullRequestWorld();
    world.host.failNext('open', new HostRefused('This token may not open pull requests in acme/web; give one that may.', 'forbidden'));
    await world.pass();
    expect(await world.escalations()).toMatchObject([{ body: expect.stringContaining('give one that may') }]);
    expect(await world.watch()).toMatchObject({ badPolls: 1, waitsFor: expect.stringContaining('give one that may') });
    await world.later(minute);
    expect(await world.watch()).toMatchObject({ badPolls: 0, ref: { number: 1 } });
  });
  it('takes the one that an agent names, unless it is not the one of this work', async () => {
    const ref = { number: 1, url: 'https://git.example/acme/web/pull/1', repo: 'acme/web' };
    const pullRequest = { entries: [], feedbackRounds: 0, badPolls: 0, checkedSha: head, ref, claimed: true as const };
    const world = await pullRequestWorld({ request: { pullRequest } });
    await world.host.open({ gitUrl: '' }, { headBranch: branch, baseBranch: 'main', title: 'Mine', body: '' });
    await world.pass();
    expect(world.host.opened.map(({ title }) => title)).toEqual(['Mine']);
    expect((await world.watch()).claimed).toBeUndefined();
    const other = await pullRequestWorld({ request: { pullRequest } });
    other.host.push('people/other', sha('9'));
    await other.host.open({ gitUrl: '' }, { headBranch: 'people/other', baseBranch: 'main', title: 'Theirs', body: '' });
    await other.pass();
    expect(other.host.opened.map(({ title }) => title)).toEqual(['Theirs', 'Say hello']);
    expect((await other.watch()).ref?.number).toBe(2);
  });
  it('never takes one of a fork, or one that ended without the commit of this work, for its own', async () => {
    const ref = { number: 1, url: 'https://git.example/acme/web/pull/1', repo: 'acme/web' };
    const pullRequest = { entries: [], feedbackRounds: 0, badPolls: 0, checkedSha: head, ref, claimed: true as const };
    for (const foreign of [
      { isFork: true },
      { isFork: true, state: 'merged', mergedSha: sha('e') },
      { state: 'merged', mergedSha: sha('e'), headSha: sha('9') },
      { state: 'closed', closedBy: 'grace' },
    ] as const) {
      const world = await pullRequestWorld({ request: { pullRequest } });
      await world.host.open({ gitUrl: '' }, { headBranch: branch, baseBranch: 'main', title: 'Theirs', body: '' });
      world.host.people.edit(1, foreign);
      await world.pass();
      expect(await world.requestOf()).toMatchObject({ status: 'open' });
      expect((await world.watch()).ref?.number).toBe(2);
    }
  });
});

describe('M6 the end on the host', () => {
  it('closes request and source when somebody else has merged it, also with a timer running (L41)', async () => {
    const world = await opened({ settings: auto });
    expect((await world.watch()).mergeAt).toBeDefined();
    world.host.people.merge(1, sha('e'));
    await world.later(minute);
    expect(await world.requestOf()).toMatchObject({ status: 'closed', details: { landedSha: sha('e') } });
    expect((await world.watch()).mergeAt).toBeUndefined();
    expect(await source(world)).toMatchObject({ status: 'closed' });
    expect(await world.nextLook()).toBeUndefined();
    // H4: its branch is of no use any more.
    expect((await world.ports.store.workOf(townId)).map(({ kind }) => kind)).toContain('branches');
    expect(world.host.calls).not.toContain('merge');
  });
  it('opens no second one when it was merged while what was said there was read (L81)', async () => {
    const world = await opened({ settings: auto });
    world.clock.advance(5 * minute);
    const merge = world.host.merge;
    // Between the last look and the merge a person is faster.
    world.ports.pullRequests.merge = async (...given) => {
      world.host.people.merge(1, sha('e'));
      return merge(...given);
    };
    await world.pass();
    expect(await world.requestOf()).toMatchObject({ status: 'closed', details: { landedSha: sha('e') } });
    expect(world.host.opened).toHaveLength(1);
    expect((await world.events()).filter(({ type }) => type === 'merged')).toHaveLength(1);
  });
  it('counts although the host does not take what the town wants to say there', async () => {
    const review = { key: 'web-m001.r1', sha: head, event: 'request_changes' as const, text: 'Two findings.', comments: [] };
    const refusing = async (): Promise<PullRequestWorld> => {
      const world = await pullRequestWorld({ request: { pullRequest: checked({ review }) } });
      world.ports.pullRequests.review = async () => Promise.reject(new HostRefused('The conversation is locked.', 'forbidden'));
      await world.pass();
      expect(await world.watch()).toMatchObject({ waitsFor: expect.stringContaining('locked') });
      return world;
    };
    const merged = await refusing();
    merged.host.people.merge(1, sha('e'));
    await merged.later(2 * minute);
    expect(await merged.requestOf()).toMatchObject({ status: 'closed', details: { landedSha: sha('e') } });
    const pushed = await refusing();
    pushed.host.push(branch, sha('b'));
    await pushed.later(2 * minute);
    expect(await pushed.requestOf()).toMatchObject({ details: { headSha: sha('b') } });
  });
  it('stops what still repairs it when it is merged meanwhile (L46)', async () => {
    const world = await opened();
    world.host.people.thread(1, { id: 'T1' });
    await world.later(minute);
    const [bead] = await world.beadsOfKind('feedback');
    world.host.people.merge(1, sha('e'));
    await world.later(minute);
    expect(await world.bead(bead?.beadId ?? '')).toMatchObject({
      status: 'closed',
      details: { doneSummary: expect.stringContaining('Not needed') },
    });
  });
  it('opens and holds its source, with the reason, when it is closed without a merge', async () => {
    const world = await opened();
    world.host.people.close(1);
    await world.later(minute);
    expect(await world.requestOf()).toMatchObject({ status: 'failed', failure: { code: 'pull_request_closed' } });
    expect(await source(world)).toMatchObject({
      status: 'open',
      held: true,
      details: { lastError: expect.stringContaining('grace has closed pull request 1') },
    });
    expect(await world.escalations()).toHaveLength(1);
  });
  it('is seen also while a repair of the town is under way', async () => {
    const ref = { number: 1, url: 'https://git.example/acme/web/pull/1', repo: 'acme/web' };
    const world = await pullRequestWorld({
      request: { stage: 'blocked', pullRequest: { ref, entries: [], feedbackRounds: 0, badPolls: 0, checkedSha: head } },
    });
    await world.host.open({ gitUrl: '' }, { headBranch: branch, baseBranch: 'main', title: 'Say hello', body: '' });
    world.host.people.thread(1, { id: 'T1' });
    await world.pass();
    expect(await world.beadsOfKind('feedback')).toEqual([]);
    world.host.people.merge(1, sha('e'));
    await world.later(2 * minute);
    expect(await world.requestOf()).toMatchObject({ status: 'closed' });
  });
});

describe('M6 waiting', () => {
  it('looks after 60 s, then more and more rarely up to 10 minutes, and writes nothing but the next time', async () => {
    const world = await opened();
    const version = (await world.requestOf()).version;
    const waits: (number | undefined)[] = [];
    for (let look = 0; look < 6; look += 1) {
      waits.push(await world.nextLook());
      await world.later(10 * minute);
    }
    expect(waits).toEqual([minute, 2 * minute, 4 * minute, 8 * minute, 10 * minute, 10 * minute]);
    expect((await world.requestOf()).version).toBe(version);
  });
  it('takes no check at all for good only two minutes after the push, and not where one is required (L44)', async () => {
    const world = await pullRequestWorld();
    await world.pass();
    expect(await world.watch()).toMatchObject({ waitsFor: expect.stringContaining('No check has begun yet.') });
    await world.later(2 * minute);
    expect(await world.watch()).toMatchObject({ ready: true });
    world.host.people.edit(1, { checks: [{ name: 'build', state: 'pending', required: true }] });
    await world.later(minute);
    expect(await world.watch()).toMatchObject({ waitsFor: '1 check not finished: build.' });
    expect((await world.watch()).ready).toBeUndefined();
  });
  it('shows a person that it is ready, and merges nothing while automatic merging is off', async () => {
    const world = await opened();
    await world.later(60 * minute);
    expect(await world.watch()).toMatchObject({ ready: true, waitsFor: 'Everything is good: a person may merge it.' });
    expect(world.host.calls).not.toContain('merge');
  });
  it('counts bad looks with their reason, waits as the host says, and starts anew with a good one (L55)', async () => {
    const world = await opened();
    for (let look = 0; look < 10; look += 1) {
      world.host.failNext('facts', new HostUnavailable('The host answers 502.', { reason: 'outage', retryAfterMs: 30 * minute }));
      await world.later(30 * minute);
    }
    expect(await world.watch()).toMatchObject({ badPolls: 10, lastError: 'The host answers 502.' });
    expect(await world.nextLook()).toBe(30 * minute);
    expect((await world.escalations()).map(({ title }) => title).toSorted()).toEqual([
      'The pull request of "Say hello" cannot be looked at',
      'The pull requests of git.example failed 3 times in a row',
    ]);
    await world.later(30 * minute);
    expect(await world.watch()).toMatchObject({ badPolls: 0, ready: true });
    expect((await world.watch()).lastError).toBeUndefined();
    expect(await world.ports.store.get('work', { townId, kind: 'breaker', workId: 'host:git.example' })).toBeUndefined();
  });
  it('has its own breaker: of a host that is out of order agents work on', async () => {
    const world = await opened();
    for (let look = 0; look < 3; look += 1) {
      world.host.failNext('facts', new HostUnavailable('Slow down.', { reason: 'rate_limit', retryAfterMs: minute }));
      await world.later(minute);
    }
    const item = await world.ports.store.get('work', { townId, kind: 'breaker', workId: 'host:git.example' });
    expect(JSON.parse(item?.data ?? '{}')).toMatchObject({ failures: 3, error: 'Slow down.' });
  });
});

describe('M6 the timer', () => {
  it('merges by itself after the grace period, with the head that was looked at and our words', async () => {
    const world = await opened({ settings: auto });
    expect(await world.watch()).toMatchObject({ ready: true, mergeAtSha: head });
    await world.later(4 * minute);
    expect(world.host.calls).not.toContain('merge');
    await world.later(minute);
    expect(world.host.mergeCalls).toEqual([
      {
        number: 1,
        sha: head,
        method: 'squash',
        title: 'Say hello (#1)',
        message: `Bead-ID: ${sourceId}\nMerge-Request: ${requestId}\nRequested-by: Person ada <ada@example.com>`,
      },
    ]);
    expect(await source(world)).toMatchObject({ status: 'closed' });
  });
  it('reads everything again right before the merge (L43)', async () => {
    const world = await opened({ settings: auto });
    world.host.people.edit(1, { reviewDecision: 'changes_requested' });
    await world.later(5 * minute);
    expect(world.host.calls).not.toContain('merge');
    expect(await world.watch()).toMatchObject({ waitsFor: 'A reviewer has asked for changes.' });
    expect((await world.watch()).mergeAt).toBeUndefined();
  });
  it('does nothing when automatic merging was switched off meanwhile, nor when pull requests were (L52)', async () => {
    const switches = [
      (world: PullRequestWorld) => world.put(hostRig({ 'merge.autoMerge': false })),
      (world: PullRequestWorld) => world.organisation({ 'flags.prStrategy': { to: 'off' } }),
    ];
    for (const off of switches) {
      const world = await opened({ settings: auto });
      await off(world);
      await world.later(5 * minute);
      expect(world.host.calls).not.toContain('merge');
      expect(await world.watch()).toMatchObject({ ready: true });
      expect((await world.watch()).mergeAt).toBeUndefined();
    }
  });
  it.each([
    ['an outage', new HostUnavailable('no answer', { reason: 'outage' })],
    ['a refusal', new HostRefused('This token may not merge.', 'forbidden')],
  ])('is off with its flag after %s (L40)', async (_what, error) => {
    const world = await opened({ settings: auto });
    world.host.failNext('merge', error);
    await world.later(5 * minute);
    const watch = await world.watch();
    expect([watch.mergeAt, watch.merging, watch.ready]).toEqual([undefined, undefined, undefined]);
    expect(watch).toMatchObject({ badPolls: 1, lastError: error.message });
    expect(await world.requestOf()).toMatchObject({ status: 'open' });
  });
  it('tries the next method that is allowed, squash first (L62)', async () => {
    const world = await opened({ settings: auto });
    world.host.people.edit(1, { allowedMethods: ['rebase', 'merge', 'squash'] });
    world.host.people.allow(['merge']);
    world.host.people.edit(1, { allowedMethods: ['squash', 'merge'] });
    await world.later(5 * minute);
    expect(world.host.mergeCalls.map(({ method }) => method)).toEqual(['squash', 'merge']);
    expect(await world.requestOf()).toMatchObject({ status: 'closed' });
  });
  it('begins again for a commit that came while it was merged, which is looked at first', async () => {
    const world = await opened({ settings: auto });
    const merge = world.host.merge;
    world.ports.pullRequests.merge = async (...given) => {
      world.ports.pullRequests.merge = merge;
      world.host.push(branch, sha('b'));
      return merge(...given);
    };
    await world.later(5 * minute);
    expect(await world.requestOf()).toMatchObject({ status: 'open', details: { headSha: sha('b') } });
    await world.later(2 * minute);
    await world.later(5 * minute);
    expect(world.host.mergeCalls.map((call) => call.sha)).toEqual([head, sha('b')]);
    expect(await world.requestOf()).toMatchObject({ status: 'closed' });
  });
  it('stays off for a commit that the host does not merge, and says so once', async () => {
    const world = await opened({ settings: auto });
    world.ports.pullRequests.merge = async () => ({
      merged: false,
      reason: 'not_mergeable',
      message: 'Required status check "build" is expected.',
    });
    await world.later(5 * minute);
    await world.later(30 * minute);
    expect(await world.escalations()).toMatchObject([{ body: expect.stringContaining('Required status check "build" is expected.') }]);
  });
});

describe('M6 the head', () => {
  it('goes back through gates and review when somebody has pushed to it', async () => {
    const world = await opened({ town: { 'merge.codeReview': true } });
    world.host.push(branch, sha('b'));
    await world.later(minute);
    expect(await world.requestOf()).toMatchObject({ status: 'in_progress', details: { stage: 'new', attempt: 2, headSha: sha('b') } });
    expect((await world.watch()).ref?.number).toBe(1);
  });
  it('is taken as it is where nothing of the town would look at it', async () => {
    const world = await opened();
    world.host.push(branch, sha('b'));
    await world.later(minute);
    expect(await world.requestOf()).toMatchObject({ status: 'open', details: { stage: 'pr_open', headSha: sha('b') } });
  });
});
