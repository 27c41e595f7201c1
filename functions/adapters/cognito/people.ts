// People who sign in with Cognito. Access tokens are checked by the pool's published keys; name and e-mail come from its UserInfo endpoint.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { userIdSchema } from '../../contracts/primitives.schema.ts';
import type { Clock, Files, Log, People } from '../../ports.ts';

export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}

export interface CognitoPeopleOptions {
  /** `https://cognito-idp.<region>.amazonaws.com/<pool id>` */
  readonly issuer: string;
  /** App clients whose tokens are ours; absent for every client of the pool, when the pool is this deployment's own. */
  readonly clientIds?: readonly string[];
  /** `https://<domain>/oauth2/userInfo` */
  readonly userInfoUrl: string;
  /** Domain of the made-up addresses of people without a known e-mail. */
  readonly noReplyDomain: string;
  /** Remembers who a user id is, for commits that are made after the token has ended. */
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: the pool's JWKS, fetched and cached by jose. */
  readonly keys?: JWTVerifyGetKey;
  readonly fetch?: typeof globalThis.fetch;
}

const accessClaims = z.object({
  sub: userIdSchema,
  token_use: z.literal('access'),
  client_id: z.string(),
  username: z.string().optional(),
});
/** Cognito sends `email_verified` as text. An address that is not verified could be another person's. */
const userInfoSchema = z.object({
  sub: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
});
const personSchema = z.object({ userId: userIdSchema, name: z.string(), email: z.string() });

/** How long what UserInfo said is believed, in ms. */
const rememberMs = 15 * 60 * 1000;
const userInfoTimeoutMs = 3000;
const pathOf = (userId: string): string => `people/${encodeURIComponent(userId)}.json`;
const oneLine = (text: string | undefined): string | undefined => {
  const line = text?.replace(/[\s<>]+/g, ' ').trim();
  return line === undefined || line === '' ? undefined : line.slice(0, 200);
};

export const createCognitoPeople = (options: CognitoPeopleOptions): People => {
  const keys = options.keys ?? createRemoteJWKSet(new URL(`${options.issuer}/.well-known/jwks.json`));
  const known = new Map<string, { readonly person: Person; readonly untilMs: number }>();
  const nobodyYet = (userId: string): Person => ({ userId, name: userId, email: `${userId}@${options.noReplyDomain}` });

  const readStored = async (userId: string): Promise<Person | undefined> => {
    const bytes = await options.files.get(pathOf(userId));
    if (bytes === undefined) return undefined;
    const parsed = personSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  };
  /** What UserInfo says; undefined when it cannot be asked now: then the person is who was stored before. */
  const askUserInfo = async (userId: string, token: string): Promise<Person | undefined> => {
    try {
      const response = await (options.fetch ?? fetch)(options.userInfoUrl, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(userInfoTimeoutMs),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const info = userInfoSchema.parse(await response.json());
      if (info.sub !== userId) throw new Error('another subject');
      const email = String(info.email_verified) === 'true' ? oneLine(info.email) : undefined;
      return {
        ...nobodyYet(userId),
        ...(email === undefined ? {} : { name: email.split('@')[0] ?? email, email }),
        ...(oneLine(info.name) === undefined ? {} : { name: oneLine(info.name) ?? userId }),
      };
    } catch (error) {
      options.log.warn('user_info_failed', { userId, error: error instanceof Error ? error.message : 'unknown' });
      return undefined;
    }
  };
  const personOf = async (userId: string, token: string): Promise<Person> => {
    const remembered = known.get(userId);
    if (remembered !== undefined && remembered.untilMs > options.clock.nowMs()) return remembered.person;
    const [asked, stored] = await Promise.all([askUserInfo(userId, token), readStored(userId)]);
    const person = asked ?? stored ?? nobodyYet(userId);
    if (asked !== undefined) {
      if (JSON.stringify(asked) !== JSON.stringify(stored)) await options.files.put(pathOf(userId), Buffer.from(JSON.stringify(asked)));
      known.set(userId, { person, untilMs: options.clock.nowMs() + rememberMs });
    }
    return person;
  };
  return {
    verify: async (token) => {
      let claims: z.infer<typeof accessClaims>;
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: options.issuer,
          algorithms: ['RS256'],
          currentDate: new Date(options.clock.nowMs()),
          requiredClaims: ['exp'],
        });
        claims = accessClaims.parse(payload);
      } catch (error) {
        // Most often a token that has ended. A key server that cannot be reached looks the same to the caller, so it is logged.
        options.log.info('access_token_refused', { error: error instanceof Error ? error.name : 'unknown' });
        return undefined;
      }
      if (options.clientIds !== undefined && !options.clientIds.includes(claims.client_id)) return undefined;
      return personOf(claims.sub, token);
    },
    signIn: async () => undefined,
    identity: async (userId) => {
      const { name, email } = known.get(userId)?.person ?? (await readStored(userId)) ?? nobodyYet(userId);
      return { name, email };
    },
  };
};
