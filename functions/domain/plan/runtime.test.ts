import { describe, expect, it } from 'vitest';
import {
  aCommand,
  aLease,
  aReport,
  aTown,
  anAgent,
  anIssue,
  aRequest,
  hooked,
  iso,
  nowMs,
  planOf,
  rigId,
  said,
  timings,
  townId,
  work,
} from '../../../test/rules/build.ts';

const toast = hooked('toast', 'web-a001');
const busy = {
  agents: [toast],
  beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
  work: [work('flight', 'web-a001')],
  slots: [{ townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: iso() }],
};

describe('R1, starting a runtime', () => {
  it('R1 starts one for an agent with a hook and for a queued command', () => {
    expect(said(planOf(busy))).toEqual([`R1 start-runtime ${townId}`]);
    expect(said(planOf({ commands: [aCommand('c-1')] }))).toEqual([`R1 start-runtime ${townId}`]);
  });
  it('R1 starts none for a town with nothing to do, and waits for nothing (L90)', () => {
    expect(planOf({ agents: [anAgent('toast')], beads: [] })).toEqual({ actions: [] });
  });
  it('R1 waits out the pause after a failed start', () => {
    const planned = planOf({ ...busy, lease: aLease({ state: 'absent', startFailures: 1, notBeforeMs: nowMs + 30_000 }) });
    expect(planned.actions).toEqual([]);
    expect(planned.wakeAtMs).toBe(nowMs + 30_000);
  });
});

describe('R2, stopping an idle runtime', () => {
  it('R2 notes since when nothing is to do, then stops', () => {
    expect(said(planOf({ lease: aLease() }))).toEqual([`R2 note-idle ${townId}`]);
    expect(planOf({ lease: aLease({ idleSinceMs: nowMs }) }).actions).toEqual([]);
    const lateMs = nowMs + timings.runtimeIdleMs;
    expect(said(planOf({ lease: aLease({ idleSinceMs: nowMs, lastReportAtMs: lateMs }) }, lateMs))).toEqual([`R2 stop-runtime ${townId}`]);
  });
  it('R2 notes when work has come again', () => {
    expect(said(planOf({ ...busy, reports: [aReport(toast, {})], lease: aLease({ idleSinceMs: nowMs - 1000 }) }))).toEqual([
      `R2 note-busy ${townId}`,
    ]);
  });
  it('R2 keeps the runtime between two commands of a merge', () => {
    const request = aRequest('web-m001', { status: 'in_progress' }, { executionName: 'e-1' });
    expect(planOf({ lease: aLease(), work: [work('merge', 'web-m001')], beads: [request] }).actions).toEqual([]);
  });
  it('R2 is not kept awake by a Mayor who only waits: open pages and pings are no input of the rule (L72)', () => {
    const mayor = anAgent('mayor', { role: 'mayor', state: 'waiting' });
    expect(said(planOf({ agents: [mayor], lease: aLease() }))).toEqual([`R2 note-idle ${townId}`]);
  });
  it('R2 asks until the runtime has stopped', () => {
    const planned = planOf({ lease: aLease({ state: 'stopping' }) });
    expect(said(planned)).toEqual([`R2 confirm-stopped ${townId}`]);
    expect(planned.wakeAtMs).toBe(nowMs + timings.reportPeriodMs);
  });
});

describe('R4 and R5, towns and runtimes that are gone', () => {
  it('R4 does nothing for a deleted town but remove it', () => {
    expect(said(planOf({ ...busy, town: aTown({}, { deletedAt: iso() }) }))).toEqual([`R4 remove-town ${townId}`]);
  });
  it('R5 asks about a silent runtime, not about one that has just reported', () => {
    const lateMs = nowMs + timings.runtimeSilentMs;
    expect(said(planOf({ ...busy, lease: aLease() }, lateMs - 1))).toEqual([]);
    expect(said(planOf({ ...busy, lease: aLease() }, lateMs))).toEqual([`R5 check-runtime ${townId}`]);
  });
  it('R5 asks about a runtime that does not report in, after two report periods: slow to start is not dead (L67)', () => {
    const lease = aLease({ state: 'starting', startedAtMs: nowMs, lastReportAtMs: 0 });
    expect(said(planOf({ ...busy, lease }, nowMs + 2 * timings.reportPeriodMs - 1))).toEqual([]);
    expect(said(planOf({ ...busy, lease }, nowMs + 2 * timings.reportPeriodMs))).toEqual([`R5 check-runtime ${townId}`]);
  });
  it.each(['starting', 'live'] as const)('R5 asks at once about a %s runtime that is said to have ended', (state) => {
    const lease = aLease({ state, startedAtMs: nowMs, endedAtMs: nowMs });
    expect(said(planOf({ ...busy, lease }))).toEqual([`R5 check-runtime ${townId}`]);
    expect(said(planOf({ lease }))).toEqual([`R5 check-runtime ${townId}`]);
  });
  it('R5 does not judge a runtime right after a gap in passes', () => {
    const lateMs = nowMs + timings.passGapMs + 1;
    const alarm = { townId, armedAtMs: 0, generation: 1, lastPassAtMs: nowMs, version: 1 };
    expect(said(planOf({ ...busy, lease: aLease(), alarm }, lateMs))).toEqual([]);
  });
});
