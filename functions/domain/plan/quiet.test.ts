import { describe, expect, it } from 'vitest';
import {
  aLease,
  aMail,
  aMessage,
  aReport,
  anAgent,
  anIssue,
  hooked,
  iso,
  nowMs,
  ofKind,
  planOf,
  said,
  timings,
  work,
} from '../../../test/rules/build.ts';
import type { Agent, ObservedAgent } from '../../contracts/agent.schema.ts';
import type { Snapshot } from './snapshot.ts';

const minute = 60_000;
/** Toast at work on web-a001, last active at `nowMs`, seen so many minutes later by a runner that reports all the time. */
const scene = (afterMs: number, more: { agent?: Partial<Agent>; observed?: Partial<ObservedAgent> } = {}): [Partial<Snapshot>, number] => {
  const toast = hooked('toast', 'web-a001', { ...more.agent });
  const atMs = nowMs + afterMs;
  return [
    {
      agents: [toast],
      reports: [aReport(toast, { state: 'working', lastActivityAtMs: nowMs, ...more.observed }, atMs)],
      beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
      work: [work('flight', 'web-a001')],
      slots: [{ townId: toast.townId, slotId: toast.slot ?? '', holder: 'toast', claimedAt: iso() }],
      lease: aLease({ lastReportAtMs: atMs }),
    },
    atMs,
  ];
};

describe('A5, quiet tiers', () => {
  it('A5 nudges after 15 minutes without activity, not before', () => {
    expect(said(planOf(...scene(15 * minute - 1)))).toEqual([]);
    expect(ofKind(planOf(...scene(15 * minute)), 'nudge-agent')).toMatchObject([{ tier: 'nudge', agentId: 'toast' }]);
  });
  it('A5 nudges and asks triage after an hour, stops as stalled after two', () => {
    expect(ofKind(planOf(...scene(60 * minute)), 'nudge-agent')).toMatchObject([{ tier: 'triage' }]);
    expect(said(planOf(...scene(120 * minute - 1, { agent: { quiet: { triagedAtMs: nowMs + 61 * minute } } })))).toEqual([]);
    expect(said(planOf(...scene(120 * minute)))).toEqual(['A5 stall-agent toast']);
  });
  it('A5 gives one nudge per tier per hour', () => {
    const nudged = { agent: { quiet: { nudgedAtMs: nowMs + 15 * minute } } };
    expect(said(planOf(...scene(16 * minute, nudged)))).toEqual([]);
    expect(said(planOf(...scene(59 * minute, nudged)))).toEqual([]);
    const flapping = { agent: { quiet: { nudgedAtMs: nowMs - 46 * minute } }, observed: { lastActivityAtMs: nowMs } };
    expect(said(planOf(...scene(15 * minute, flapping)))).toEqual(['A5 nudge-agent toast']);
  });
  it('A5 takes no working tool for silence', () => {
    expect(said(planOf(...scene(180 * minute, { observed: { activeTools: ['bash'] } })))).toEqual([]);
  });
  it('A5 counts from the last activity: our own writes and heartbeats do not move the clock (L80)', () => {
    const touched = {
      agent: { updatedAt: iso(119 * minute), quiet: { nudgedAtMs: nowMs + 15 * minute, triagedAtMs: nowMs + 60 * minute } },
    };
    expect(said(planOf(...scene(120 * minute, touched)))).toEqual(['A5 stall-agent toast']);
  });
  it('A5 looks again exactly when the next tier is due', () => {
    expect(planOf(...scene(minute)).wakeAtMs).toBeLessThanOrEqual(nowMs + 15 * minute);
    const nudged = planOf(...scene(15 * minute, { agent: { quiet: { nudgedAtMs: nowMs + 15 * minute } } }));
    expect(nudged.actions).toEqual([]);
    expect(nudged.wakeAtMs).toBeLessThanOrEqual(nowMs + 60 * minute);
  });
  it('A5 resets a stalled agent 30 minutes after it stalled, whatever was reported since (L80)', () => {
    const stalledAt = (afterMs: number): [Partial<Snapshot>, number] =>
      scene(afterMs, { agent: { state: 'stalled', stalledAt: iso(120 * minute), updatedAt: iso(140 * minute) } });
    const early = planOf(...stalledAt(150 * minute - 1));
    expect([said(early), early.wakeAtMs]).toEqual([['R2 note-idle t-4f9k2m1q'], nowMs + 150 * minute + 999]);
    expect(ofKind(planOf(...stalledAt(150 * minute)), 'lose-agent')).toMatchObject([{ rule: 'A5', blame: 'own' }]);
  });
  it('A5 does not take a stalled agent for lost because the runner names it no more', () => {
    const [snapshot, atMs] = scene(125 * minute, { agent: { state: 'stalled', stalledAt: iso(120 * minute) } });
    expect(said(planOf({ ...snapshot, reports: [] }, atMs))).toEqual(['R2 note-idle t-4f9k2m1q']);
  });
});

describe('A5, the Mayor', () => {
  const asked = nowMs + 9 * minute;
  const mayor = anAgent('mayor', { role: 'mayor', state: 'waiting', startedAt: iso(-60 * minute), lastActivityAt: iso() });
  const planAt = (atMs: number) =>
    planOf(
      {
        agents: [mayor],
        work: [work('mayor', 'ada#01KAJ000000000000000000001')],
        mayorMessages: [aMessage({ at: new Date(asked).toISOString() })],
        reports: [aReport(mayor, { state: 'waiting', lastActivityAtMs: nowMs }, atMs)],
        lease: aLease({ lastReportAtMs: atMs }),
      },
      atMs,
    );
  it('A5 gives a Mayor that rested the whole time from the question on: an older "waiting" says nothing about it (L82)', () => {
    expect(said(planAt(nowMs + timings.agentIdleMs))).toEqual([]);
    expect(said(planAt(asked + timings.agentIdleMs - 1))).toEqual([]);
    expect(said(planAt(asked + timings.agentIdleMs))).toEqual(['A5 lose-agent mayor']);
  });
});

describe('parked agents', () => {
  const parked = (more: Partial<Agent> = {}): Agent => hooked('toast', 'web-a001', { state: 'parked', sessionId: 's-1', ...more });
  const snapshot = (more: Partial<Snapshot> = {}): Partial<Snapshot> => ({
    agents: [parked()],
    beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
    work: [work('flight', 'web-a001')],
    slots: [{ townId: parked().townId, slotId: parked().slot ?? '', holder: 'toast', claimedAt: iso() }],
    ...more,
  });
  it('A0 lets a parked agent with a bead go on, and starts a runtime for it', () => {
    expect(said(planOf(snapshot({ lease: aLease({ state: 'absent' }) })))).toEqual([
      'A0 resume-agent toast',
      'R1 start-runtime t-4f9k2m1q',
    ]);
  });
  it('A1 judges no parked agent, and B4 counts its bead as being worked on', () => {
    const planned = planOf(snapshot({ lease: aLease({ state: 'stopping' }) }), nowMs + 24 * 60 * minute);
    expect(said(planned)).toEqual(['R2 confirm-stopped t-4f9k2m1q']);
  });
  it('A4 lets a parked agent go whose bead is over', () => {
    const over = snapshot({ beads: [anIssue('web-a001', { status: 'closed' })], lease: aLease({ state: 'absent' }) });
    expect(said(planOf(over))).toContain('A4 stop-agent toast');
  });
  it('A0 starts a parked Mayor for mail', () => {
    const mayor = anAgent('mayor', { role: 'mayor', state: 'parked' });
    const planned = planOf({ agents: [mayor], work: [work('mail', 'hq-m1l1')], beads: [aMail('hq-m1l1', 'role:mayor')] });
    expect(said(planned)).toContain('A0 start-mayor mayor');
  });
});

describe('H1, what the town said to an agent', () => {
  it('H1 closes a nudge about a bead that its reader has left', () => {
    const nudge = aMail('hq-m1l1', 'toast');
    if (nudge.details.type === 'message') Object.assign(nudge.details, { from: 'patrol:A5', threadId: 'web-a001' });
    const items = {
      work: [work('mail', 'hq-m1l1')],
      beads: [nudge, anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
    };
    expect(said(planOf({ ...items, agents: [anAgent('toast')] }))).toContain('H1 close-mail hq-m1l1');
    expect(said(planOf({ ...items, agents: [hooked('toast', 'web-a001')] }))).not.toContain('H1 close-mail hq-m1l1');
  });
});
