import { describe, expect, it } from 'vitest';
import { anIssue, nowMs, timings } from '../../test/rules/build.ts';
import { backoffAfterMs, givenBack } from './give-back.ts';

const steps = timings.dispatchBackoffMs;
const back = (more: Partial<Parameters<typeof givenBack>[0]> = {}) =>
  givenBack({
    bead: anIssue('web-a001', { status: 'in_progress', dispatchAttempts: 2 }),
    blame: 'own',
    reason: 'it broke',
    maxAttempts: 5,
    nowMs,
    timings,
    ...more,
  });

describe('giving a bead back', () => {
  it('B1 waits 30 s, 1, 2, 5 and 10 minutes, a fifth more or less, and never longer', () => {
    expect(steps).toEqual([30_000, 60_000, 120_000, 300_000, 600_000]);
    for (const failures of [1, 2, 3, 4, 5, 9]) {
      const step = steps[Math.min(failures, steps.length) - 1] ?? 0;
      const waits = Array.from({ length: 200 }, (_, index) => backoffAfterMs(steps, failures, `web-${index}`));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(step * 0.8);
      expect(Math.max(...waits)).toBeLessThanOrEqual(step * 1.2);
      expect(new Set(waits).size).toBeGreaterThan(150);
    }
  });
  it('B1 gives the same bead and attempt the same wait', () => {
    expect(backoffAfterMs(steps, 2, 'web-a001')).toBe(backoffAfterMs(steps, 2, 'web-a001'));
  });
  it.each(['model', 'git', 'infrastructure', 'capacity'] as const)('B3 consumes no attempt for a failure of %s', (blame) => {
    expect(back({ blame })).toMatchObject({ status: 'open', dispatchAttempts: 1 });
  });
  it('B2 keeps the attempt that was the own fault and never counts back (L68)', () => {
    expect(back()).toMatchObject({ status: 'open', dispatchAttempts: 2 });
    expect(back({ bead: { ...back(), status: 'in_progress', dispatchAttempts: 3 } })).toMatchObject({ dispatchAttempts: 3 });
  });
  it('B2 fails with the last error when the fifth attempt is used up', () => {
    expect(back({ bead: anIssue('web-a001', { status: 'in_progress', dispatchAttempts: 5 }) })).toMatchObject({
      status: 'failed',
      failure: { code: 'dispatch_exhausted', message: 'After 5 attempts: it broke' },
    });
  });
  it('B6 keeps the agent time', () => {
    expect(back({ workedMs: 1000 })).toMatchObject({ details: { agentMs: 1000 } });
  });
});
