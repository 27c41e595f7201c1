// The one decision about a pull request, over all facts that a host can tell.
import { array, assert, boolean, constant, constantFrom, nat, property, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRequest, aRig, aTown, anIssue, iso, nowMs, planOf, said, sha, work } from '../../../test/rules/build.ts';
import type { PullRequestFacts, ReviewThread } from '../../contracts/pull-request.schema.ts';
import type { PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import { classOf } from './feedback.ts';
import { pullRequestNamed } from './pull-request-address.ts';
import { judge } from './pull-request.ts';
import type { Look } from './pull-request.ts';
import { reviewedAs, withEntries } from './pull-request-work.ts';
import { reviewModeFor, strategyFor } from './strategy.ts';
import type { MergeOwners } from './strategy.ts';

const head = sha('a');
const facts: PullRequestFacts = {
  number: 7,
  url: 'https://git.example/acme/web/pull/7',
  repo: 'acme/web',
  state: 'open',
  title: 'Say hello',
  author: 'gastown-bot',
  authorIsSelf: true,
  headBranch: 'gt/toast/web-src1',
  headSha: head,
  headPushedAt: iso(-600_000),
  baseBranch: 'main',
  draft: false,
  mergeable: 'clean',
  reviewDecision: 'none',
  requiredApprovals: 0,
  approvals: 0,
  threads: [],
  threadsComplete: true,
  checks: [],
  checksComplete: true,
  allowedMethods: ['merge', 'squash'],
};
const watch: PullRequestWatch = { checkedSha: head, entries: [], feedbackRounds: 0, badPolls: 0 };
const look = (more: Partial<Look> = {}, told: Partial<PullRequestFacts> = {}): Look => ({
  facts: { ...facts, ...told },
  watch,
  repo: 'acme/web',
  request: { branch: 'gt/toast/web-src1', targetBranch: 'main', conflictRounds: 0, headSha: head },
  working: 0,
  onlyItsEnd: false,
  options: {
    autoMerge: true,
    autoMergeDelayMs: 300_000,
    autoResolveFeedback: true,
    maxFeedbackRounds: 5,
    maxConflictRounds: 3,
    methods: ['squash', 'merge', 'rebase'],
    needsCheck: true,
  },
  nowMs,
  noChecksMs: 120_000,
  ...more,
});
const armed: PullRequestWatch = { ...watch, mergeAt: iso(-1), mergeAtSha: head };

const threads: Arbitrary<ReviewThread> = record({
  id: constantFrom('T1', 'T2', 'T3'),
  kind: constantFrom('thread' as const, 'review' as const),
  author: constantFrom('grace', 'stranger'),
  canWrite: boolean(),
  text: constantFrom('Nice!', 'Why is this here?', 'This is wrong.', 'nit: a blank', 'Wrong layer.'),
  lastCommentId: constantFrom('c1', 'c2'),
  resolved: boolean(),
});
const checks = record({
  name: constantFrom('build', 'lint'),
  state: constantFrom('pending' as const, 'passed' as const, 'failed' as const),
  required: boolean(),
});
const anyFacts: Arbitrary<PullRequestFacts> = record({
  ...Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, constant(value)])),
  state: constantFrom('open' as const, 'open' as const, 'open' as const, 'closed' as const, 'merged' as const),
  draft: boolean(),
  mergeable: constantFrom('clean' as const, 'clean' as const, 'conflict' as const, 'unknown' as const),
  reviewDecision: constantFrom('approved' as const, 'changes_requested' as const, 'review_required' as const, 'none' as const),
  requiredApprovals: nat(2),
  approvals: nat(2),
  threads: array(threads, { maxLength: 3 }),
  threadsComplete: boolean(),
  checks: array(checks, { maxLength: 3 }),
  checksComplete: boolean(),
  headPushedAt: constantFrom(iso(-600_000), iso(-60_000)),
  repo: constantFrom('acme/web', 'acme/web', 'acme/web', 'evil/web'),
}) as Arbitrary<PullRequestFacts>;
const anyLook: Arbitrary<Look> = record({
  told: anyFacts,
  watch: constantFrom(
    watch,
    armed,
    { ...armed, heldBackSha: head },
    { ...watch, asked: { by: 'user:ada' as const, at: iso() } },
    { ...armed, wanted: { sha: head, text: 'Change it.' } },
    { ...armed, checkedSha: sha('b') },
    { ...armed, mergeAtSha: sha('b') },
  ),
  working: nat(1),
  onlyItsEnd: boolean(),
  autoMerge: boolean(),
  autoResolveFeedback: boolean(),
}).map(({ told, autoMerge, autoResolveFeedback, ...more }) => {
  const base = look(more, told);
  return { ...base, options: { ...base.options, autoMerge, autoResolveFeedback } };
});

describe('M6 the decision', () => {
  it('merges only what is good in every respect, at the head that the town has checked, and by the switch or a person', () => {
    assert(
      property(anyLook, (each) => {
        const judged = judge(each);
        if (judged.do !== 'merge') return;
        const { facts: told, watch: known, options } = each;
        expect(told).toMatchObject({
          state: 'open',
          draft: false,
          mergeable: 'clean',
          threadsComplete: true,
          checksComplete: true,
          repo: 'acme/web',
        });
        expect(told.threads.filter((thread) => !thread.resolved && thread.canWrite && classOf(thread) !== 'praise')).toEqual([]);
        expect(told.checks.filter(({ state }) => state !== 'passed')).toEqual([]);
        expect(told.approvals).toBeGreaterThanOrEqual(told.requiredApprovals);
        expect(['approved', 'none']).toContain(told.reviewDecision);
        expect([judged.sha, known.checkedSha]).toEqual([told.headSha, told.headSha]);
        expect(known.wanted?.sha).not.toBe(told.headSha);
        expect(each.working).toBe(0);
        expect(
          known.asked !== undefined || (options.autoMerge && known.mergeAtSha === told.headSha && known.heldBackSha !== told.headSha),
        ).toBe(true);
        expect(told.checks.length > 0 || Date.parse(told.headPushedAt) <= nowMs - 120_000).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
  it('makes work only of what people who may write have said and of checks that have failed', () => {
    assert(
      property(anyLook, (each) => {
        const judged = judge(each);
        if (judged.do !== 'repair') return;
        for (const one of judged.work) {
          if ('thread' in one) expect(one.thread).toMatchObject({ canWrite: true, resolved: false });
          if (one.about === 'checks') expect(each.facts.checks.some(({ state }) => state === 'failed')).toBe(true);
          if (one.about === 'conflict') expect(each.facts.mergeable).toBe('conflict');
        }
      }),
      { numRuns: 2000 },
    );
  });
  it('sees its end on the host whatever else is so', () => {
    assert(
      property(anyLook, (each) => {
        if (each.facts.repo !== each.repo || each.facts.state === 'open') return;
        expect(judge(each).do).toBe(each.facts.state === 'merged' ? 'complete' : 'give-up');
      }),
    );
  });
  it('is the same for the same facts: what is known already makes no second bead', () => {
    const thread: ReviewThread = {
      id: 'T1',
      kind: 'thread',
      author: 'grace',
      canWrite: true,
      text: 'No.',
      lastCommentId: 'c1',
      resolved: false,
    };
    const told = { threads: [thread] };
    expect(judge(look({}, told))).toMatchObject({ do: 'repair', work: [{ thread }] });
    const entries = [{ beadId: 'web-f1', about: 'thread' as const, threadId: 'T1', commentId: 'c1', state: 'answered' as const }];
    expect(judge(look({ watch: { ...watch, entries } }, told))).toEqual({ do: 'wait', why: '1 thread of grace must be resolved.' });
  });
  it('never follows one of another repository (L42)', () => {
    expect(judge(look({}, { repo: 'evil/web', state: 'merged' }))).toEqual({
      do: 'foreign',
      why: 'It belongs to evil/web, not to acme/web.',
    });
    expect(judge(look({}, { headBranch: 'people/other' }))).toMatchObject({ do: 'foreign' });
    expect(judge(look({}, { baseBranch: 'develop' }))).toMatchObject({ do: 'foreign' });
  });
  it('waits for the second minute of a commit without checks', () => {
    expect(judge(look({}, { headPushedAt: iso(-60_000) }))).toEqual({
      do: 'wait',
      why: 'No check has begun yet.',
      untilMs: nowMs + 60_000,
    });
    expect(judge(look({}, { headPushedAt: iso(-120_000) }))).toMatchObject({ do: 'ready' });
  });
  it('lets a person merge at once, and stop the timer of one commit', () => {
    expect(judge(look({ watch: { ...watch, asked: { by: 'user:ada', at: iso() } } }))).toMatchObject({
      do: 'merge',
      methods: ['squash', 'merge'],
    });
    expect(judge(look({ watch: { ...armed, heldBackSha: head } }))).toMatchObject({ do: 'ready' });
    expect(judge(look({ watch: { ...armed, heldBackSha: sha('b') } }))).toMatchObject({ do: 'merge' });
  });
});

describe('words on a pull request', () => {
  it.each([
    ['fix', 'This leaks memory.'],
    ['fix', 'Nice, but this leaks memory.'],
    ['question', 'Why not use a set here?'],
    ['nit', 'nit: two blanks'],
    ['architecture', 'I think this is the wrong layer for it.'],
    ['praise', 'LGTM'],
    ['praise', '👍'],
  ] as const)('are %s: %s', (expected, text) => {
    expect(classOf({ text, kind: 'thread' })).toBe(expected);
  });
  it('are never praise when they ask for changes', () => {
    expect(classOf({ text: 'LGTM', kind: 'review' })).toBe('fix');
  });
});

describe('strategy', () => {
  const owners = (more: Partial<MergeOwners> = {}): MergeOwners => ({ town: aTown(), rig: aRig(), userId: 'ada', ...more });
  const withHost = { ...aRig(), pullRequests: { host: 'github' as const, repo: 'acme/web', login: 'bot' } };
  const work1 = { targetBranch: 'main' };
  it('is a pull request where the host has them and the credential may open them, else direct', () => {
    expect(strategyFor(work1, owners())).toBe('direct');
    expect(strategyFor(work1, owners({ rig: withHost }))).toBe('pr');
  });
  it('is what was said when the work was slung, before rig and town', () => {
    const bead = anIssue('web-src1', {}, { settings: { 'merge.strategy': 'direct' } });
    expect(strategyFor(work1, owners({ rig: { ...withHost, config: { 'merge.strategy': 'pr' } }, bead }))).toBe('direct');
  });
  it('is direct for members of a convoy that lands as a whole: its landing is the pull request', () => {
    const targetBranch = 'convoy/quay/hq-c001/head';
    expect(strategyFor({ targetBranch }, owners({ rig: withHost }))).toBe('direct');
    expect(strategyFor({ targetBranch: 'main', kind: 'landing' }, owners({ rig: withHost }))).toBe('pr');
  });
  it('comments on pull requests and sends direct work to rework, if nobody says otherwise', () => {
    expect(reviewModeFor('pr', owners())).toBe('comments');
    expect(reviewModeFor('direct', owners({ town: aTown({}, { config: { 'merge.reviewMode': 'comments' } }) }))).toBe('rework');
  });
});

describe('an address of a pull request', () => {
  const rig = { gitUrl: 'https://git.example/acme/web.git', pullRequests: { host: 'github' as const, repo: 'acme/web', login: 'bot' } };
  it('must be one of the rig (L42)', () => {
    expect(pullRequestNamed('https://git.example/Acme/web/pull/7/files', rig)).toMatchObject({
      ok: true,
      ref: { number: 7, repo: 'acme/web' },
    });
    for (const wrong of [
      'https://git.example/evil/web/pull/7',
      'https://evil.example/acme/web/pull/7',
      'http://git.example/acme/web/pull/7',
      'seven',
    ])
      expect(pullRequestNamed(wrong, rig)).toMatchObject({ ok: false });
    expect(pullRequestNamed('https://git.example/acme/web/pull/7', { gitUrl: rig.gitUrl })).toMatchObject({ ok: false });
  });
});

describe('what a request remembers', () => {
  it('keeps all that is open, and the newest of the rest', () => {
    const entry = (number: number, state: 'open' | 'answered') => ({ beadId: `web-f${number}`, about: 'thread' as const, state });
    const many = Array.from({ length: 100 }, (_, number) => entry(number, number === 0 ? 'open' : 'answered'));
    const kept = withEntries(many, [entry(100, 'open'), entry(101, 'open')]);
    expect(kept).toHaveLength(100);
    expect(kept[0]?.beadId).toBe('web-f0');
    expect(kept.some(({ beadId }) => beadId === 'web-f1' || beadId === 'web-f2')).toBe(false);
  });
  it('forgets what was wanted of an earlier commit when the next one is approved', () => {
    const before = { ...watch, wanted: { sha: sha('b'), text: 'No.' } };
    expect(reviewedAs(before, { key: 'k', headSha: head, verdict: undefined })).toEqual({ ...watch, checkedSha: head });
  });
});

describe('M6 the rule', () => {
  const source = anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' });
  const request = aRequest('web-m001', {}, { stage: 'pr_open', pullRequest: watch });
  const merge = work('merge', 'web-m001');
  it('looks at a pull request when its time has come, and needs no runtime for it', () => {
    expect(said(planOf({ work: [merge], beads: [request, source] }))).toEqual(['M6 watch-pull-request web-m001']);
    expect(planOf({ work: [{ ...merge, dueAtMs: nowMs + 60_000 }], beads: [request, source] })).toEqual({
      actions: [],
      wakeAtMs: nowMs + 60_000,
    });
  });
  it('gives up one whose source went another way, and says nothing about work that is merged directly', () => {
    const other = anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m002' });
    expect(said(planOf({ work: [merge], beads: [request, other] }))).toEqual(['M1 supersede-merge web-m001']);
    const direct = aRequest('web-m001', {}, { stage: 'queued', notBefore: iso(60_000) });
    expect(said(planOf({ work: [merge], beads: [direct, source] }))).toEqual([]);
  });
  it('tries one request at a time on a host that is out of order, when its breaker lets it', () => {
    const second = aRequest('web-m002', {}, { stage: 'pr_open', pullRequest: watch, sourceBeadId: 'web-src2' });
    const beads = [request, source, second, anIssue('web-src2', { status: 'in_review' }, { latestMergeRequestId: 'web-m002' })];
    const data = JSON.stringify({ failures: 3, atMs: nowMs, error: '502' });
    const breaker = work('breaker', 'host:example.com', { data, dueAtMs: nowMs });
    const items = [merge, work('merge', 'web-m002')];
    expect(said(planOf({ work: [...items, breaker], beads }))).toEqual(['M6 watch-pull-request web-m001']);
    expect(said(planOf({ work: [...items, { ...breaker, dueAtMs: nowMs + 60_000 }], beads }))).toEqual([]);
    expect(said(planOf({ work: items, beads }))).toHaveLength(2);
  });
});
