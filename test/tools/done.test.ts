// gt_done believes only what the runner saw on the host, and moves bead, request, agent and slot in one act.
import { describe, expect, it } from 'vitest';
import { callTool } from '../../functions/tools/tool-set.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { agentIn, anAgent, anIssue, aLease, aRequest, at, beadIn, identity, issueIn, rigId, sha, townId, townWith } from './town.ts';

const branch = 'gt/toast/lib-work';
const pushed = { sha: sha('b'), baseSha: sha('a'), aheadBy: 1, epoch: 4, at };
const slot = { put: 'slot', item: { townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: at }, when: 'none' } as const;
const call = (ports: Awaited<ReturnType<typeof townWith>>, args: object, who = identity()) =>
  callTool(ports, who, 'gt_done', { branch, summary: 'Added sum.', ...args });

describe('gt_done', () => {
  it('is refused when nothing is pushed, and says how to push', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const answer = await call(ports, {});
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('Nothing is pushed');
    expect(answer.text).toContain(`git push origin HEAD:${branch}`);
    expect((await beadIn(ports, 'lib-work')).status).toBe('in_progress');
  });
  it('is refused for another branch, another commit, and a branch with nothing ahead', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue({ pushed })] });
    expect((await call(ports, { branch: 'main' })).text).toContain('Wrong branch');
    expect((await call(ports, { commit: sha('c') })).text).toContain(`is at ${sha('b')}`);
    const empty = await townWith({ agents: [anAgent()], beads: [anIssue({ pushed: { ...pushed, aheadBy: 0 } })] });
    expect((await call(empty, {})).text).toContain('Nothing is ahead of the base');
  });
  it('puts the work in review with a merge request and frees agent and slot', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue({ pushed, convoyId: 'hq-convoy' })], more: [slot] });
    const answer = await call(ports, { commit: sha('b') });
    expect(answer.isError).toBe(false);
    const bead = await beadIn(ports, 'lib-work');
    expect(bead.status).toBe('in_review');
    const requestId = (await issueIn(ports, 'lib-work')).latestMergeRequestId ?? '';
    const request = await beadIn(ports, requestId);
    expect(request).toMatchObject({
      type: 'merge_request',
      status: 'open',
      rigId,
      requestedBy: 'ada',
      details: { stage: 'new', attempt: 1, headSha: sha('b'), sourceBeadId: 'lib-work', targetBranch: 'main', convoyId: 'hq-convoy' },
    });
    expect(await agentIn(ports, 'toast')).toMatchObject({ state: 'idle', epoch: 4 });
    expect((await agentIn(ports, 'toast')).hookBeadId).toBeUndefined();
    expect(await ports.store.slotsOf(townId)).toEqual([]);
    const work = (await ports.store.workOf(townId)).map((item) => `${item.kind} ${item.workId}`);
    // The issue in review leads to its request.
    expect(work).toEqual(['flight lib-work']);
  });
  it('is refused to an agent whose runtime has been replaced, whatever its own epoch', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue({ pushed })], lease: aLease({ runtimeEpoch: 4 }) });
    const answer = await call(ports, {});
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('has been replaced');
    expect((await beadIn(ports, 'lib-work')).status).toBe('in_progress');
  });
  it('said again after success is a success that changes nothing', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue({ pushed })] });
    await call(ports, {});
    const before = await beadIn(ports, 'lib-work');
    expect((await call(ports, {})).isError).toBe(false);
    expect(await beadIn(ports, 'lib-work')).toEqual(before);
  });
  it('closes rework and moves its request to the pushed commit, but not without a new commit', async () => {
    const rework = anIssue({ kind: 'rework', mergeRequestId: 'lib-mr1', pushed }, { beadId: 'lib-work' });
    const request = aRequest({ stage: 'blocked', headSha: sha('a') });
    const ports = await townWith({ agents: [anAgent()], beads: [rework, request] });
    expect((await call(ports, {})).isError).toBe(false);
    expect((await beadIn(ports, 'lib-work')).status).toBe('closed');
    expect((await beadIn(ports, 'lib-mr1')).details).toMatchObject({ headSha: sha('b'), stage: 'blocked' });
    const same = await townWith({ agents: [anAgent()], beads: [rework, aRequest({ stage: 'blocked', headSha: sha('b') })] });
    expect((await call(same, {})).text).toContain('Nothing new is pushed');
  });
  it('closes work without code, which needs no push', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue({ kind: 'no-code' })] });
    expect((await call(ports, {})).isError).toBe(false);
    expect((await beadIn(ports, 'lib-work')).status).toBe('closed');
  });
  it('tells an agent of an older epoch that it has been replaced', async () => {
    const ports = await townWith({ agents: [anAgent({ epoch: 5 })], beads: [anIssue({ pushed })] });
    const answer = await call(ports, {});
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('You have been replaced');
    expect((await beadIn(ports, 'lib-work')).status).toBe('in_progress');
  });
});

describe('the push check', () => {
  const before = { phase: 'before', agentId: 'toast', epoch: 4, rigId, branch, sha: sha('b') } as const;
  const after = { ...before, phase: 'after' as const, baseSha: sha('a'), aheadBy: 1, commits: [] };
  it('allows exactly the assigned branch of the current epoch', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const ask = (more: object) => pushCheck(ports, aLease(), { ...before, ...more });
    expect(await ask({})).toMatchObject({ allowed: true });
    for (const wrong of [
      { branch: 'main' },
      { branch: 'gt/toast/lib-other' },
      { epoch: 3 },
      { epoch: 5 },
      { rigId: 'r-other' },
      { agentId: 'maple' },
    ]) {
      expect(await ask(wrong)).toMatchObject({ allowed: false });
    }
  });
  it('records what the host has, once, with base and commits', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const commit = {
      sha: sha('b'),
      message: 'Add sum',
      authorName: 'Ada',
      authorEmail: 'ada@example.com',
      committerName: 'Toast (gastown)',
      at,
    };
    expect(await pushCheck(ports, aLease(), { ...after, commits: [commit] })).toMatchObject({ allowed: true });
    await pushCheck(ports, aLease(), { ...after, commits: [commit] });
    expect(await issueIn(ports, 'lib-work')).toMatchObject({
      pushed: { sha: sha('b'), aheadBy: 1, epoch: 4 },
      baseSha: sha('a'),
      commits: [commit],
    });
    expect((await beadIn(ports, 'lib-work')).version).toBe(2);
  });
  it('records nothing for a replaced agent', async () => {
    const ports = await townWith({ agents: [anAgent({ epoch: 9 })], beads: [anIssue()] });
    expect(await pushCheck(ports, aLease(), after)).toMatchObject({ allowed: false });
    expect((await issueIn(ports, 'lib-work')).pushed).toBeUndefined();
  });
});
