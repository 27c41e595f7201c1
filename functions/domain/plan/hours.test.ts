import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import {
  aLease,
  aReport,
  aTown,
  anIssue,
  hooked,
  iso,
  nowMs,
  planOf,
  queued,
  rigId,
  said,
  townId,
  work,
} from '../../../test/rules/build.ts';
import { applyAction } from '../../reconcile/apply/apply.ts';
import { hoursLeft, ranTodayMs } from './hours.ts';

const hour = 3_600_000;
// `nowMs` is 10 o'clock UTC.
const midnightMs = nowMs + 14 * hour;
const limited = (hours: number) => {
  const town = aTown();
  return { ...town, config: { ...town.config, 'runtime.maxHoursPerDay': hours } };
};
const toast = hooked('toast', 'web-a001');
const busy = (atMs: number) => ({
  agents: [toast],
  reports: [aReport(toast, { state: 'working', lastActivityAtMs: atMs }, atMs)],
  beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
  work: [work('flight', 'web-a001')],
  slots: [{ townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: iso() }],
});

describe('R2, runtime.maxHoursPerDay', () => {
  it('R2 counts the hours of the day: earlier runtimes and the present one, from midnight on', () => {
    const lease = aLease({ startedAtMs: nowMs - 2 * hour, ran: { day: '2026-11-21', ms: hour } });
    expect(ranTodayMs(lease, nowMs)).toBe(3 * hour);
    expect(ranTodayMs({ ...lease, ran: { day: '2026-11-20', ms: hour } }, nowMs)).toBe(2 * hour);
    expect(ranTodayMs({ ...lease, startedAtMs: nowMs - 20 * hour }, nowMs)).toBe(11 * hour);
    expect(ranTodayMs({ ...lease, state: 'absent' }, nowMs)).toBe(hour);
  });
  it('R2 has no limit as long as nobody set one', () => {
    expect(hoursLeft(aTown(), aLease({ startedAtMs: nowMs - 100 * hour }), nowMs)).toEqual({});
  });
  it('R2 stops a busy runtime when its hours are used up, and not before', () => {
    const lease = aLease({ startedAtMs: nowMs - hour });
    const early = planOf({ ...busy(nowMs), town: limited(2), lease });
    expect(said(early)).toEqual([]);
    const lateMs = nowMs + hour;
    expect(said(planOf({ ...busy(lateMs), town: limited(2), lease: { ...lease, lastReportAtMs: lateMs } }, lateMs))).toEqual([
      `R2 stop-runtime ${townId}`,
    ]);
  });
  it('R2 starts none, gives no bead out and resumes nobody until the next day', () => {
    const lease = aLease({ state: 'absent', ran: { day: '2026-11-21', ms: 2 * hour } });
    const ready = anIssue('web-b001');
    const waiting = { town: limited(2), lease, beads: [ready], ...queued([ready]) };
    expect(said(planOf(waiting))).toEqual([]);
    expect(planOf(waiting).wakeAtMs).toBe(midnightMs);
    const parked = { ...busy(nowMs), agents: [hooked('toast', 'web-a001', { state: 'parked' })], town: limited(2), lease };
    expect(planOf(parked)).toEqual({ actions: [], wakeAtMs: midnightMs });
    expect(said(planOf(parked, midnightMs))).toEqual(['A0 resume-agent toast', `R1 start-runtime ${townId}`]);
  });
  it('R2 parks agents with their beads and conversations, counts their time, and tells people once', async () => {
    const town = await busyTown({ agent: { sessionId: 's-1' } });
    town.ports.clock.advance(hour);
    const stop = { rule: 'R2', kind: 'stop-runtime', why: 'hours', subject: townId, sentence: '' } as const;
    expect(await applyAction(town.ctx, stop)).toBe('done');
    expect(await town.agent()).toMatchObject({ state: 'parked', hookBeadId: 'web-a001', sessionId: 's-1', workedMs: hour, epoch: 1 });
    expect(await town.bead()).toMatchObject({ status: 'in_progress', assigneeAgentId: 'toast' });
    expect((await town.open('escalation')).map((bead) => bead.title)).toEqual(['The runtime has used up its hours of today']);
    expect(await applyAction(town.ctx, stop)).toBe('lost');
  });
});
