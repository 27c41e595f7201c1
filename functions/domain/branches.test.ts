import { describe, expect, it } from 'vitest';
import { aConvoy, aRequest, anIssue, sha } from '../../test/rules/build.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { beadOfBranch, reasonToKeep } from './branches.ts';

const merged = anIssue('web-a001', { status: 'closed' }, { latestMergeRequestId: 'web-m001' });
const request = aRequest('web-m001', { status: 'closed' }, { headSha: sha('a') });
const keep = (bead: Bead | undefined, more: { request?: Bead; sha?: string; unmerged?: number } = {}): string | undefined =>
  reasonToKeep({ name: 'gt/toast/web-a001', sha: more.sha ?? sha('a'), unmerged: more.unmerged ?? 2 }, { bead, request: more.request });

describe('H4, what may go', () => {
  it('H4 lets the branch of a merged bead go at the commit that was merged, also after a squash (L30)', () => {
    expect(keep(merged, { request })).toBeUndefined();
  });
  it('H4 keeps commits that came after the merge (L100)', () => {
    expect(keep(merged, { request, sha: sha('b') })).toBe('somebody pushed to it after the merge');
  });
  it('H4 keeps commits of a bead that was never merged, and lets an empty branch of a dead bead go (L100)', () => {
    const failed = anIssue('web-a001', { status: 'failed' });
    expect(keep(failed)).toBe('2 commits of it were never merged');
    expect(keep(failed, { unmerged: 0 })).toBeUndefined();
  });
  it.each(['open', 'in_progress', 'in_review'] as const)('H4 keeps the branch of a bead that is %s', (status) => {
    expect(keep({ ...merged, status }, { request, unmerged: 0 })).toBe(`web-a001 is ${status}`);
  });
  it('H4 never removes a branch with an open merge request', () => {
    expect(keep(merged, { request: { ...request, status: 'open' }, unmerged: 0 })).toBe('web-m001 is open');
  });
  it('H4 keeps what a retry goes on with, and what names no bead of the town', () => {
    expect(keep({ ...merged, status: 'failed', supersededBy: 'web-a002' }, { unmerged: 0 })).toBe('web-a002 goes on with it');
    expect(keep(undefined, { unmerged: 0 })).toBe('it names no bead of this town');
  });
  it('H4 keeps the branch of a convoy until everything on it has landed', () => {
    const convoy = { ...aConvoy('hq-c001', []), status: 'closed' as const };
    expect(keep(convoy)).toBe('2 commits of it have not landed');
    expect(keep(convoy, { unmerged: 0 })).toBeUndefined();
  });
  it.each([
    ['gt/toast/web-a001', 'web-a001'],
    ['gt/polecat-21/web-a001.2', 'web-a001.2'],
    ['convoy/add-pages/hq-c001/head', 'hq-c001'],
    ['convoy/add-pages/hq-c001/toast-web-a001', 'web-a001'],
    ['convoy/add-pages/hq-c001/polecat-21-web-a001', 'web-a001'],
    ['gt/notes', undefined],
  ])('H4 reads the bead of %s', (name, beadId) => {
    expect(beadOfBranch(name)).toBe(beadId);
  });
});
