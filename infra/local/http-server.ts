// The front door on one machine: turns HTTP requests into API Gateway proxy events for the same handlers, and serves the dashboard.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ApiHandler } from '../../functions/api/serve.ts';
import { limits } from '../../functions/contracts/primitives.schema.ts';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route, RouteGroup } from '../../functions/contracts/routes.ts';
import { siteConfigPath } from '../../functions/contracts/site-config.schema.ts';
import type { SiteConfig } from '../../functions/contracts/site-config.schema.ts';
import type { Log } from '../../functions/ports.ts';
import { isOwnHost } from './own-host.ts';

interface Match {
  readonly route: Route;
  readonly pathParameters: Record<string, string>;
}
const patterns = Object.values(routes).map((route: Route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{([A-Za-z]+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** A malformed escape stays as it is; the route's schema refuses it with a sentence. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The route of a request; with a known path and another method, the first route of that path is used so that it answers 404 in its own words. */
const matchRoute = (method: string, path: string): Match | undefined => {
  const found = patterns.find(({ route, pattern }) => route.method === method && pattern.test(path));
  if (found === undefined) return undefined;
  const groups = found.pattern.exec(path)?.groups ?? {};
  const pathParameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups)) pathParameters[name] = decoded(value);
  return { route: found.route, pathParameters };
};

type Body = { readonly kind: 'whole'; readonly text: string } | { readonly kind: 'too-large' } | { readonly kind: 'aborted' };
const readBody = async (request: IncomingMessage): Promise<Body> => {
  if (Number(request.headers['content-length'] ?? 0) > limits.requestBytes) return { kind: 'too-large' };
  const parts: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the connection: it still carries the answer.
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(part);
      size += bytes.length;
      if (size > limits.requestBytes) return { kind: 'too-large' };
      parts.push(bytes);
    }
  } catch (error) {
    if (!request.complete && request.destroyed) return { kind: 'aborted' };
    throw error;
  }
  return { kind: 'whole', text: Buffer.concat(parts).toString('utf8') };
};

/** How much of a body that is too large is still taken and thrown away, so that its sender gets to read the answer. */
const rest = { bytes: 16 * limits.requestBytes, ms: 2000 };
const discardRest = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let left = rest.bytes;
    const timer = setTimeout(resolve, rest.ms);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (part: Buffer) => {
      left -= part.length;
      if (left <= 0) done();
    });
    request.once('end', done).once('close', done).once('error', done).resume();
  });

/** A REST proxy event with every field that the handlers' type asks for. */
const toEvent = (request: IncomingMessage, url: URL, match: Match, body: string): APIGatewayProxyEvent => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  const query = Object.fromEntries(url.searchParams);
  const path = url.pathname;
  const identity = {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.socket.remoteAddress ?? '',
    user: null,
    userAgent: headers['user-agent'] ?? null,
    userArn: null,
  };
  return {
    resource: match.route.path,
    path,
    httpMethod: match.route.method,
    headers,
    multiValueHeaders: {},
    queryStringParameters: query,
    multiValueQueryStringParameters: null,
    pathParameters: match.pathParameters,
    stageVariables: null,
    body: body === '' ? null : body,
    isBase64Encoded: false,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      authorizer: null,
      protocol: 'HTTP/1.1',
      httpMethod: match.route.method,
      identity,
      path,
      stage: 'local',
      requestId: '',
      requestTimeEpoch: 0,
      resourceId: match.route.path,
      resourcePath: match.route.path,
    },
  };
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const sendFile = async (response: ServerResponse, folder: string, path: string, head: boolean): Promise<boolean> => {
  const full = normalize(join(folder, path));
  if (full !== folder && !full.startsWith(`${folder}${sep}`)) return false;
  const found = await stat(full).catch(() => undefined);
  if (found === undefined || !found.isFile()) return false;
  const immutable = path.startsWith('/assets/');
  response.writeHead(200, {
    ...pageHeaders,
    'content-type': contentTypes[extname(full)] ?? 'application/octet-stream',
    'content-length': found.size,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (head) response.end();
  else createReadStream(full).pipe(response);
  return true;
};

const problemType = 'application/problem+json; charset=utf-8';
const sendProblem = (response: ServerResponse, status: number, title: string, detail: string): void => {
  response.writeHead(status, { 'content-type': problemType });
  response.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
};

/** The answer is whole at once; the connection ends behind it, because what is left of the body cannot be told from a next request. */
const refuseTooLarge = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const detail = `A request may hold at most ${limits.requestBytes} bytes.`;
  const answer = JSON.stringify({ type: 'about:blank', title: 'Too large', status: 413, detail });
  response.writeHead(413, { 'content-type': problemType, 'content-length': Buffer.byteLength(answer), connection: 'close' });
  response.write(answer);
  await discardRest(request);
  response.end();
};

const isForApi = (path: string): boolean => /^\/(api|runner|mcp|health|openapi\.json|webhooks|ws)(\/|$)/.test(path);

export interface FrontDoor {
  readonly handlers: Readonly<Record<RouteGroup, ApiHandler>>;
  /** Folder of the built dashboard. */
  readonly webFolder: string;
  readonly log: Log;
}

const serveApi = async (door: FrontDoor, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
  const match = matchRoute(request.method ?? 'GET', url.pathname);
  if (match === undefined) {
    const others = patterns.filter(({ pattern }) => pattern.test(url.pathname)).map(({ route }) => route.method);
    if (others.length > 0) response.setHeader('allow', others.join(', '));
    sendProblem(
      response,
      others.length > 0 ? 405 : 404,
      others.length > 0 ? 'Method not allowed' : 'Not found',
      others.length > 0 ? `Allowed here: ${others.join(', ')}.` : `There is no ${url.pathname}. See /openapi.json.`,
    );
    return;
  }
  const body = await readBody(request);
  if (body.kind === 'aborted') {
    door.log.info('http_aborted', { path: match.route.path });
    return;
  }
  if (body.kind === 'too-large') {
    await refuseTooLarge(request, response);
    return;
  }
  const result = await door.handlers[match.route.group](toEvent(request, url, match, body.text));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(result.headers ?? {})) headers[name] = String(value);
  response.writeHead(result.statusCode, headers);
  response.end(result.isBase64Encoded === true ? Buffer.from(result.body, 'base64') : result.body);
};

const serve = async (door: FrontDoor, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (!isOwnHost(request.headers.host)) {
    sendProblem(response, 421, 'Misdirected request', 'Use 127.0.0.1 or localhost.');
    return;
  }
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (url === null) {
    sendProblem(response, 400, 'Invalid request', 'The address is not valid.');
    return;
  }
  if (isForApi(url.pathname)) {
    await serveApi(door, request, response, url);
    return;
  }
  const head = request.method === 'HEAD';
  if (request.method !== 'GET' && !head) {
    sendProblem(response, 405, 'Method not allowed', 'Pages are only read.');
    return;
  }
  if (url.pathname === siteConfigPath) {
    const config: SiteConfig = { signIn: { kind: 'local' } };
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
    response.end(head ? undefined : JSON.stringify(config));
    return;
  }
  const isPage = extname(url.pathname) === '';
  if (!isPage && (await sendFile(response, door.webFolder, url.pathname, head))) return;
  if (isPage && (await sendFile(response, door.webFolder, '/index.html', head))) return;
  sendProblem(response, 404, 'Not found', `There is no ${url.pathname}.`);
};

/** The server is not listening yet; the caller adds the WebSocket upgrade and chooses the port. Until there is a door, it answers 503. */
export const createFrontDoor = (doorOf: () => FrontDoor | undefined): Server =>
  createServer((request, response) => {
    const door = doorOf();
    if (door === undefined) {
      sendProblem(response, 503, 'Unavailable', 'The town is starting; try again in a moment.');
      return;
    }
    serve(door, request, response).catch((error: unknown) => {
      door.log.error('http_failed', { error: error instanceof Error ? error.message : 'unknown' });
      if (!response.headersSent) sendProblem(response, 500, 'Internal error', 'This is our fault; it has been logged.');
      else response.destroy();
    });
  });
