import { describe, expect, it } from 'vitest';
import type { Commit } from '../contracts/commit.schema.ts';
import { mergedCommits } from './push-check.ts';

const commit = (number: number, message = `Change ${number}`): Commit => ({
  sha: number.toString(16).padStart(40, '0'),
  message,
  authorName: 'Ada',
  authorEmail: 'ada@example.com',
  committerName: 'Toast',
  at: '2026-11-21T10:00:00.000Z',
});
const shas = (commits: readonly Commit[]): number[] => commits.map(({ sha }) => Number.parseInt(sha, 16));

describe('the commits that are kept on a bead', () => {
  it('are named once, newest last', () => {
    expect(shas(mergedCommits([commit(1), commit(2)], [commit(2), commit(3)]))).toEqual([1, 2, 3]);
  });
  it('are the newest fifty, and never too large together to be stored', () => {
    const many = Array.from({ length: 60 }, (_, index) => commit(index));
    expect(shas(mergedCommits(many, []))).toEqual(Array.from({ length: 50 }, (_, index) => index + 10));
    const large = many.map((_, index) => commit(index, '語'.repeat(5000)));
    const kept = mergedCommits(large.slice(0, 30), large.slice(30));
    expect(shas(kept)).toEqual([54, 55, 56, 57, 58, 59]);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(110 * 1024);
  });
});
