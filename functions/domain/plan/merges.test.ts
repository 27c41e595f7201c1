import { describe, expect, it } from 'vitest';
import {
  aCommand,
  aLease,
  aRequest,
  aTrain,
  anIssue,
  iso,
  nowMs,
  planOf,
  rigId,
  said,
  sha,
  timings,
  townId,
  work,
} from '../../../test/rules/build.ts';

const source = (more: Parameters<typeof anIssue>[1] = {}) =>
  anIssue('web-src1', { status: 'in_review', ...more }, { latestMergeRequestId: 'web-m001' });
const merge = work('merge', 'web-m001');
const entry = { mergeRequestId: 'web-m001', at: iso() };
const verdict = { outcome: 'approved' as const, summary: 'good', files: [], tip: sha('b'), by: 'agent:refinery', at: iso() };

describe('M1, starting merges', () => {
  const scene = { work: [merge], beads: [aRequest('web-m001'), source()] };
  it('starts a request with nothing in its way', () => {
    expect(said(planOf(scene))).toEqual(['M1 start-merge web-m001', `R1 start-runtime ${townId}`]);
  });
  it('finds a request through its issue in review, and sees whether its execution lives', () => {
    const flight = work('flight', 'web-src1');
    expect(said(planOf({ work: [flight], beads: [aRequest('web-m001'), source()] }))).toEqual(said(planOf(scene)));
    const running = aRequest('web-m001', { status: 'in_progress', updatedAt: iso(-timings.mergeRetryMs) }, { executionName: 'one' });
    const seen = { work: [flight], beads: [running, source()], lease: aLease() };
    expect(said(planOf(seen))).toEqual(['M2 check-merge web-m001']);
    // An item of its own says when it is looked at again.
    const watched = work('merge', 'web-m001', { dueAtMs: nowMs + 1000 });
    expect(said(planOf({ ...seen, work: [flight, watched] }))).toEqual([]);
  });
  it('has nothing to do about a blocked or held request, which costs no pass anything', () => {
    const dropped = ['W1 drop-work merge#web-m001'];
    expect(said(planOf({ ...scene, beads: [aRequest('web-m001', { openBlockers: 1 }, { stage: 'blocked' }), source()] }))).toEqual(dropped);
    expect(said(planOf({ ...scene, beads: [aRequest('web-m001', {}, { stage: 'held' }), source()] }))).toEqual(dropped);
  });
  it('waits out the pause after a failed attempt', () => {
    const planned = planOf({ ...scene, beads: [aRequest('web-m001', {}, { notBefore: iso(30_000) }), source()] });
    expect(planned).toEqual({ actions: [], wakeAtMs: nowMs + 30_000 });
  });
  it.each([
    ['closed', source({ status: 'closed' })],
    ['overtaken', anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m002' })],
  ])('gives up a request whose source is %s', (_why, bead) => {
    expect(said(planOf({ ...scene, beads: [aRequest('web-m001'), bead] }))).toEqual(['M1 supersede-merge web-m001']);
  });
  it('tries a request again that waited for its target for long, or that its train has forgotten', () => {
    const red = { ...scene, beads: [aRequest('web-m001', {}, { stage: 'target_red' }), source()] };
    expect(said(planOf(red))).toEqual([]);
    expect(said(planOf(red, nowMs + 600_000))).toEqual(['M1 retry-target web-m001']);
    expect(said(planOf({ ...scene, beads: [aRequest('web-m001', {}, { stage: 'queued' }), source()] }))).toEqual([
      'M1 retry-target web-m001',
    ]);
  });
});

const running = () => ({ work: [merge], beads: [aRequest('web-m001', { status: 'in_progress' }, { executionName: 'e-1' }), source()] });

describe('M2, executions that may be dead', () => {
  it('asks only after a while, and wakes for it', () => {
    expect(planOf(running())).toEqual({ actions: [], wakeAtMs: nowMs + timings.mergeRetryMs });
    expect(said(planOf(running(), nowMs + timings.mergeRetryMs))).toEqual(['M2 check-merge web-m001']);
  });
  it('asks again no sooner than it noted', () => {
    const noted = { ...running(), work: [{ ...merge, dueAtMs: nowMs + 90_000 }] };
    expect(planOf(noted, nowMs + 60_000)).toEqual({ actions: [], wakeAtMs: nowMs + 90_000 });
  });
  it('leaves a request to its train while one carries it', () => {
    const carried = {
      ...running(),
      trains: [aTrain({ executionName: 'e-1', currentMergeRequestId: 'web-m001', queued: [entry] })],
    };
    expect(said(planOf({ ...carried, work: [merge] }, nowMs + timings.mergeRetryMs))).toEqual([`M2 check-train ${rigId}#main`]);
  });
});

describe('M3 and M5, trains', () => {
  const request = aRequest('web-m001', {}, { stage: 'queued' });
  const scene = { work: [merge], beads: [request, source()], trains: [aTrain({ queued: [entry] })] };
  it('starts the train with the first request that can go', () => {
    const second = aRequest('web-m002', {}, { stage: 'queued', sourceBeadId: 'web-src2' });
    const waiting = {
      ...scene,
      beads: [aRequest('web-m001', {}, { stage: 'queued', notBefore: iso(30_000) }), second, source()],
      trains: [aTrain({ queued: [entry, { mergeRequestId: 'web-m002', at: iso() }] })],
    };
    expect(said(planOf(scene))).toEqual([`M5 start-train ${rigId}#main`, `R1 start-runtime ${townId}`]);
    expect(planOf(waiting).actions).toMatchObject([{ kind: 'start-train', mergeRequestId: 'web-m002' }, { kind: 'start-runtime' }]);
  });
  it('does not start a paused one', () => {
    expect(said(planOf({ ...scene, trains: [aTrain({ queued: [entry], pausedReason: 'the target is red' })] }))).toEqual([]);
  });
  it('lets a request leave that is not queued any more', () => {
    expect(said(planOf({ ...scene, beads: [aRequest('web-m001', { status: 'closed' }), source({ status: 'closed' })] }))).toEqual([
      `M5 trim-train ${rigId}#main`,
      'W1 drop-work merge#web-m001',
    ]);
  });
});

describe('M4, results that nobody took', () => {
  it('sends a verdict again after a while', () => {
    const review = { token: 't', tip: sha('b'), refineryId: 'refinery', tokenTaken: false, verdict };
    const scene = {
      work: [{ ...merge, dueAtMs: nowMs + 600_000 }],
      beads: [aRequest('web-m001', { status: 'in_progress' }, { executionName: 'e-1', review }), source()],
    };
    expect(said(planOf(scene))).toEqual([]);
    expect(said(planOf(scene, nowMs + timings.resendMs))).toEqual(['M4 resend-verdict web-m001']);
  });
  it('sends a command result again after a while', () => {
    const command = aCommand('c-1', { state: 'done', result: { kind: 'error', retryable: true, message: 'no' } });
    const scene = { commands: [command] };
    expect(planOf(scene)).toEqual({ actions: [], wakeAtMs: nowMs + timings.resendMs });
    expect(said(planOf(scene, nowMs + timings.resendMs))).toEqual(['M4 resend-command c-1']);
  });
  it('ends a command that the runner never answered, and keeps a waiting step alive until then', () => {
    const lateMs = nowMs + timings.workflowHeartbeatMs / 3;
    const scene = { commands: [aCommand('c-1')], lease: aLease({ lastReportAtMs: lateMs }) };
    expect(said(planOf(scene, lateMs))).toEqual(['M4 beat-command c-1']);
    expect(said(planOf({ ...scene, lease: aLease({ lastReportAtMs: nowMs + 600_000 }) }, nowMs + 600_000))).toEqual([
      'M4 expire-command c-1',
    ]);
  });
  it('sends no heartbeat without a runner behind it', () => {
    const lateMs = nowMs + timings.workflowHeartbeatMs / 3;
    const scene = { commands: [aCommand('c-1')], lease: aLease() };
    expect(said(planOf(scene, lateMs))).not.toContain('M4 beat-command c-1');
  });
});
