// M6 killed after each step: everything that was begun comes to its end, and nothing is done twice.
import { describe, expect, it } from 'vitest';
import { nowMs, sha } from '../rules/build.ts';
import { branch, checked, head, Killed, minute, mortal, pullRequestWorld, requestId, sourceId } from './pull-request-world.ts';
import type { PullRequestWorld } from './pull-request-world.ts';

const review = { key: `${requestId}.r1`, sha: head, event: 'approve' as const, text: 'Looks right.', comments: [] };

/** Opened, commented by the refinery, answered for a person, merged by the timer. One process is killed at its n-th step, the next goes on. */
const life = async (at: number, when: 'before' | 'after'): Promise<{ world: PullRequestWorld; steps: number }> => {
  const world = await pullRequestWorld({ settings: { 'merge.autoMerge': true }, request: { pullRequest: checked({ review }) } });
  const first = mortal(world.ports, world.host, at, when);
  let dead = false;
  const pass = async (): Promise<void> => {
    try {
      if (!dead) await world.pass(first.ports);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      dead = true;
    }
    if (dead) await world.pass();
  };
  const later = async (ms: number): Promise<void> => {
    world.clock.advance(ms);
    await pass();
  };
  await pass();
  await later(2 * minute);
  world.host.people.thread(1, { id: 'T1' });
  await later(10 * minute);
  for (const { beadId, status } of await world.beadsOfKind('feedback'))
    if (status === 'open') await world.finish(beadId, 'Done.', sha('b'));
  for (let look = 0; look < 6; look += 1) await later(10 * minute);
  return { world, steps: first.steps() };
};

describe('M6 killed anywhere', () => {
  it('opens, comments, answers and merges once, and closes request and source', async () => {
    const { steps } = await life(Number.POSITIVE_INFINITY, 'after');
    expect(steps).toBeGreaterThan(15);
    for (const when of ['before', 'after'] as const)
      for (let at = 1; at <= steps; at += 1) {
        const { world } = await life(at, when);
        const where = `killed ${when} step ${at}`;
        expect(await world.requestOf(), where).toMatchObject({ status: 'closed' });
        expect(await world.bead(sourceId), where).toMatchObject({ status: 'closed' });
        expect(world.host.opened, where).toHaveLength(1);
        expect(
          world.host.said.map(({ text }) => text),
          where,
        ).toHaveLength(2);
        expect(await world.beadsOfKind('feedback'), where).toHaveLength(1);
        const merged = new Set(world.host.mergeCalls.map((call) => call.sha));
        expect([...merged], where).toEqual([sha('b')]);
        expect(
          (await world.events()).filter(({ type }) => type === 'merged'),
          where,
        ).toHaveLength(1);
        expect(await world.escalations(), where).toEqual([]);
      }
  });
  it('begins the time of grace anew when it was killed between the intention to merge and the merge (L40)', async () => {
    const ref = { number: 1, url: 'https://git.example/acme/web/pull/1', repo: 'acme/web' };
    const at = new Date(nowMs - minute).toISOString();
    const merging = { sha: head, method: 'squash' as const, at };
    const world = await pullRequestWorld({
      settings: { 'merge.autoMerge': true },
      request: { pullRequest: checked({ ref, ready: true, mergeAt: at, mergeAtSha: head, merging }) },
    });
    await world.host.open({ gitUrl: '' }, { headBranch: branch, baseBranch: 'main', title: 'Say hello', body: '' });
    await world.later(2 * minute);
    expect(world.host.calls).not.toContain('merge');
    const watch = await world.watch();
    expect([watch.merging, watch.mergeAt]).toEqual([undefined, new Date(nowMs + 7 * minute).toISOString()]);
  });
  it('gives way to whoever changed the request meanwhile', async () => {
    const world = await pullRequestWorld();
    const { facts } = world.host;
    await world.pass();
    world.ports.pullRequests.facts = async (...given) => {
      world.ports.pullRequests.facts = facts;
      const before = await world.requestOf();
      await world.ports.store.commit([{ put: 'bead', item: { ...before, priority: 'high', version: before.version + 1 }, when: 'none' }]);
      return facts(...given);
    };
    world.host.push(branch, sha('b'));
    await world.later(10 * minute);
    expect(await world.requestOf()).toMatchObject({ priority: 'high', details: { headSha: sha('b') } });
  });
});
