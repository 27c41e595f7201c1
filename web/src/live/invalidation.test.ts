import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createInvalidator, isTownOrRig, staleRoutes } from './invalidation.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('hints', () => {
  it('of one burst make one round of reads', async () => {
    const rounds: string[][] = [];
    const invalidator = createInvalidator(async (topics) => void rounds.push([...topics]));
    for (const topic of ['beads', 'feed', 'beads', 'agents']) invalidator.add(topic);
    await vi.advanceTimersByTimeAsync(100);
    expect(rounds).toEqual([['beads', 'feed', 'agents']]);
  });
  it('that come during a read make exactly one more round, and none is dropped', async () => {
    const rounds: string[][] = [];
    const invalidator = createInvalidator(async (topics) => {
      rounds.push([...topics]);
      await new Promise((resolve) => {
        setTimeout(resolve, 1000);
      });
    });
    invalidator.add('beads');
    await vi.advanceTimersByTimeAsync(100);
    for (let n = 0; n < 200; n += 1) invalidator.add(n % 2 === 0 ? 'feed' : 'beads');
    await vi.advanceTimersByTimeAsync(5000);
    expect(rounds).toEqual([['beads'], ['feed', 'beads']]);
  });
  it('after a failed read are read again', async () => {
    let calls = 0;
    const invalidator = createInvalidator(async () => {
      calls += 1;
      if (calls === 1) throw new Error('away');
    });
    invalidator.add('beads');
    await vi.advanceTimersByTimeAsync(100);
    invalidator.add('beads');
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toBe(2);
  });
});
describe('a topic', () => {
  it('names the routes that it makes stale', () => {
    expect(staleRoutes('agent:toast')).toEqual(['agentSession']);
    expect(staleRoutes('beads')).toContain('listBeads');
    expect(staleRoutes('unknown')).toEqual([]);
  });
  it('of the feed that names a town or rig is told from one that names a bead or agent', () => {
    expect(['r-8d2k1m0p', 't-4f9k2m1q', 'shop-3kf9', 'refinery-r-8d2k1m0p', '01JABC'].map(isTownOrRig)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
