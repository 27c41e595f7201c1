// Tokens and people of a local town: an ES256 key file, and one person who signs in by the link printed at start.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SignJWT, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { z } from 'zod';
import type { Clock, People, TokenSigner } from '../../../functions/ports.ts';
import { writeWhole } from './files.ts';

const keySchema = z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string(), d: z.string() });
const issuer = 'gastown-local';

const readKey = async (path: string): Promise<JWK> => {
  try {
    return keySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    await writeWhole(path, JSON.stringify(jwk));
    return jwk;
  }
};
const asKey = async (jwk: JWK): Promise<CryptoKey> => {
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new Error('the signing key is not an EC key');
  return key;
};

/** The key is made at the first start and kept, so that tokens live over restarts. */
export const createLocalTokens = async (keyPath: string, clock: Clock): Promise<TokenSigner> => {
  const jwk = await readKey(keyPath);
  const { d: _private, ...publicPart } = jwk;
  const [privateKey, publicKey] = await Promise.all([asKey(jwk), asKey(publicPart)]);
  return {
    sign: (claims, lifeMs) => {
      const nowSeconds = Math.floor(clock.nowMs() / 1000);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(issuer)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + Math.ceil(lifeMs / 1000))
        .setJti(randomBytes(9).toString('base64url'))
        .sign(privateKey);
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, algorithms: ['ES256'], currentDate: new Date(clock.nowMs()) });
        return payload;
      } catch {
        // A token that does not verify is an answer here, not a failure.
        return undefined;
      }
    },
  };
};

const userClaims = z.object({ kind: z.literal('user'), userId: z.string() });
const linkLifeMs = 60 * 60 * 1000;
const userTokenLifeMs = 30 * 24 * 60 * 60 * 1000;

export interface LocalPeople extends People {
  /** A fresh code for one sign-in within the hour. */
  newLink(): string;
  /** A token for scripts and the command line on this machine. */
  tokenForScripts(): Promise<string>;
}

/** The one person of this machine. Codes live in memory: a restart prints a new link, tokens given out stay good. */
export const createLocalPeople = (options: {
  readonly tokens: TokenSigner;
  readonly clock: Clock;
  readonly person: { readonly name: string; readonly email: string };
}): LocalPeople => {
  const userId = 'local';
  const codes = new Map<string, number>();
  const token = (): Promise<string> => options.tokens.sign({ kind: 'user', userId }, userTokenLifeMs);
  return {
    newLink: () => {
      const code = randomBytes(18).toString('base64url');
      codes.set(code, options.clock.nowMs() + linkLifeMs);
      return code;
    },
    tokenForScripts: token,
    verify: async (given) => {
      const claims = userClaims.safeParse(await options.tokens.verify(given));
      return claims.success ? { userId: claims.data.userId, ...options.person } : undefined;
    },
    signIn: async (code) => {
      const endsAtMs = codes.get(code);
      codes.delete(code);
      if (endsAtMs === undefined || endsAtMs < options.clock.nowMs()) return undefined;
      return { token: await token(), userId, expiresAtMs: options.clock.nowMs() + userTokenLifeMs };
    },
    identity: async () => options.person,
  };
};
