// What a merge that has ended badly leaves on the bead that it was for.
import { describe, expect, it } from 'vitest';
import { aRequest, anIssue, iso, nowMs, rigId } from '../../../test/rules/build.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { isIssue, isMergeRequest } from '../bead-writes.ts';
import { givenUp, sentToRepair } from './repair.ts';
import type { Decided, MergeScene } from './repair.ts';

const source = anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' });
const request = aRequest('web-m001', { status: 'in_progress' }, { conflictRounds: 2 });
const sceneOf = (of: Bead): MergeScene => {
  if (!isMergeRequest(request) || !isIssue(of)) throw new Error('not a merge');
  return {
    request,
    source: of,
    rig: { rigId, prefix: 'web' },
    rounds: { maxReworkRounds: 3, maxConflictRounds: 2 },
    actor: 'workflow:merge',
    moment: { nowMs, stamp: 's' },
    at: iso(),
    freshIds: { repair: 'aaa1', escalation: 'aaa2', mail: 'aaa3' },
  };
};
const sourceAfter = ({ changes }: Decided): Bead | undefined => changes.find(({ after }) => after.beadId === source.beadId)?.after;

describe('a source that is held', () => {
  it('says why its request was given up', () => {
    const held = sourceAfter(givenUp(sceneOf(source), 'RunnerCommandFailed', 'pre-receive hook declined'));
    expect(held).toMatchObject({
      status: 'open',
      held: true,
      details: { lastError: 'web-m001 cannot be merged: pre-receive hook declined', latestMergeRequestId: 'web-m001' },
    });
  });
  it('says that the rounds of repair are used up, and on what', () => {
    const repair = { kind: 'conflict', message: 'a.txt is in conflict', brief: 'a.txt' } as const;
    expect(sourceAfter(sentToRepair(sceneOf(source), repair))).toMatchObject({
      held: true,
      details: { lastError: 'web-m001 still needs its conflicts resolved after 2 rounds: a.txt is in conflict' },
    });
  });
  it('keeps as much of a long reason as the bead may hold', () => {
    const held = sourceAfter(givenUp(sceneOf(source), 'RunnerCommandFailed', 'x'.repeat(5000)));
    expect(held?.details).toMatchObject({ lastError: expect.stringMatching(/^.{2000}$/) });
  });
  it('is not touched when it has moved on', () => {
    const moved = anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m002' });
    expect(sourceAfter(givenUp(sceneOf(moved), 'RunnerCommandFailed', 'no'))).toBeUndefined();
  });
});

describe('what follows from a merge that has ended badly', () => {
  const childrenOf = (decided: Decided, parentId: string) =>
    decided.changes
      .filter(({ before, after }) => before === undefined && after.parentId === parentId)
      .map(({ after }) => after.details.type);

  it('is a child of what it repairs, and what people are asked is one of the request', () => {
    const open = { ...sceneOf(source), rounds: { maxReworkRounds: 3, maxConflictRounds: 3 } };
    for (const kind of ['rework', 'conflict'] as const)
      expect(childrenOf(sentToRepair(open, { kind, message: 'no', brief: 'no' }), 'web-src1')).toEqual(['issue']);
    const exhausted = sentToRepair(sceneOf(source), { kind: 'conflict', message: 'no', brief: 'no' });
    expect(childrenOf(exhausted, 'web-m001')).toContain('escalation');
  });
});
