import { describe, expect, it } from 'vitest';
import {
  aConvoy,
  aMessage,
  aRequest,
  anAgent,
  anIssue,
  nowMs,
  ofKind,
  planOf,
  queued,
  rigId,
  said,
  work,
  townId,
} from '../../../test/rules/build.ts';
import { levelOf } from '../spending/budgets.ts';

const usd = 1_000_000;
const midnightMs = Date.parse('2026-11-22T00:00:00.000Z');
const spend = (costMicroUsd: number, tokens = 0, rig = rigId) =>
  work('spend', `20261121#${rig}`, { costMicroUsd, tokens, dueAtMs: midnightMs });
const bead = anIssue('web-b001');
const { ready, work: queues } = queued([bead]);
const withSpend = (...items: ReturnType<typeof spend>[]) => planOf({ beads: [bead], ready, work: [...queues, ...items] });
const dispatches = (planned: ReturnType<typeof planOf>): string[] => ofKind(planned, 'dispatch').map((action) => action.beadId);

describe('how far a budget is used', () => {
  it('is a warning from 80 %, a question to a person from 90 % of a convoy, and the end when spend equals the cap', () => {
    expect([79, 80, 89, 90, 99, 100, 101].map((spent) => levelOf(spent, 100))).toEqual([
      'within',
      'warned',
      'warned',
      'warned',
      'warned',
      'stopped',
      'stopped',
    ]);
    expect([80, 89, 90, 99, 100].map((spent) => levelOf(spent, 100, true))).toEqual(['warned', 'warned', 'asked', 'asked', 'stopped']);
    expect(levelOf(0, 0)).toBe('stopped');
  });
});

describe('B7, the budget of a day', () => {
  it('lets beads be given out below it, adding up all rigs', () => {
    expect(dispatches(withSpend(spend(30 * usd), spend(9 * usd, 0, '-')))).toEqual(['web-b001']);
  });
  it('warns at 80 % and goes on', () => {
    const planned = withSpend(spend(30 * usd), spend(10 * usd, 0, '-'));
    expect(dispatches(planned)).toEqual(['web-b001']);
    expect(ofKind(planned, 'tell-budget')).toMatchObject([{ standing: { scope: 'town', level: 'warned' } }]);
  });
  it('stops dispatch at 100 % of 50 USD, says so, and looks again at the next UTC day', () => {
    const planned = withSpend(spend(50 * usd));
    expect(dispatches(planned)).toEqual([]);
    expect(ofKind(planned, 'tell-budget')).toMatchObject([
      {
        sentence:
          'The town has spent 50.00 USD of 50.00 USD today. Nothing more is given out. Work goes on at midnight UTC, or as soon as the budget is raised.',
      },
    ]);
    const told = work('spend', '20261121#told', { data: '{"town":{"level":"stopped","limit":50000000}}', dueAtMs: midnightMs });
    const later = planOf({ beads: [bead], ready, work: [...queues, spend(51 * usd), told] });
    expect([said(later), later.wakeAtMs]).toEqual([[], midnightMs]);
  });
  it('resumes by itself on the next UTC day, and lets the old day go', () => {
    const planned = planOf({ beads: [bead], ready, work: [...queues, spend(50 * usd)] }, midnightMs);
    expect(dispatches(planned)).toEqual(['web-b001']);
    expect(said(planned)).toContain(`W1 drop-work spend#20261121#${rigId}`);
  });
  it('stops at the cap of tokens whatever they cost', () => {
    expect(dispatches(withSpend(spend(1, 49_999_999)))).toEqual(['web-b001']);
    const planned = withSpend(spend(1, 50_000_000));
    expect(dispatches(planned)).toEqual([]);
    expect(ofKind(planned, 'tell-budget')[0]?.sentence).toContain('50000000 tokens of 50000000 tokens today');
  });
  it('L101 gives nothing out while what was spent is not known', () => {
    const planned = withSpend(work('spend', `20261121#${rigId}`, { dueAtMs: midnightMs }));
    expect(dispatches(planned)).toEqual([]);
    expect(ofKind(planned, 'tell-budget')[0]?.sentence).toBe('What the town has spent is not known, so nothing is given out.');
  });
  it('starts no Mayor, no review and no merge when it is used up', () => {
    const request = aRequest('web-m001');
    const reviewed = aRequest(
      'web-m002',
      { status: 'in_progress' },
      { review: { token: 't', tip: 'a'.repeat(40), refineryId: 'refinery-1', tokenTaken: false } },
    );
    const more = {
      beads: [request, reviewed, anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' })],
      mayorMessages: [aMessage()],
      work: [work('merge', 'web-m001'), work('merge', 'web-m002'), work('mayor', `ada#${aMessage().messageId}`)],
    };
    const starts = ['start-mayor', 'hook-refinery', 'start-merge', 'start-runtime'];
    const kinds = (items: ReturnType<typeof spend>[]) =>
      planOf({ ...more, work: [...more.work, ...items] })
        .actions.map(({ kind }) => kind)
        .filter((kind) => starts.includes(kind));
    expect(kinds([])).toEqual(expect.arrayContaining(['start-mayor', 'start-merge']));
    expect(kinds([spend(50 * usd)])).toEqual([]);
  });
  it('does not touch agents that are at work: they finish their turn', () => {
    const toast = anAgent('toast', { state: 'working', hookBeadId: 'web-b002', slot: `${rigId}#1` });
    const running = anIssue('web-b002', { status: 'in_progress', assigneeAgentId: 'toast' });
    const slots = [{ townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: toast.createdAt }];
    const planned = planOf({ agents: [toast], slots, beads: [running], work: [spend(90 * usd), work('flight', 'web-b002')] });
    expect(said(planned).filter((each) => each.includes('toast'))).toEqual([]);
  });
});

describe('B7, the budget of a bead or convoy', () => {
  const far = (beadId: string, costMicroUsd?: number) => work('budget', beadId, costMicroUsd === undefined ? {} : { costMicroUsd });
  it('keeps a bead that has used its 10 USD in its queue and gives out the next', () => {
    const beads = [bead, anIssue('web-b002')];
    const planned = planOf({ beads, ...queued(beads), work: [...queued(beads).work, far('web-b001', 10 * usd)] });
    expect(dispatches(planned)).toEqual(['web-b002']);
    expect(ofKind(planned, 'tell-budget')).toMatchObject([{ standing: { scope: 'bead#web-b001', level: 'stopped' } }]);
  });
  it('gives it out again as soon as its budget is raised', () => {
    const raised = anIssue('web-b001', {}, { settings: { 'budget.beadUsd': 20 } });
    expect(dispatches(planOf({ beads: [raised], ready, work: [...queues, far('web-b001', 10 * usd)] }))).toEqual(['web-b001']);
  });
  it('keeps repairs back when the bead that they serve has used its budget', () => {
    const source = anIssue('web-src1', { status: 'in_review' });
    const rework = anIssue('web-b001', { parentId: 'web-src1' }, { kind: 'rework', mergeRequestId: 'web-m001' });
    expect(dispatches(planOf({ beads: [source, rework], ready, work: [...queues, far('web-src1', 10 * usd)] }))).toEqual([]);
    expect(dispatches(planOf({ beads: [source, rework], ready, work: [...queues, far('web-src1')] }))).toEqual([]);
  });
  const convoyOf = (spent: number, details: object = {}) => {
    const member = anIssue('web-b001', {}, { convoyId: 'hq-c001' });
    const convoy = aConvoy('hq-c001', ['web-b001']);
    const known = { ...convoy, details: { ...convoy.details, settings: { 'budget.convoyUsd': 100 }, ...details } };
    const waiting = queued([member]);
    return planOf({ beads: [member, known], ready: waiting.ready, work: [...waiting.work, far('hq-c001', spent)] });
  };
  it('stops giving out a convoy at 90 % and asks a person', () => {
    expect(dispatches(convoyOf(89 * usd))).toEqual(['web-b001']);
    const planned = convoyOf(90 * usd);
    expect(dispatches(planned)).toEqual([]);
    expect(ofKind(planned, 'tell-budget')).toMatchObject([{ standing: { scope: 'convoy#hq-c001', level: 'asked' } }]);
  });
  it('goes on to the end of its budget when a person says so, and no further', () => {
    expect(dispatches(convoyOf(90 * usd, { budgetContinued: true }))).toEqual(['web-b001']);
    expect(dispatches(convoyOf(100 * usd, { budgetContinued: true }))).toEqual([]);
  });
  it('is nothing to look at any more when the bead is over', () => {
    const over = anIssue('web-b001', { status: 'closed' });
    expect(said(planOf({ beads: [over], work: [far('web-b001', 10 * usd)], agents: [], ready: [] }, nowMs))).toEqual([
      'W1 drop-work budget#web-b001',
    ]);
  });
});
