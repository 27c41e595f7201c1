import { describe, expect, it } from 'vitest';
import {
  aLease,
  aMail,
  aMessage,
  aReport,
  aRequest,
  anAgent,
  anIssue,
  hooked,
  iso,
  nowMs,
  ofKind,
  planOf,
  otherRigId,
  rigId,
  said,
  sha,
  timings,
  work,
} from '../../../test/rules/build.ts';
import { maxContinues } from '../prompt-ids.ts';

const mayorWork = work('mayor', 'ada#01KAJ000000000000000000001');
const inProgress = (beadId: string, agentId: string) => anIssue(beadId, { status: 'in_progress', assigneeAgentId: agentId });
const underReview = (beadId: string, more: Parameters<typeof aRequest>[1] = {}) =>
  aRequest(
    beadId,
    { status: 'in_progress', ...more },
    { executionName: 'e', review: { token: 't', tip: sha('b'), refineryId: `refinery-${rigId}`, tokenTaken: false } },
  );

describe('A0, who should live', () => {
  it('A0 starts the Mayor, and a runtime for it, when a message waits', () => {
    expect(said(planOf({ work: [mayorWork], mayorMessages: [aMessage()] }))).toEqual([
      'A0 start-mayor mayor',
      'R1 start-runtime t-4f9k2m1q',
    ]);
  });
  it('A0 does not start the Mayor for a message that is answered, and drops its work item', () => {
    expect(said(planOf({ work: [mayorWork], mayorMessages: [aMessage({ state: 'answered' })] }))).toEqual([
      `W1 drop-work mayor#${mayorWork.workId}`,
    ]);
  });
  it('A0 starts the Mayor for mail to its role', () => {
    expect(said(planOf({ work: [work('mail', 'hq-m1l1')], beads: [aMail('hq-m1l1', 'role:mayor')] }))).toContain('A0 start-mayor mayor');
  });
  it('A0 waits with a failing Mayor until its message is due again', () => {
    const later = { ...mayorWork, dueAtMs: nowMs + 30_000 };
    const planned = planOf({ work: [later], mayorMessages: [aMessage()] });
    expect(planned).toEqual({ actions: [], wakeAtMs: nowMs + 30_000 });
  });
  it('A0 lets a Mayor with nothing to answer rest only after the idle time', () => {
    const mayor = anAgent('mayor', { role: 'mayor', state: 'waiting' });
    const lease = aLease({ lastReportAtMs: nowMs + timings.agentIdleMs, idleSinceMs: nowMs + timings.agentIdleMs });
    expect(said(planOf({ agents: [mayor], lease }, nowMs + timings.agentIdleMs - 1))).not.toContain('A0 stop-agent mayor');
    expect(said(planOf({ agents: [mayor], lease }, nowMs + timings.agentIdleMs))).toContain('A0 stop-agent mayor');
  });
  it('A0 starts a Mayor anew who lives but never answers', () => {
    const mayor = anAgent('mayor', { role: 'mayor', state: 'waiting' });
    const lateMs = nowMs + timings.agentIdleMs;
    const scene = {
      agents: [mayor],
      work: [mayorWork],
      mayorMessages: [aMessage()],
      reports: [aReport(mayor, { state: 'waiting' }, lateMs)],
      lease: aLease({ lastReportAtMs: lateMs }),
    };
    expect(said(planOf(scene, lateMs - 1))).toEqual([]);
    expect(said(planOf(scene, lateMs))).toEqual(['A5 lose-agent mayor']);
  });
  it('A0 gives a refinery the oldest request that waits for a verdict, one at a time', () => {
    const older = { ...underReview('web-m002'), createdAt: iso(-60_000) };
    const planned = planOf({
      work: [work('merge', 'web-m001'), work('merge', 'web-m002')],
      beads: [underReview('web-m001'), older, anIssue('web-src1', { status: 'in_review' })],
    });
    expect(ofKind(planned, 'hook-refinery')).toMatchObject([{ agentId: `refinery-${rigId}`, mergeRequestId: 'web-m002' }]);
  });
  it('A0 gives the refinery of a rig only requests of that rig, also while it rests and others wait', () => {
    const there = aRequest(
      'api-m001',
      { status: 'in_progress', rigId: otherRigId, createdAt: iso(-60_000) },
      { executionName: 'e', review: { token: 't', tip: sha('b'), refineryId: `refinery-${otherRigId}`, tokenTaken: false } },
    );
    const planned = planOf({
      agents: [anAgent(`refinery-${rigId}`, { role: 'refinery' })],
      work: [work('merge', 'api-m001'), work('merge', 'web-m001')],
      beads: [there, underReview('web-m001'), anIssue('web-src1', { status: 'in_review' })],
    });
    expect(ofKind(planned, 'hook-refinery').map((action) => [action.agentId, action.rigId, action.mergeRequestId])).toEqual(
      expect.arrayContaining([
        [`refinery-${rigId}`, rigId, 'web-m001'],
        [`refinery-${otherRigId}`, otherRigId, 'api-m001'],
      ]),
    );
    expect(ofKind(planned, 'hook-refinery')).toHaveLength(2);
  });
  it('A0 leaves a busy refinery alone', () => {
    const refinery = hooked(`refinery-${rigId}`, 'web-m001', { role: 'refinery' });
    const planned = planOf({
      agents: [refinery],
      work: [work('merge', 'web-m001'), work('merge', 'web-m002')],
      beads: [underReview('web-m001'), underReview('web-m002')],
      lease: aLease(),
    });
    expect(said(planned)).toEqual([]);
  });
  it('A0 takes the request from a refinery whose every turn ended without a verdict, and asks again as long as it has a chance', () => {
    const planFor = (continues: number) => {
      const refinery = hooked(`refinery-${rigId}`, 'web-m001', { role: 'refinery', state: 'waiting', continues });
      return planOf({
        agents: [refinery],
        reports: [aReport(refinery, { state: 'waiting' })],
        work: [work('merge', 'web-m001')],
        beads: [underReview('web-m001')],
        lease: aLease(),
      });
    };
    expect(said(planFor(maxContinues))).toEqual([]);
    expect(ofKind(planFor(maxContinues + 1), 'lose-agent')).toMatchObject([{ rule: 'A5', blame: 'own' }]);
  });
});

describe('A1, lost agents', () => {
  const toast = hooked('toast', 'web-a001');
  const slots = [{ townId: toast.townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: iso() }];
  const scene = {
    agents: [toast],
    slots,
    beads: [inProgress('web-a001', 'toast')],
    work: [work('flight', 'web-a001')],
    lease: aLease(),
  };
  it('A1 says nothing about an agent that works', () => {
    const planned = planOf({ ...scene, reports: [aReport(toast, {})] });
    expect(planned.actions).toEqual([]);
    expect(planned.wakeAtMs).toBeGreaterThan(nowMs);
  });
  it.each([
    ['agent', 'own'],
    ['model', 'model'],
    ['git', 'git'],
    ['infrastructure', 'infrastructure'],
  ] as const)('A1 blames a failure of kind %s on %s', (cause, blame) => {
    const planned = planOf({ ...scene, reports: [aReport(toast, { state: 'failed', error: { cause, message: 'no luck' } })] });
    expect(ofKind(planned, 'lose-agent')).toMatchObject([{ rule: 'A1', agentId: 'toast', epoch: 1, blame, reason: 'no luck' }]);
  });
  it('T1 hands on that a lost agent left work that was not committed', () => {
    const planFor = (dirtyFiles: number) =>
      ofKind(planOf({ ...scene, reports: [aReport(toast, { state: 'failed', dirtyFiles })] }), 'lose-agent')[0]?.dirtyFiles;
    expect([planFor(2), planFor(0)]).toEqual([2, undefined]);
  });
  it('A1 ignores what was reported about an older epoch or by an older runtime', () => {
    const old = aReport(toast, { state: 'exited' });
    expect(planOf({ ...scene, reports: [{ ...old, observed: { ...old.observed, epoch: 0 } }] }).actions).toEqual([]);
    expect(planOf({ ...scene, reports: [{ ...old, runtimeEpoch: 2 }] }).actions).toEqual([]);
  });
  it('A1 loses an agent that the runner has stopped to name, but not in the first minutes (L67)', () => {
    const silent = { ...scene, reports: [aReport(toast, {})] };
    const lateMs = nowMs + timings.runtimeSilentMs + 1000;
    expect(said(planOf({ ...silent, lease: aLease({ lastReportAtMs: lateMs }) }, lateMs))).toEqual(['A1 lose-agent toast']);
    expect(said(planOf({ ...silent, lease: aLease({ lastReportAtMs: nowMs + 15_000 }) }, nowMs + 15_000))).toEqual([]);
  });
  it('A1 judges nobody right after a gap in passes, and says until when', () => {
    const lateMs = nowMs + timings.passGapMs + 1000;
    const alarm = { townId: toast.townId, armedAtMs: 0, generation: 1, lastPassAtMs: nowMs, version: 1 };
    const late = { ...scene, reports: [aReport(toast, {})], lease: aLease({ lastReportAtMs: lateMs }) };
    const planned = planOf({ ...late, alarm }, lateMs);
    expect(said(planned)).toEqual([]);
    expect(planned.judgeAfterMs).toBe(lateMs + timings.reportPeriodMs);
    expect(said(planOf({ ...late, alarm: { ...alarm, lastPassAtMs: lateMs, judgeAfterMs: lateMs } }, lateMs))).toEqual([
      'A1 lose-agent toast',
    ]);
  });
});

describe('A2 to A5, agents that do not fit their hook', () => {
  it('A2 repairs an idle agent with a bead on its hook (L6)', () => {
    const toast = anAgent('toast', { hookBeadId: 'web-a001' });
    expect(said(planOf({ agents: [toast], beads: [inProgress('web-a001', 'toast')], work: [work('flight', 'web-a001')] }))).toContain(
      'A2 lose-agent toast',
    );
  });
  it('A3 stops a worker without a hook, but never the Mayor', () => {
    const agents = [anAgent('toast', { state: 'working' }), anAgent('mayor', { role: 'mayor', state: 'working' })];
    expect(said(planOf({ agents, lease: aLease({ idleSinceMs: nowMs }) }))).toEqual(['A3 stop-agent toast']);
  });
  it.each(['closed', 'failed', 'in_review', 'open'] as const)('A4 stops an agent whose bead is %s', (status) => {
    const bead = anIssue('web-a001', { status, assigneeAgentId: 'toast', held: true }, { latestMergeRequestId: 'web-m001' });
    expect(
      said(
        planOf({
          agents: [hooked('toast', 'web-a001', { slot: 'none' })],
          beads: [bead, aRequest('web-m001', { status: 'in_progress' }, { sourceBeadId: 'web-a001' })],
          lease: aLease(),
        }),
      ),
    ).toContain('A4 stop-agent toast');
  });
  it('A4 stops a refinery whose request has its verdict', () => {
    const verdict = { outcome: 'approved' as const, summary: 'good', files: [], tip: sha('b'), by: 'agent:refinery', at: iso() };
    const request = aRequest(
      'web-m001',
      { status: 'in_progress' },
      { executionName: 'e', review: { token: 't', tip: sha('b'), refineryId: 'refinery', tokenTaken: true, verdict } },
    );
    expect(
      said(
        planOf({
          agents: [hooked('refinery', 'web-m001', { role: 'refinery' })],
          beads: [request],
          work: [work('merge', 'web-m001')],
          lease: aLease(),
        }),
      ),
    ).toContain('A4 stop-agent refinery');
  });
  it('A5 takes the bead from a worker that waits for ever without having finished', () => {
    const toast = hooked('toast', 'web-a001', { state: 'waiting' });
    const lateMs = nowMs + timings.agentIdleMs;
    const planned = planOf(
      {
        agents: [toast],
        reports: [aReport(toast, { state: 'waiting' }, lateMs)],
        beads: [inProgress('web-a001', 'toast')],
        lease: aLease({ lastReportAtMs: lateMs }),
      },
      lateMs,
    );
    expect(ofKind(planned, 'lose-agent')).toMatchObject([{ rule: 'A5', blame: 'own' }]);
  });
});
