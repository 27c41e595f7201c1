import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { fakePorts } from '../../../test/fakes/ports.ts';
import { createCognitoPeople } from './people.ts';

const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const userId = '8f14e45f-ceea-467f-a8f1-0d2b7d9a3c11';
let keys: ReturnType<typeof createLocalJWKSet>;
let privateKey: CryptoKey;
beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  privateKey = pair.privateKey;
  keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }] });
});

const make = (
  userInfo: () => Response = () => Response.json({ sub: userId, name: 'Ada Lovelace', email: 'ada@example.com', email_verified: 'true' }),
) => {
  const ports = fakePorts();
  const asked: string[] = [];
  const options = {
    issuer,
    clientIds: ['client-1'],
    userInfoUrl: 'https://sign-in.example.com/oauth2/userInfo',
    noReplyDomain: 'users.noreply.example.com',
    files: ports.files,
    clock: ports.clock,
    log: ports.log,
    keys,
    fetch: async (_url: unknown, init?: RequestInit) => {
      asked.push(new Headers(init?.headers).get('authorization') ?? '');
      return userInfo();
    },
  };
  const token = (claims: Record<string, unknown> = {}, iss = issuer): Promise<string> => {
    const nowSeconds = Math.floor(ports.clock.nowMs() / 1000);
    return new SignJWT({
      token_use: 'access',
      client_id: 'client-1',
      sub: userId,
      username: userId,
      iat: nowSeconds,
      exp: nowSeconds + 3600,
      iss,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(privateKey);
  };
  return { asked, ports, token, people: createCognitoPeople(options), anotherProcess: () => createCognitoPeople(options) };
};

describe('people of Cognito (token and UserInfo shapes from its documentation; never run on AWS)', () => {
  it('knows the person of an access token and asks UserInfo once', async () => {
    const { asked, people, token } = make();
    const given = await token();
    expect(await people.verify(given)).toEqual({ userId, name: 'Ada Lovelace', email: 'ada@example.com' });
    await people.verify(given);
    expect(asked).toEqual([`Bearer ${given}`]);
  });
  it('tells another process who a user is, for the commits made on their behalf', async () => {
    const { people, anotherProcess, token } = make();
    await people.verify(await token());
    expect(await anotherProcess().identity(userId)).toEqual({ name: 'Ada Lovelace', email: 'ada@example.com' });
  });
  it('makes up a no-reply address for someone unknown, and for an address that is not verified', async () => {
    const { people, token } = make(() => Response.json({ sub: userId, email: 'ada@example.com', email_verified: 'false' }));
    expect(await people.identity('stranger')).toEqual({ name: 'stranger', email: 'stranger@users.noreply.example.com' });
    expect(await people.verify(await token())).toEqual({ userId, name: userId, email: `${userId}@users.noreply.example.com` });
  });
  it('lets people work while UserInfo is down, as who they were before', async () => {
    let down = false;
    const { anotherProcess, people, token, ports } = make(() =>
      down
        ? new Response('', { status: 503 })
        : Response.json({ sub: userId, name: 'Ada', email: 'ada@example.com', email_verified: true }),
    );
    await people.verify(await token());
    down = true;
    expect(await anotherProcess().verify(await token())).toEqual({ userId, name: 'Ada', email: 'ada@example.com' });
    expect(ports.logged.map((line) => line.event)).toContain('user_info_failed');
  });
  it.each([
    ['an id token', { token_use: 'id' }],
    ['a token of another app', { client_id: 'client-2' }],
    ['a token that has ended', { exp: 1 }],
  ])('refuses %s', async (_name, claims) => {
    const { people, token } = make();
    expect(await people.verify(await token(claims))).toBeUndefined();
  });
  it('refuses another pool and nonsense, and never signs in by a one-time link', async () => {
    const { people, token } = make();
    expect(await people.verify(await token({}, 'https://cognito-idp.eu-central-1.amazonaws.com/other'))).toBeUndefined();
    expect(await people.verify('nonsense')).toBeUndefined();
    expect(await people.signIn('code-code')).toBeUndefined();
  });
});
