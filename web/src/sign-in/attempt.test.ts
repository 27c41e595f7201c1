import { describe, expect, it } from 'vitest';
import { returned, safeNext } from './attempt.ts';

const attempt = { state: 'state-of-this-tab', verifier: 'v'.repeat(43), next: '/towns/t-4f9k2m1q' };
const back = (query: string, known: typeof attempt | undefined = attempt) => returned(new URLSearchParams(query), known);

describe('who comes back from the hosted pages', () => {
  it('brings a code for the attempt of this tab', () => {
    expect(back('code=abc&state=state-of-this-tab')).toEqual({ kind: 'code', code: 'abc', attempt });
  });
  it.each([
    ['with the state of someone else', 'code=abc&state=another'],
    ['without a state', 'code=abc'],
    ['with an empty state', 'code=abc&state='],
    ['with nothing', ''],
  ])('is a stranger %s', (_name, query) => {
    expect(back(query)).toEqual({ kind: 'stranger' });
  });
  it('is a stranger when this tab asked for nothing', () => {
    expect(returned(new URLSearchParams('code=abc&state=state-of-this-tab'), undefined)).toEqual({ kind: 'stranger' });
  });
  it('was refused when there is no code', () => {
    expect(back('error=access_denied&state=state-of-this-tab')).toEqual({ kind: 'refused', reason: 'access_denied' });
    expect(back('code=&state=state-of-this-tab')).toEqual({ kind: 'refused', reason: 'no code' });
  });
});
describe('where a sign-in leads', () => {
  it('is a page of this site and nothing else', () => {
    expect(safeNext('/towns/t-4f9k2m1q/board?bead=shop-3kf9')).toBe('/towns/t-4f9k2m1q/board?bead=shop-3kf9');
    for (const other of [undefined, '', 'https://example.com', '//example.com', '/\\example.com', 'javascript:alert(1)'])
      expect(safeNext(other)).toBe('/');
  });
});
