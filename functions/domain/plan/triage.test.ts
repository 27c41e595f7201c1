import { describe, expect, it } from 'vitest';
import {
  aLease,
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
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { TriageRequest } from '../../contracts/triage.schema.ts';
import type { Snapshot } from './snapshot.ts';

const minute = 60_000;
const request = (agentId: string, more: Partial<TriageRequest> = {}) =>
  work('triage', `${agentId}#stalled`, {
    data: JSON.stringify({ kind: 'stalled', agentId, beadId: 'web-a001', reason: 'silent', atMs: nowMs, tries: 0, ...more }),
  });
const triager = (startsMs: number[], notBeforeMs = 0) => work('triager', '-', { data: JSON.stringify({ startsMs, notBeforeMs }) });
const toast = hooked('toast', 'web-a001', { state: 'stalled', stalledAt: iso(), slot: 'none' });
const scene = (items: Snapshot['work'], more: Partial<Snapshot> = {}): Partial<Snapshot> => ({
  agents: [toast, ...(more.agents ?? [])],
  beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
  work: [work('flight', 'web-a001'), ...items],
  lease: aLease(),
  ...(more.reports === undefined ? {} : { reports: more.reports }),
});
const triage = (more: Parameters<typeof anAgent>[1] = {}) =>
  anAgent('triage', { role: 'triage', state: 'working', epoch: 4, startedAt: iso(), ...more });
const batch = (planned: ReturnType<typeof planOf>) => ofKind(planned, 'start-triage').map((each) => each.requests.length);

describe('T2, one batch, one triage agent', () => {
  it('T2 starts one triage agent for all open requests, and a runtime for it', () => {
    const birch = hooked('birch', 'web-a001', { state: 'stalled', stalledAt: iso(), slot: 'none' });
    const planned = planOf({ ...scene([request('toast'), request('birch')], { agents: [birch] }), lease: aLease({ state: 'absent' }) });
    expect(batch(planned)).toEqual([2]);
    expect(said(planned)).toContain(`R1 start-runtime ${townId}`);
  });
  it('T2 starts no second one while one works, and keeps the runtime for it', () => {
    const agents = [triage()];
    const reports = [aReport(triage(), { state: 'working', lastActivityAtMs: nowMs })];
    expect(said(planOf(scene([request('toast', { batch: 4 })], { agents, reports })))).toEqual([]);
  });
  it('T2 lets the triage agent rest when everything is decided', () => {
    expect(said(planOf(scene([], { agents: [triage()] })))).toContain('T2 stop-agent triage');
  });
  it('T2 waits 30 seconds after a failure of the triage agent', () => {
    const cooling = scene([request('toast'), triager([nowMs - 1000], nowMs + timings.triageCooldownMs)]);
    expect(batch(planOf(cooling))).toEqual([]);
    expect(timings.triageCooldownMs).toBe(30_000);
    expect(batch(planOf({ ...cooling, lease: aLease({ lastReportAtMs: nowMs + 30_000 }) }, nowMs + 30_000))).toEqual([1]);
  });
  it('T2 starts at most three batches in an hour', () => {
    const busy = scene([request('toast'), triager([nowMs - 50 * minute, nowMs - 20 * minute, nowMs - 10 * minute])]);
    expect(batch(planOf(busy))).toEqual([]);
    expect(batch(planOf(busy, nowMs + 10 * minute))).toEqual([1]);
    expect(batch(planOf(scene([request('toast'), triager([nowMs - 20 * minute, nowMs - 10 * minute])])))).toEqual([1]);
  });
  it('T2 asks people when three triage agents did not decide', () => {
    expect(said(planOf(scene([request('toast', { tries: 3 })])))).toContain('T2 give-up-triage toast#stalled');
  });
  it('T2 loses a triage agent whose turn ended with requests left, and blames nothing else for it (L16)', () => {
    const done = triage({ state: 'waiting' });
    const atMs = nowMs + timings.triageCooldownMs;
    const planned = planOf(
      {
        ...scene([request('toast', { batch: 4 })], { agents: [done], reports: [aReport(done, { state: 'waiting' }, atMs)] }),
        lease: aLease({ lastReportAtMs: atMs }),
      },
      atMs,
    );
    expect(ofKind(planned, 'lose-agent')).toMatchObject([{ agentId: 'triage', blame: 'own' }]);
  });
  it('T2 drops a request that nobody needs decided any more', () => {
    const working = planOf({ agents: [anAgent('toast')], work: [request('toast')], lease: aLease({ idleSinceMs: nowMs }) });
    expect(said(working)).toContain('W1 drop-work triage#toast#stalled');
    expect(said(planOf({ work: [triager([nowMs - 61 * minute])] }))).toEqual(['W1 drop-work triager#-']);
  });
  it('T2 does not start while what it needs is known to be broken', () => {
    const breaker = work('breaker', 'model', { dueAtMs: nowMs + minute, data: JSON.stringify({ failures: 3, atMs: nowMs, error: 'no' }) });
    expect(batch(planOf(scene([request('toast'), breaker])))).toEqual([]);
  });
});
