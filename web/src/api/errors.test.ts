import { describe, expect, it } from 'vitest';
import { ApiError, fieldErrorsOf, fieldRefusalOf, sentenceOf } from './errors.ts';

const refused = (status: number, detail: string, ...errors: { path: string; message: string }[]): ApiError =>
  new ApiError({ type: 'about:blank', title: 'Refused', status, detail, errors });

describe('an error of the control plane', () => {
  it('reads as a sentence, also at its field', () => {
    const error = refused(400, 'the request is not valid', { path: 'body.prefix', message: '2 to 6 lower-case letters' });
    expect(sentenceOf(error)).toBe('The request is not valid.');
    expect([...fieldRefusalOf(error)]).toEqual([['prefix', '2 to 6 lower-case letters.']]);
  });
  it('that begins with a host name or a path leaves it as it is', () => {
    expect(sentenceOf(refused(422, 'no-such-host.invalid cannot be reached. Check the address'))).toBe(
      'no-such-host.invalid cannot be reached. Check the address.',
    );
    expect(sentenceOf(refused(422, 'localhost:9999 refused the connection'))).toBe('localhost:9999 refused the connection.');
    expect(sentenceOf(refused(422, 'ada/shop.git is not a repository'))).toBe('ada/shop.git is not a repository.');
    expect(sentenceOf(refused(422, 'done.'))).toBe('Done.');
  });
  it('about one field says there what to do', () => {
    const sentence = 'The repository has no branch trunk; it has main. Give one that it has, or leave the branch out.';
    const error = refused(422, sentence, { path: 'body.defaultBranch', message: 'no such branch' });
    expect([...fieldErrorsOf(error)]).toEqual([['defaultBranch', 'No such branch.']]);
    expect([...fieldRefusalOf(error)]).toEqual([['defaultBranch', sentence]]);
  });
  it('about several fields says at each what is wrong', () => {
    const error = refused(
      422,
      'Two things are wrong.',
      { path: 'body.gitUrl', message: 'not there' },
      { path: 'body.name', message: 'taken' },
    );
    expect([...fieldRefusalOf(error)]).toEqual([
      ['gitUrl', 'Not there.'],
      ['name', 'Taken.'],
    ]);
  });
});
