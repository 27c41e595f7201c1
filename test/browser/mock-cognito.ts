// Cognito's hosted endpoints on loopback: authorize with a page to press, token with PKCE and CORS, revoke without CORS, logout. Strict as the documentation.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CognitoSignIn } from '../../functions/contracts/site-config.schema.ts';

const clientId = 'dashboard-client-1';
const scope = 'openid email profile';
const userId = '8f14e45f-ceea-467f-a8f1-0d2b7d9a3c11';

export interface MockCognito {
  readonly signIn: CognitoSignIn;
  /** Of tokens that are good now. */
  readonly accepts: (token: string) => boolean;
  /** What was asked for, in order: `authorize`, `code`, `renew`, `revoke`, `logout`. */
  readonly asked: readonly string[];
  /** Life of tokens made from now on. */
  readonly setLife: (seconds: number) => void;
  /** As an administrator does: every refresh token ends. */
  readonly endSignIns: () => void;
  /** The origin of the site, which must be known before anyone comes. */
  readonly allow: (origin: string) => void;
  readonly close: () => Promise<void>;
}

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const parts: Buffer[] = [];
  for await (const piece of request) parts.push(Buffer.from(piece));
  return new URLSearchParams(Buffer.concat(parts).toString('utf8'));
};
const secret = (): string => randomBytes(16).toString('hex');

interface Memory {
  site: string;
  lifeSeconds: number;
  readonly asked: string[];
  readonly challenges: Map<string, { challenge: string; redirectUri: string }>;
  readonly refreshTokens: Set<string>;
  readonly endsAtMs: Map<string, number>;
}

const authorize = (memory: Memory, query: URLSearchParams, response: ServerResponse): void => {
  const redirectUri = query.get('redirect_uri') ?? '';
  const challenge = query.get('code_challenge') ?? '';
  const state = query.get('state') ?? '';
  const isValid =
    query.get('response_type') === 'code' &&
    query.get('client_id') === clientId &&
    query.get('scope') === scope &&
    query.get('code_challenge_method') === 'S256' &&
    /^[A-Za-z0-9_-]{43}$/.test(challenge) &&
    state !== '' &&
    redirectUri === `${memory.site}/signed-in`;
  if (!isValid) {
    response.writeHead(400).end('invalid_request');
    return;
  }
  memory.asked.push('authorize');
  const code = secret();
  memory.challenges.set(code, { challenge, redirectUri });
  const back = (answer: Record<string, string>): string =>
    `${redirectUri}?${new URLSearchParams({ ...answer, state })}`.replaceAll('&', '&amp;');
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<title>Hosted</title><a href="${back({ code })}">I am Ada</a> <a href="${back({ error: 'access_denied' })}">I am nobody</a>`);
};

const issue = (memory: Memory): Record<string, unknown> => {
  const claims = Buffer.from(JSON.stringify({ sub: userId, token_use: 'access', client_id: clientId, jti: secret() })).toString(
    'base64url',
  );
  const token = `e30.${claims}.sig`;
  memory.endsAtMs.set(token, Date.now() + memory.lifeSeconds * 1000);
  return { access_token: token, id_token: 'e30.e30.sig', token_type: 'Bearer', expires_in: memory.lifeSeconds };
};

const tokens = (memory: Memory, form: URLSearchParams): Record<string, unknown> | undefined => {
  if (form.get('client_id') !== clientId) return undefined;
  if (form.get('grant_type') === 'refresh_token') {
    if (!memory.refreshTokens.has(form.get('refresh_token') ?? '')) return undefined;
    memory.asked.push('renew');
    return issue(memory);
  }
  const code = form.get('code') ?? '';
  const known = memory.challenges.get(code);
  memory.challenges.delete(code);
  const proof = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (form.get('grant_type') !== 'authorization_code' || known?.challenge !== proof || known.redirectUri !== form.get('redirect_uri'))
    return undefined;
  memory.asked.push('code');
  const refreshToken = secret();
  memory.refreshTokens.add(refreshToken);
  return { ...issue(memory), refresh_token: refreshToken };
};

const answer = async (memory: Memory, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /oauth2/authorize':
      authorize(memory, url.searchParams, response);
      return;
    case 'POST /oauth2/token': {
      const given = tokens(memory, await formOf(request));
      response
        .writeHead(given === undefined ? 400 : 200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
        .end(JSON.stringify(given ?? { error: 'invalid_grant' }));
      return;
    }
    case 'POST /oauth2/revoke':
      if (memory.refreshTokens.delete((await formOf(request)).get('token') ?? '')) memory.asked.push('revoke');
      response.writeHead(200).end();
      return;
    case 'GET /logout': {
      const to = url.searchParams.get('logout_uri') ?? '';
      const isValid = url.searchParams.get('client_id') === clientId && to === `${memory.site}/`;
      if (isValid) memory.asked.push('logout');
      response.writeHead(isValid ? 302 : 400, isValid ? { location: to } : {}).end();
      return;
    }
    default:
      response.writeHead(404).end();
  }
};

export const startMockCognito = async (): Promise<MockCognito> => {
  const memory: Memory = {
    site: '',
    lifeSeconds: 3600,
    asked: [],
    challenges: new Map(),
    refreshTokens: new Set(),
    endsAtMs: new Map(),
  };
  const server = createServer((request, response) => {
    answer(memory, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('the mock does not listen on a port');
  return {
    signIn: { kind: 'cognito', url: `http://127.0.0.1:${listening.port}`, clientId, scope },
    accepts: (token) => (memory.endsAtMs.get(token) ?? 0) > Date.now(),
    asked: memory.asked,
    setLife: (seconds) => {
      memory.lifeSeconds = seconds;
    },
    endSignIns: () => memory.refreshTokens.clear(),
    allow: (origin) => {
      memory.site = origin;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
