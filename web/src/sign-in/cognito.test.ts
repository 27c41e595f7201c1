import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnexpectedAnswer, Unreachable } from '../api/errors.ts';
import { SignInRefused, authorizeAddress, exchangeCode, logoutAddress, renewSession, userIdOf } from './cognito.ts';

const client = { kind: 'cognito', url: 'https://sign-in.example.com', clientId: 'client-1', scope: 'openid email profile' } as const;
const origin = 'https://town.example.com';
const nowMs = Date.UTC(2026, 10, 21, 10);
const tokenOf = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
const ada = tokenOf({ sub: '8f14e45f-ceea-467f-a8f1-0d2b7d9a3c11', name: 'Ada Lovelace ÿÿ>>??' });

const answering = (answer: () => Response | Promise<Response>): URLSearchParams[] => {
  const forms: URLSearchParams[] = [];
  vi.stubGlobal('fetch', (url: URL, init: { body: URLSearchParams }) => {
    expect(url.href).toBe('https://sign-in.example.com/oauth2/token');
    forms.push(init.body);
    return Promise.resolve().then(answer);
  });
  return forms;
};
afterEach(() => {
  vi.unstubAllGlobals();
});
const exchange = () => exchangeCode(client, origin, { code: 'abc', verifier: 'v-1' }, nowMs);

describe('the addresses of the hosted pages', () => {
  it('ask for a code with state and S256 challenge, to come back to this site', () => {
    const url = new URL(authorizeAddress(client, origin, { state: 's-1', challenge: 'c-1' }));
    expect(`${url.origin}${url.pathname}`).toBe('https://sign-in.example.com/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://town.example.com/signed-in',
      scope: 'openid email profile',
      state: 's-1',
      code_challenge: 'c-1',
      code_challenge_method: 'S256',
    });
  });
  it('sign out and come back', () => {
    expect(logoutAddress(client, origin)).toBe(
      'https://sign-in.example.com/logout?client_id=client-1&logout_uri=https%3A%2F%2Ftown.example.com%2F',
    );
  });
});

describe('the exchange of a code', () => {
  it('proves itself with the verifier and makes a session that is renewed five minutes before its end', async () => {
    const forms = answering(() => Response.json({ access_token: ada, refresh_token: 'r-1', expires_in: 3600 }));
    expect(await exchange()).toEqual({
      token: ada,
      userId: '8f14e45f-ceea-467f-a8f1-0d2b7d9a3c11',
      expiresAtMs: nowMs + 3_600_000,
      cognito: { url: client.url, clientId: 'client-1', refreshToken: 'r-1', renewAtMs: nowMs + 3_300_000 },
    });
    expect(forms.map((form) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'abc',
        code_verifier: 'v-1',
        redirect_uri: 'https://town.example.com/signed-in',
        client_id: 'client-1',
      },
    ]);
  });
  it('renews the shortest tokens at half of their life, not without end', async () => {
    answering(() => Response.json({ access_token: ada, refresh_token: 'r-1', expires_in: 300 }));
    expect((await exchange()).cognito.renewAtMs).toBe(nowMs + 150_000);
  });
  it('tells a refusal from a service that is away and from an answer that is not understood', async () => {
    answering(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await expect(exchange()).rejects.toThrow(SignInRefused);
    answering(() => new Response('', { status: 503 }));
    await expect(exchange()).rejects.toThrow(Unreachable);
    answering(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(exchange()).rejects.toThrow(Unreachable);
    answering(() => Response.json({ access_token: ada, expires_in: 3600 }));
    await expect(exchange()).rejects.toThrow(UnexpectedAnswer);
  });
  it('does not accept a token that names nobody', () => {
    for (const text of ['', 'opaque', 'a.%%.c', tokenOf({}), tokenOf('text')]) expect(() => userIdOf(text)).toThrow(UnexpectedAnswer);
  });
});

describe('a renewal', () => {
  const old = {
    token: ada,
    userId: 'ada',
    expiresAtMs: nowMs,
    cognito: { url: client.url, clientId: 'client-1', refreshToken: 'r-1', renewAtMs: nowMs },
  };
  it('keeps the refresh token unless there is a new one', async () => {
    const forms = answering(() => Response.json({ access_token: ada, expires_in: 3600 }));
    expect((await renewSession(old, nowMs)).cognito.refreshToken).toBe('r-1');
    expect(Object.fromEntries(forms[0] ?? [])).toEqual({ grant_type: 'refresh_token', refresh_token: 'r-1', client_id: 'client-1' });
    answering(() => Response.json({ access_token: ada, refresh_token: 'r-2', expires_in: 3600 }));
    expect((await renewSession(old, nowMs)).cognito.refreshToken).toBe('r-2');
  });
});
