import { describe, expect, it } from 'vitest';
import { aLease, anAgent, iso, nowMs, planOf, said, timings, work } from '../../test/rules/build.ts';
import type { Nudge } from '../contracts/nudge.schema.ts';
import { availableUntilMs, isWoken, nudgesFor } from './nudges.ts';

const aNudge = (nudgeId: string, more: Partial<Nudge> = {}) =>
  work('nudge', nudgeId, {
    dueAtMs: nowMs + 60_000,
    data: JSON.stringify({
      to: 'toast',
      from: 'user:ada',
      text: 'Mind the dates.',
      mode: 'wait-idle',
      priority: 'normal',
      requestedBy: 'ada',
      sentAtMs: nowMs,
      expiresAtMs: nowMs + 60_000,
      ...more,
    } satisfies Nudge),
  });
const atRest = (more = {}) => anAgent('toast', { lastBeadId: 'web-a001', updatedAt: iso(-60_000), ...more });
const now = { nowMs, timings };

describe('the window in which an agent without work can be spoken to', () => {
  it('is two minutes, ten for a refinery, and none for one that has done nothing or works', () => {
    expect(availableUntilMs(atRest(), timings)).toBe(nowMs - 60_000 + 120_000);
    expect(availableUntilMs(atRest({ role: 'refinery' }), timings)).toBe(nowMs - 60_000 + 600_000);
    expect(availableUntilMs(anAgent('toast'), timings)).toBeUndefined();
    expect(availableUntilMs(atRest({ state: 'working', hookBeadId: 'web-a002' }), timings)).toBeUndefined();
  });
  it('does not delay the stop of an idle runtime (R2), not even while a nudge waits', () => {
    const lease = aLease({ idleSinceMs: nowMs - timings.runtimeIdleMs });
    expect(said(planOf({ agents: [atRest()], work: [aNudge('n1')], lease }))).toContain('R2 stop-runtime t-4f9k2m1q');
  });
  it('starts no runtime: what nobody runs for expires', () => {
    expect(said(planOf({ agents: [atRest()], work: [aNudge('n1')], lease: aLease({ state: 'absent' }) }))).toEqual([]);
  });
});

describe('nudges of an agent', () => {
  it('are its own, urgent ones first, then as they were sent; expired and unreadable ones are left out', () => {
    const items = [
      aNudge('n2', { sentAtMs: nowMs + 2 }),
      aNudge('n1', { sentAtMs: nowMs + 1 }),
      aNudge('n3', { sentAtMs: nowMs + 3, priority: 'urgent' }),
      aNudge('n4', { to: 'maple' }),
      { ...aNudge('n5'), dueAtMs: nowMs },
      { ...aNudge('n6'), data: '{"to":"toast"}' },
      { ...aNudge('n7'), data: 'no json' },
    ];
    expect(nudgesFor(items, { agentId: 'toast' }, nowMs).map(({ nudgeId }) => nudgeId)).toEqual(['n3', 'n1', 'n2']);
  });
  it('take an agent at rest up again when they were sent in its window, unless they wait for its next prompt', () => {
    expect(isWoken(atRest(), [aNudge('n1')], now)).toBe(true);
    expect(isWoken(atRest(), [aNudge('n1', { mode: 'queue' })], now)).toBe(false);
    expect(isWoken(atRest({ updatedAt: iso(-121_000) }), [aNudge('n1')], now)).toBe(false);
    expect(isWoken(atRest({ state: 'parked' }), [aNudge('n1')], now)).toBe(false);
  });
});
