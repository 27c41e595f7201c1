import { describe, expect, it } from 'vitest';
import { challengeOf, randomText } from './pkce.ts';

describe('the proof of a sign-in', () => {
  it('has the challenge of the example in RFC 7636, appendix B', async () => {
    expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });
  it('is made of texts that fit an address and are never the same', () => {
    const texts = Array.from({ length: 50 }, randomText);
    expect(texts.every((text) => /^[A-Za-z0-9_-]{43}$/.test(text))).toBe(true);
    expect(new Set(texts).size).toBe(50);
  });
});
