import { describe, expect, it } from 'vitest';
import { aLease, aReport, aRequest, anIssue, hooked, iso, nowMs, ofKind, planOf, said, townId, work } from '../../../test/rules/build.ts';
import type { Agent } from '../../contracts/agent.schema.ts';
import type { IssueDetails } from '../../contracts/issue.schema.ts';

const minute = 60_000;
const planAfter = (minutes: number, more: { agent?: Partial<Agent>; details?: Partial<IssueDetails> } = {}) => {
  const atMs = nowMs + minutes * minute;
  const toast = hooked('toast', 'web-a001', more.agent);
  return planOf(
    {
      agents: [toast],
      reports: [aReport(toast, { state: 'working', lastActivityAtMs: atMs }, atMs)],
      beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' }, more.details)],
      work: [work('flight', 'web-a001')],
      slots: [{ townId, slotId: toast.slot ?? '', holder: 'toast', claimedAt: iso() }],
      lease: aLease({ lastReportAtMs: atMs }),
    },
    atMs,
  );
};

describe('B6, time-outs of beads', () => {
  it('B6 takes a bead away after 240 minutes of agent time, however busy its agent is', () => {
    expect(said(planAfter(239))).toEqual([]);
    expect(ofKind(planAfter(240), 'time-out')).toMatchObject([{ beadId: 'web-a001', agentId: 'toast', epoch: 1 }]);
  });
  it('B6 adds up earlier dispatches and lives of the agent before its runtime was replaced', () => {
    const used = { details: { agentMs: 100 * minute }, agent: { workedMs: 100 * minute } };
    expect(said(planAfter(39, used))).toEqual([]);
    expect(said(planAfter(40, used))).toEqual(['B6 time-out web-a001']);
  });
  it('B6 counts no time without a process: parked and stalled agents do not age', () => {
    expect(said(planAfter(500, { agent: { state: 'stalled', stalledAt: iso(490 * minute) } }))).toEqual(['R2 note-idle t-4f9k2m1q']);
  });
  it('B6 leaves a bead in review alone, however long a request takes (L50)', () => {
    const planned = planOf(
      {
        beads: [
          anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001', agentMs: 239 * minute }),
          aRequest('web-m001', { status: 'open' }, { sourceBeadId: 'web-a001', stage: 'pr_open' }),
        ],
        work: [work('flight', 'web-a001')],
      },
      nowMs + 5000 * minute,
    );
    expect(said(planned)).toEqual([]);
  });
});
