// Cognito's hosted endpoints as a browser without a secret uses them: authorize, token, revoke, logout.
import { z } from 'zod';
import { signInPaths } from '../../../functions/contracts/site-config.schema.ts';
import type { CognitoSignIn } from '../../../functions/contracts/site-config.schema.ts';
import { UnexpectedAnswer, Unreachable } from '../api/errors.ts';
import type { RenewableSession } from '../api/session.ts';

type Client = Pick<CognitoSignIn, 'url' | 'clientId'>;

/** Renew so long before the token ends, but not before half of its life: Cognito's shortest tokens live for five minutes. */
const renewAheadMs = 5 * 60_000;

/** The sign-in service refuses: the code was used or is too old, or the sign-in has ended. Signing in again helps. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  constructor(reason: string) {
    super(`You were not signed in: ${reason}.`);
  }
}

const tokensSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  /** Absent in answers to a renewal, unless tokens rotate. */
  refresh_token: z.string().min(1).optional(),
});
const refusalSchema = z.object({ error: z.string() });
const claimsSchema = z.object({ sub: z.string().min(1) });

/** Who a token is for. Not a proof: the API checks the signature, the page only says "you". */
export const userIdOf = (accessToken: string): string => {
  try {
    const payload = (accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return claimsSchema.parse(JSON.parse(atob(payload))).sub;
  } catch {
    throw new UnexpectedAnswer('the token names nobody');
  }
};

/** Where the browser goes to sign in. */
export const authorizeAddress = (client: CognitoSignIn, origin: string, proof: { state: string; challenge: string }): string => {
  const url = new URL('/oauth2/authorize', client.url);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: `${origin}${signInPaths.signedIn}`,
    scope: client.scope,
    state: proof.state,
    code_challenge: proof.challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
};

/** Where the browser goes to end the hosted pages' own session; it comes back by itself. */
export const logoutAddress = (client: Client, origin: string): string => {
  const url = new URL('/logout', client.url);
  url.search = new URLSearchParams({ client_id: client.clientId, logout_uri: `${origin}${signInPaths.signedOut}` }).toString();
  return url.href;
};

const askForTokens = async (client: Client, form: Readonly<Record<string, string>>): Promise<z.infer<typeof tokensSchema>> => {
  const body = new URLSearchParams({ ...form, client_id: client.clientId });
  const response = await fetch(new URL('/oauth2/token', client.url), { method: 'POST', body, credentials: 'omit' }).catch(() => {
    throw new Unreachable('The sign-in service cannot be reached. Check the network.');
  });
  if (response.status >= 500 || response.status === 429) throw new Unreachable('The sign-in service is not available at the moment.');
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new SignInRefused(refusalSchema.safeParse(value).data?.error ?? `status ${response.status}`);
  const tokens = tokensSchema.safeParse(value);
  if (!tokens.success) throw new UnexpectedAnswer('sign-in');
  return tokens.data;
};

const sessionOf = (client: Client, tokens: z.infer<typeof tokensSchema>, refreshToken: string, nowMs: number): RenewableSession => {
  const lifeMs = tokens.expires_in * 1000;
  return {
    token: tokens.access_token,
    userId: userIdOf(tokens.access_token),
    expiresAtMs: nowMs + lifeMs,
    cognito: {
      url: client.url,
      clientId: client.clientId,
      refreshToken,
      renewAtMs: nowMs + Math.max(lifeMs - renewAheadMs, lifeMs / 2),
    },
  };
};

/** Exchanges the code of a return. `nowMs` is from before the question, so that the token never ends earlier than noted. Throws `SignInRefused`, `Unreachable`, `UnexpectedAnswer`. */
export const exchangeCode = async (
  client: CognitoSignIn,
  origin: string,
  proof: { readonly code: string; readonly verifier: string },
  nowMs: number,
): Promise<RenewableSession> => {
  const tokens = await askForTokens(client, {
    grant_type: 'authorization_code',
    code: proof.code,
    code_verifier: proof.verifier,
    redirect_uri: `${origin}${signInPaths.signedIn}`,
  });
  if (tokens.refresh_token === undefined) throw new UnexpectedAnswer('sign-in without a refresh token');
  return sessionOf(client, tokens, tokens.refresh_token, nowMs);
};

/** A new access token for the same sign-in. Throws as `exchangeCode` does; refused when the sign-in has ended or was revoked. */
export const renewSession = async ({ cognito }: RenewableSession, nowMs: number): Promise<RenewableSession> => {
  const tokens = await askForTokens(cognito, { grant_type: 'refresh_token', refresh_token: cognito.refreshToken });
  return sessionOf(cognito, tokens, tokens.refresh_token ?? cognito.refreshToken, nowMs);
};

/** Ends the refresh token. The endpoint lets no page read its answer, and the page is about to leave: nothing waits for it. */
export const revoke = ({ cognito }: RenewableSession): void => {
  const body = new URLSearchParams({ token: cognito.refreshToken, client_id: cognito.clientId });
  // Not reached: the token then ends by its age; this browser has forgotten it.
  fetch(new URL('/oauth2/revoke', cognito.url), { method: 'POST', body, mode: 'no-cors', credentials: 'omit', keepalive: true }).catch(
    () => undefined,
  );
};
