import { describe, expect, it } from 'vitest';
import { aConvoy, aMail, aRequest, anIssue, hooked, nowMs, planOf, queued, rigId, said, timings, work } from '../../../test/rules/build.ts';

const flight = work('flight', 'web-a001');

describe('B4 and B5, beads that nobody moves', () => {
  it('B4 takes a bead back that is in progress with nobody on it, after a while', () => {
    const scene = { work: [flight], beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })] };
    expect(planOf(scene)).toEqual({ actions: [], wakeAtMs: nowMs + timings.orphanBeadMs });
    expect(said(planOf(scene, nowMs + timings.orphanBeadMs))).toEqual(['B4 reopen-orphan web-a001']);
  });
  it('B4 leaves it alone while an agent holds it, however long', () => {
    const scene = {
      work: [flight],
      beads: [anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' })],
      agents: [hooked('toast', 'web-a001', { slot: 'none' })],
    };
    expect(said(planOf(scene, nowMs + timings.orphanBeadMs))).not.toContain('B4 reopen-orphan web-a001');
  });
  it.each([['closed'], ['failed']] as const)('B5 lets a bead in review follow its request when that is %s', (status) => {
    const scene = {
      work: [flight],
      beads: [
        anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' }),
        aRequest('web-m001', { status }, { sourceBeadId: 'web-a001' }),
      ],
    };
    expect(said(planOf(scene))).toEqual(['B5 settle-review web-a001']);
  });
  it('B5 waits while the request is under way', () => {
    const scene = {
      work: [flight],
      beads: [
        anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' }),
        aRequest('web-m001', { status: 'in_progress' }, { sourceBeadId: 'web-a001' }),
      ],
    };
    expect(said(planOf(scene))).toEqual([]);
  });
});

describe('B8 and W1, what is over', () => {
  it('B8 tells what waited for a closed or failed bead', () => {
    expect(said(planOf({ work: [work('release', 'web-a001')], beads: [anIssue('web-a001', { status: 'closed' })] }))).toEqual([
      'B8 release web-a001',
    ]);
  });
  it('H3 drops work items whose subject is over or gone (L74)', () => {
    const items = [flight, work('merge', 'web-m001'), work('mail', 'hq-m001'), work('convoy', 'hq-c001'), work('command', 'c-1')];
    const beads = [anIssue('web-a001', { status: 'closed' }), aRequest('web-m001', { status: 'failed' })];
    expect(said(planOf({ work: items, beads }))).toEqual(items.map((item) => `W1 drop-work ${item.kind}#${item.workId}`));
  });
  it('closes the queues of a plan, from which nothing is given out, and keeps those of a convoy that has started', () => {
    const bead = anIssue('web-a001', {}, { convoyId: 'hq-c001' });
    const plan = (staged: boolean) => ({ ...queued([bead]), beads: [bead, aConvoy('hq-c001', ['web-a001'], staged)] });
    expect(said(planOf(plan(true)))).toContain(`W1 drop-work queue#${rigId}#hq-c001`);
    expect(said(planOf(plan(false)))).not.toContain(`W1 drop-work queue#${rigId}#hq-c001`);
  });
  it('keeps the item of a stopped runtime, which the sweep finds, as long as flights or merges are left', () => {
    const awake = work('runtime', 't');
    expect(said(planOf({ work: [awake] }))).toEqual(['W1 drop-work runtime#t']);
    const held = [
      anIssue('web-a001', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' }),
      aRequest('web-m001', { held: true }, { sourceBeadId: 'web-a001' }),
    ];
    expect(said(planOf({ work: [awake, flight], beads: held }))).toEqual([]);
  });
});

describe('C1, C4 and H1', () => {
  it('counts a convoy that has something to count, but not while its batch is being written', () => {
    const scene = { work: [work('convoy', 'hq-c001')], beads: [aConvoy('hq-c001', ['web-a001'])] };
    expect(said(planOf(scene))).toEqual(['C1 count-convoy hq-c001']);
    expect(said(planOf({ ...scene, work: [...scene.work, work('batch', 'hq-c001', { dueAtMs: nowMs + 1000 })] }))).toEqual([]);
  });
  it('removes a batch that was never finished, in time', () => {
    const scene = { work: [work('batch', 'hq-c001', { dueAtMs: nowMs + 1000 })] };
    expect(planOf(scene)).toEqual({ actions: [], wakeAtMs: nowMs + 1000 });
    expect(said(planOf(scene, nowMs + 1000))).toEqual(['C4 remove-batch hq-c001']);
  });
  it('closes mail for people at once and mail for agents when it was delivered', () => {
    const items = [work('mail', 'hq-m001'), work('mail', 'hq-m002'), work('mail', 'hq-m003')];
    const delivered = aMail('hq-m003', 'toast');
    if (delivered.details.type === 'message') delivered.details.deliveredAt = '2026-11-21T10:00:00.000Z';
    expect(said(planOf({ work: items, beads: [aMail('hq-m001', 'user:ada'), aMail('hq-m002', 'toast'), delivered] }))).toEqual([
      'H1 close-mail hq-m001',
      'H1 close-mail hq-m003',
    ]);
  });
});
