// Every constant of the rules, by the rule that reads it: a changed figure is a decision, not an accident.
import { describe, expect, it } from 'vitest';
import { settings } from '../../contracts/settings.schema.ts';
import { defaultTimings as timings } from '../../contracts/timings.schema.ts';
import { maxOpenTriage, triageBatch } from '../../contracts/triage.schema.ts';
import { beadBreakerBeads, crashLoopFailures } from '../failure-log.ts';
import { triageTries } from '../triage.ts';
import { breakerFailures } from './breakers.ts';

const second = 1000;
const minute = 60 * second;

describe('the constants', () => {
  it.each([
    ['A1 a runner reports every 15 s', timings.reportPeriodMs, 15 * second],
    ['A1 a start has a grace of 180 s', timings.startGraceMs, 180 * second],
    ['A1 after a gap in passes one report period passes before anybody is judged; a gap is 2 min', timings.passGapMs, 2 * minute],
    ['A5 quiet: a nudge after 15 min', timings.quietNudgeMs, 15 * minute],
    ['A5 quiet: triage after 1 h', timings.quietTriageMs, 60 * minute],
    ['A5 quiet: stalled after 2 h', timings.quietStalledMs, 120 * minute],
    ['A5 stalled: reset 30 min later', timings.stalledResetMs, 30 * minute],
    ['A6 at rest for 24 h: removed', timings.agentRestMs, 1440 * minute],
    ['B2 a bead has 5 attempts', settings['limits.maxDispatchAttempts'].default, 5],
    ['B3 a dependency opens its breaker at 3 failures in a row', breakerFailures, 3],
    ['B3 one probe a minute', timings.runtimeBreakerMs, minute],
    ['B3 the bead breaker opens at 20 different beads', beadBreakerBeads, 20],
    ['B3 within 30 min', timings.failureWindowMs, 30 * minute],
    ['B3 and pauses for 10 min', timings.beadPauseMs, 10 * minute],
    ['B4 in progress without a live agent: open after 60 s', timings.orphanBeadMs, 60 * second],
    ['B6 a bead may take 240 min of agent time', settings['limits.beadTimeoutMinutes'].default, 240],
    ['R2 an idle runtime stops after 5 min', timings.runtimeIdleMs, 5 * minute],
    ['R2 by the same setting', settings['runtime.idleMinutes'].default, 5],
    ['R2 no limit of hours', settings['runtime.maxHoursPerDay'].default, 24],
    ['R2 a drain takes 100 s at most', timings.drainMs, 100 * second],
    ['R5 a runtime is silent after 90 s', timings.runtimeSilentMs, 90 * second],
    ['R5 a runner without its lease freezes its agents after 60 s', timings.leaseLostMs, 60 * second],
    ['T1 an agent that fails 3 times is a case', crashLoopFailures, 3],
    ['T1 at most 5 requests are open', maxOpenTriage, 5],
    ['T2 a batch has at most 20 requests', triageBatch, 20],
    ['T2 a failure cools down for 30 s', timings.triageCooldownMs, 30 * second],
    ['T2 people are asked after 3 tries', triageTries, 3],
    ['C4 an unfinished batch lives 15 min', timings.pendingBatchMs, 15 * minute],
    ['H3 the sweep looks every 10 min', timings.sweepPeriodMs, 10 * minute],
    ['H4 branches wait 30 min for more of them', timings.branchSweepMs, 30 * minute],
  ])('%s', (_name, actual, expected) => {
    expect(actual).toBe(expected);
  });
  it('B1 back-off is 30 s, 1, 2, 5, 10 min', () => {
    expect(timings.dispatchBackoffMs).toEqual([30 * second, minute, 2 * minute, 5 * minute, 10 * minute]);
  });
});
