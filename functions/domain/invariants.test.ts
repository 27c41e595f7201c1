import { describe, expect, it } from 'vitest';
import {
  aConvoy,
  aLease,
  aReport,
  aRequest,
  aRig,
  aSnapshot,
  aTown,
  anAgent,
  anIssue,
  iso,
  nowMs,
  planOf,
  rigId,
  said,
  townId,
  work,
} from '../../test/rules/build.ts';
import { mergeStageSchema } from '../contracts/merge-request.schema.ts';
import { fakePorts } from '../../test/fakes/ports.ts';
import { reconcileTown } from '../reconcile/reconcile.ts';
import { isConvoy } from './bead-writes.ts';
import { violationsIn, violationsOfBead } from './invariants.ts';
import { newEdge } from './dependencies.ts';
import { newBead } from './new-bead.ts';

const slot = (number: number, holder: string) => ({ townId, slotId: `${rigId}#${number}`, holder, claimedAt: iso() });
const working = (agentId: string, number: number, more: Parameters<typeof anAgent>[1] = {}) =>
  anAgent(agentId, {
    state: 'working',
    hookBeadId: 'web-a001',
    slot: `${rigId}#${number}`,
    startedAt: iso(),
    lastActivityAt: iso(),
    ...more,
  });
const bead = anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' });
const items = [work('flight', 'web-a001')];
const repairs = (planned: ReturnType<typeof planOf>): string[] => said(planned).filter((each) => each.startsWith('I'));
const scene = { beads: [bead], lease: aLease(), work: items };

describe('an invariant of a pass', () => {
  it('1: a bead is on one hook; the assignee keeps it', () => {
    const agents = [working('maple', 2), working('toast', 1)];
    const snapshot = aSnapshot({ ...scene, agents, slots: [slot(1, 'toast'), slot(2, 'maple')] });
    expect(violationsIn(snapshot, new Set())).toMatchObject([{ invariant: 1, subject: 'maple', repair: { by: 'lose-agent' } }]);
    expect(said(planOf(snapshot))).toContain('A4 stop-agent maple');
  });
  it('8: no report comes from a runtime that is newer than the lease', () => {
    const newer = { ...aReport(working('toast', 1), {}), runtimeEpoch: aLease().runtimeEpoch + 1 };
    expect(repairs(planOf({ ...scene, agents: [working('toast', 1)], slots: [slot(1, 'toast')], reports: [newer] }))).toEqual([
      `I8 repair-invariant runtime-${newer.runtimeEpoch}`,
    ]);
  });
  it('9: a working polecat holds a place of its own', () => {
    expect(repairs(planOf({ ...scene, agents: [working('toast', 1)], slots: [slot(1, 'maple')] }))).toEqual(['I9 repair-invariant toast']);
  });
  it('11: nobody reports an epoch that was never given', () => {
    const toast = working('toast', 1, { epoch: 3 });
    const report = aReport({ ...toast, epoch: 4 }, {});
    expect(repairs(planOf({ ...scene, agents: [toast], slots: [slot(1, 'toast')], reports: [report] }))).toEqual([
      'I11 repair-invariant toast',
    ]);
  });
  it('4: one request of a target is pushed', () => {
    const push = { targetBranch: 'main', expectedOld: 'a'.repeat(40), newTip: 'b'.repeat(40) };
    const requests = ['web-m001', 'web-m002'].map((beadId) => aRequest(beadId, { status: 'in_progress' }, { push, targetBranch: 'main' }));
    expect(repairs(planOf({ beads: requests }))).toEqual(['I4 repair-invariant web-m001']);
  });
  it('is not violated by a Mayor without a hook, an idle agent, or a cap that was lowered (L54)', () => {
    const mayor = anAgent('mayor', { role: 'mayor', state: 'waiting', lastActivityAt: iso() });
    const agents = [mayor, working('toast', 5), anAgent('birch', { state: 'idle' })];
    const planned = planOf({ ...scene, town: aTown({ maxPolecatsPerRig: 1 }), agents, slots: [slot(5, 'toast')] });
    expect(repairs(planned)).toEqual([]);
  });
  it('is nothing to tell when a rule of the same pass sets it right: 2 is A3 and A4, 3 is B5', () => {
    const finished = anIssue('web-a001', { status: 'closed', assigneeAgentId: 'toast' });
    const planned = planOf({ ...scene, beads: [finished], agents: [working('toast', 1)], slots: [slot(1, 'toast')] });
    expect(repairs(planned)).toEqual([]);
    expect(said(planned)).toContain('A4 stop-agent toast');
    const review = anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' });
    expect(repairs(planOf({ beads: [review], work: [work('flight', 'web-a001')] }))).toEqual([]);
  });
});

describe('a violation', () => {
  it('is a metric, an event and one repair; a pass later there is nothing to say', async () => {
    const ports = fakePorts();
    ports.clock.set(nowMs);
    for (const write of [
      { put: 'town', item: aTown(), when: 'none' } as const,
      { put: 'rig', item: aRig(), when: 'none' } as const,
      { put: 'lease', item: aLease({ lastReportAtMs: nowMs }), when: 'none' } as const,
      { put: 'bead', item: bead, when: 'none' } as const,
      { put: 'agent', item: working('toast', 1), when: 'none' } as const,
      ...items.map((item) => ({ put: 'work', item, when: 'none' }) as const),
    ])
      await ports.store.commit([write]);
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    const { items: events } = await ports.store.eventsOf(townId, {}, { limit: 100 });
    expect(events.filter((event) => event.type === 'invariant_violated')).toMatchObject([{ agentId: 'toast', data: { invariant: 9 } }]);
    expect(ports.measured.filter(({ values }) => values['InvariantViolations'] === 1)).toHaveLength(1);
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({ state: 'idle' });
    expect(await ports.store.get('bead', { townId, beadId: 'web-a001' })).toMatchObject({ status: 'open', dispatchAttempts: 0 });
  });
});

describe('an invariant of one bead', () => {
  const edge = (resolved: boolean) => newEdge({ townId, beadId: 'web-a001', dependsOnId: 'web-b001', type: 'blocks', at: iso() }, resolved);
  const numbers = (...args: Parameters<typeof violationsOfBead>) => violationsOfBead(...args).map(({ invariant }) => invariant);
  it('6: open blockers are the edges that are not resolved', () => {
    expect(numbers({ bead: anIssue('web-a001', { openBlockers: 1 }), edges: [edge(false), edge(true)], members: [] })).toEqual([]);
    expect(numbers({ bead: anIssue('web-a001', { openBlockers: 2 }), edges: [edge(false)], members: [] })).toEqual([6]);
  });
  it('7: a convoy counts its members; while it is counted later it may be behind (L54)', () => {
    const convoy = (closedBeads: number) =>
      newBead({
        townId,
        beadId: 'hq-c001',
        title: 'Convoy',
        requestedBy: 'ada',
        createdBy: 'user:ada',
        at: iso(),
        details: {
          type: 'convoy',
          totalBeads: 2,
          closedBeads,
          failedBeads: 0,
          mergeMode: 'review-and-merge',
          staged: false,
          memberIds: ['web-a001', 'web-a002'],
        },
      });
    const members = [anIssue('web-a001', { status: 'closed' }), anIssue('web-a002')];
    expect(numbers({ bead: convoy(0), edges: [], members })).toEqual([]);
    expect(numbers({ bead: convoy(1), edges: [], members })).toEqual([]);
    expect(numbers({ bead: convoy(2), edges: [], members })).toEqual([7]);
  });
  it('7: a closed convoy may have landed without beads that wait for ever', () => {
    const closed = (leftOutIds: string[]) => {
      const convoy = aConvoy('hq-c001', ['web-a001', 'web-a002']);
      if (!isConvoy(convoy)) throw new Error('no convoy');
      return { ...convoy, status: 'closed' as const, details: { ...convoy.details, leftOutIds } };
    };
    const members = [anIssue('web-a001', { status: 'closed' }), anIssue('web-a002', { openBlockers: 1 })];
    expect(numbers({ bead: closed([]), edges: [], members })).toEqual([7]);
    expect(numbers({ bead: closed(['web-a002']), edges: [], members })).toEqual([]);
  });
  it('3: an issue in review has a request that is not over', () => {
    const review = anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' });
    expect(numbers({ bead: review, edges: [], members: [], request: aRequest('web-m001') })).toEqual([]);
    expect(numbers({ bead: review, edges: [], members: [] })).toEqual([3]);
  });
  it('3: a request that waits as a pull request is live', () => {
    const review = anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' });
    for (const stage of mergeStageSchema.options)
      expect(numbers({ bead: review, edges: [], members: [], request: aRequest('web-m001', {}, { stage }) }), stage).toEqual([]);
  });
  it('5 and 10 are conditions of the writes: a final bead takes no status, a failed one needs its reason', async () => {
    const ports = fakePorts();
    const failed = { ...anIssue('web-a001'), status: 'failed' as const };
    await expect(ports.store.commit([{ put: 'bead', item: failed, when: 'none' }])).rejects.toMatchObject({ name: 'StoreMisuse' });
  });
});
