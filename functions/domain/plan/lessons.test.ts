// What went wrong in earlier systems of this kind, as claims about the rules of agents and beads.
import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import {
  aLease,
  aReport,
  aRequest,
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
  sha,
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { Agent, ObservedAgent } from '../../contracts/agent.schema.ts';
import { applyObservations } from '../../operations/report-agents.ts';
import { reactToWrites } from '../../stream/react.ts';

const inProgress = anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' });
const slots = [{ townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: iso() }];

describe('lessons', () => {
  it('A1 to A5 treat start, stop, exit and crash as one machine: each state and report has one answer at most (L5)', () => {
    const states: Agent['state'][] = ['idle', 'starting', 'working', 'waiting', 'stalled', 'parked', 'gone'];
    const reports: ObservedAgent['state'][] = ['starting', 'working', 'waiting', 'exited', 'failed'];
    const laterMs = nowMs + 3 * 3_600_000;
    for (const state of states)
      for (const reported of reports)
        for (const beads of [[inProgress], [{ ...inProgress, status: 'closed' as const }]]) {
          const toast = hooked('toast', 'web-a001', { state });
          const planned = planOf(
            {
              agents: [toast],
              slots,
              beads,
              reports: [aReport(toast, { state: reported }, laterMs)],
              lease: aLease({ lastReportAtMs: laterMs }),
            },
            laterMs,
          );
          const about = planned.actions.filter((action) => action.subject === 'toast');
          expect(about.length, `${state}, reported ${reported}: ${about.map((action) => action.kind).join()}`).toBeLessThanOrEqual(1);
        }
  });
  it('B1 binds no agent and no name to a bead that is blocked (L24)', () => {
    const ready = anIssue('web-b001');
    const blocked = { ...ready, openBlockers: 1 };
    const planned = planOf({ beads: [blocked], ...queued([ready]) });
    expect(ofKind(planned, 'dispatch')).toEqual([]);
    expect(said(planned)).toEqual(['B1 drop-ready web-b001']);
  });
  it('A4 never fails a refinery that gave its verdict, although its process has ended meanwhile (L73)', () => {
    const verdict = { outcome: 'approved' as const, summary: 'good', files: [], tip: sha('b'), by: 'agent:refinery', at: iso() };
    const request = aRequest(
      'web-m001',
      { status: 'in_progress' },
      { executionName: 'e', review: { token: 't', tip: sha('b'), refineryId: 'refinery', tokenTaken: true, verdict } },
    );
    const refinery = hooked('refinery', 'web-m001', { role: 'refinery' });
    const planned = planOf({
      agents: [refinery],
      beads: [request],
      reports: [aReport(refinery, { state: 'exited' })],
      work: [work('merge', 'web-m001')],
      lease: aLease(),
    });
    expect(said(planned)).toContain('A4 stop-agent refinery');
    expect(ofKind(planned, 'lose-agent')).toEqual([]);
  });
  it('A3 counts the end of a worker that has handed in for nothing (L73)', () => {
    const toast = anAgent('toast', { state: 'idle', lastActivityAt: iso() });
    expect(
      planOf({ agents: [toast], reports: [aReport(toast, { state: 'exited' })], lease: aLease({ idleSinceMs: nowMs }) }).actions,
    ).toEqual([]);
  });
  it('writes a heartbeat over the last one, and nothing that stays (L92)', async () => {
    const town = await busyTown();
    const eventsOf = async () => (await town.ports.store.eventsOf(townId, {}, { limit: 50 })).items.length;
    const before = [await eventsOf(), await town.agent()];
    for (let reportSeq = 1; reportSeq <= 20; reportSeq += 1) {
      town.ports.clock.advance(15_000);
      const observed: ObservedAgent = {
        agentId: 'toast',
        epoch: 1,
        state: 'working',
        activeTools: [],
        deliveredPromptIds: [],
        lastActivityAtMs: town.ports.clock.nowMs(),
      };
      await applyObservations(town.ports, townId, { runtimeEpoch: 3, reportSeq, agents: [observed] });
    }
    expect([await eventsOf(), await town.agent()]).toEqual(before);
    expect(await town.ports.store.reportsOf(townId)).toHaveLength(1);
    expect(reactToWrites([{ put: 'report', item: aReport(hooked('toast', 'web-a001'), {}), when: 'none' }]).towns).toEqual([]);
  });
  it('needs no patrol: what a worker hands in is itself the hint for the next pass (L93)', () => {
    const done = { ...inProgress, status: 'in_review' as const };
    expect(reactToWrites([{ put: 'bead', item: done, when: 'none' }]).towns).toEqual([townId]);
    expect(reactToWrites([{ put: 'agent', item: anAgent('toast'), when: 'none' }]).towns).toEqual([townId]);
  });
});
