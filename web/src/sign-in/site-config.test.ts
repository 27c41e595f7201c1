import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnexpectedAnswer, Unreachable } from '../api/errors.ts';
import { readSignIn } from './site-config.ts';

const answering = (answer: () => Response): void => {
  vi.stubGlobal('fetch', () => Promise.resolve().then(answer));
};
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the way to sign in', () => {
  it('is what the deployment says', async () => {
    const signIn = { kind: 'cognito', url: 'https://sign-in.example.com', clientId: 'client-1', scope: 'openid' };
    answering(() => Response.json({ signIn }));
    expect(await readSignIn()).toEqual(signIn);
  });
  it('is by a local link when there is no configuration', async () => {
    answering(() => new Response('not found', { status: 404 }));
    expect(await readSignIn()).toEqual({ kind: 'local' });
  });
  it('is not guessed when the site is away or says something else', async () => {
    answering(() => new Response('', { status: 502 }));
    await expect(readSignIn()).rejects.toThrow(Unreachable);
    answering(() => {
      throw new TypeError('Failed to fetch');
    });
    await expect(readSignIn()).rejects.toThrow(Unreachable);
    answering(() => new Response('<!doctype html>'));
    await expect(readSignIn()).rejects.toThrow(UnexpectedAnswer);
    answering(() => Response.json({ signIn: { kind: 'cognito', url: 'javascript:alert(1)' } }));
    await expect(readSignIn()).rejects.toThrow(UnexpectedAnswer);
  });
});
