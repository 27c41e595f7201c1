import { describe, expect, it } from 'vitest';
import {
  aLease,
  anAgent,
  anIssue,
  hooked,
  iso,
  nowMs,
  ofKind,
  planOf,
  queued,
  rigId,
  said,
  timings,
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { Snapshot } from './snapshot.ts';

const minute = 60_000;
/** So many different beads failed, the last one at `nowMs`. */
const failed = (beads: number, lastAtMs = nowMs) =>
  work('failures', '-', {
    data: JSON.stringify(
      Array.from({ length: beads }, (_, index) => ({
        beadId: `web-f${100 + index}`,
        agentId: `a-${index}`,
        atMs: lastAtMs - (beads - index - 1) * 1000,
      })),
    ),
  });
const scene = (beads: number, more: Partial<Snapshot> = {}): Partial<Snapshot> => {
  const ready = [anIssue('web-b001'), anIssue('web-b002')];
  const inQueue = queued(ready);
  return { beads: ready, ready: inQueue.ready, ...more, work: [...inQueue.work, failed(beads)] };
};
const dispatches = (snapshot: Partial<Snapshot>, atMs: number) => ofKind(planOf(snapshot, atMs), 'dispatch').map((each) => each.beadId);

describe('B3, the bead breaker', () => {
  it('B3 pauses for ten minutes when 20 different beads failed in half an hour, not for 19', () => {
    expect(dispatches(scene(19), nowMs + 1)).toHaveLength(2);
    const paused = planOf(scene(20), nowMs + 1);
    expect(ofKind(paused, 'dispatch')).toEqual([]);
    expect(paused.wakeAtMs).toBe(nowMs + timings.beadPauseMs);
  });
  it('B3 counts different beads, not failures', () => {
    const log = work('failures', '-', {
      data: JSON.stringify(Array.from({ length: 40 }, (_, index) => ({ beadId: `web-f${100 + (index % 10)}`, agentId: 'a', atMs: nowMs }))),
    });
    const snapshot = scene(0);
    expect(dispatches({ ...snapshot, work: [...(snapshot.work ?? []), log].filter((item) => item.data !== '[]') }, nowMs + 1)).toHaveLength(
      2,
    );
  });
  it('B3 tries one bead after the pause, and no other while it runs', () => {
    expect(dispatches(scene(20), nowMs + timings.beadPauseMs)).toEqual(['web-b001']);
    const trial = hooked('toast', 'web-b009', { startedAt: iso(11 * minute), updatedAt: iso(11 * minute), slot: `${rigId}#1` });
    const running = scene(20, {
      agents: [trial],
      slots: [{ townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: iso() }],
      lease: aLease({ lastReportAtMs: nowMs + 12 * minute }),
    });
    const beads = [...(running.beads ?? []), anIssue('web-b009', { status: 'in_progress', assigneeAgentId: 'toast' })];
    expect(dispatches({ ...running, beads }, nowMs + 12 * minute)).toEqual([]);
  });
  it('B3 ends the pause when the trial was handed in', () => {
    const done = anAgent('toast', { startedAt: iso(11 * minute), lastActivityAt: iso(12 * minute) });
    const planned = planOf(scene(20, { agents: [done] }), nowMs + 13 * minute);
    expect(said(planned)).toContain('B3 forget-failures -');
    expect(ofKind(planned, 'dispatch')).toHaveLength(2);
  });
  it('B3 forgets failures after half an hour', () => {
    expect(said(planOf({ work: [failed(3)] }, nowMs + timings.failureWindowMs - 1))).toEqual([]);
    expect(said(planOf({ work: [failed(3)] }, nowMs + timings.failureWindowMs))).toEqual(['B3 forget-failures -']);
  });
});
