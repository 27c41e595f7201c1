import { expect, it } from 'vitest';
import type { Bead } from '../contracts/bead.schema.ts';
import type { MergeRequestDetails } from '../contracts/merge-request.schema.ts';
import { isIssue, isMergeRequest } from './bead-writes.ts';
import { diffRange } from './diff-range.ts';
import { newBead } from './new-bead.ts';

const sha = (digit: string): string => digit.repeat(40);
const at = '2026-11-21T10:00:00.000Z';
const about = { townId: 't-abcd1234', title: 'x', requestedBy: 'ada', createdBy: 'user:ada' as const, at };
const issue = (pushed: boolean): Bead =>
  newBead(
    {
      ...about,
      beadId: 'web-aaa1',
      details: {
        type: 'issue',
        issueType: 'task',
        kind: 'work',
        commits: [],
        ...(pushed ? { pushed: { sha: sha('b'), baseSha: sha('a'), aheadBy: 1, epoch: 1, at } } : {}),
      },
    },
    { rigId: 'r-abcd1234' },
  );
const request = (more: Partial<MergeRequestDetails>): Bead =>
  newBead(
    {
      ...about,
      beadId: 'web-aaa2',
      details: {
        type: 'merge_request',
        stage: 'queued',
        sourceBeadId: 'web-aaa1',
        branch: 'gt/toast/web-aaa1',
        targetBranch: 'main',
        headSha: sha('c'),
        attempt: 1,
        gates: [],
        reworkRounds: 0,
        conflictRounds: 0,
        commits: [],
        ...more,
      },
    },
    { rigId: 'r-abcd1234' },
  );
const range = (...beads: Bead[]) => diffRange(beads.find(isIssue), beads.find(isMergeRequest));

it('has nothing to show before a push', () => {
  expect(range(issue(false))).toBeUndefined();
});
it('shows what was pushed, up to the newest head of the request', () => {
  expect(range(issue(true))).toMatchObject({ baseSha: sha('a'), headSha: sha('b') });
  expect(range(issue(true), request({}))).toMatchObject({ baseSha: sha('a'), headSha: sha('c') });
});
it('shows what landed, on the target head that it was merged onto', () => {
  const landed = request({
    landedSha: sha('e'),
    prepared: { targetSha: sha('1'), tip: sha('2'), headSha: sha('c') },
    gatedOn: { targetSha: sha('d'), tip: sha('e'), headSha: sha('c') },
  });
  expect(range(issue(true), landed)).toMatchObject({ baseSha: sha('d'), headSha: sha('e') });
  expect(range(issue(true), request({ landedSha: sha('e'), landedOnto: sha('f') }))).toMatchObject({
    baseSha: sha('f'),
    headSha: sha('e'),
  });
});
