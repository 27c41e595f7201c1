import { describe, expect, it } from 'vitest';
import { asOneSentence } from './explain.ts';

describe('what is said of a merge request', () => {
  it('reads as one sentence', () => {
    const said = [
      'Is being merged with main for a test.',
      'Reviewed and good; waits in the merge train for main.',
      'Merged into main as 01234567.',
      'Its pull request into main is open.',
    ].map((sentence) => asOneSentence(`Its merge request shop-mr12: ${sentence}`));
    expect(said).toEqual([
      'Its merge request shop-mr12 is being merged with main for a test.',
      'Its merge request shop-mr12 is reviewed and good, and waits in the merge train for main.',
      'Its merge request shop-mr12 was merged into main as 01234567.',
      'Its merge request shop-mr12 is not merged yet. Its pull request into main is open.',
    ]);
  });
  it('stays as it is where it is one already', () => {
    for (const sentence of ['It is held.', 'Its merge request shop-mr12 is being reviewed.'])
      expect(asOneSentence(sentence)).toBe(sentence);
  });
});
