// One handler per route group, made from the route table: token → zod → implementation → zod → JSON. Knows middy, no AWS service.
import middy from '@middy/core';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { z } from 'zod';
import { isDeeperThan, limits } from '../contracts/primitives.schema.ts';
import { routes } from '../contracts/routes.ts';
import type { Route, RouteGroup, RouteId, RouteResponse } from '../contracts/routes.ts';
import type { Ports } from '../ports.ts';
import { BadCursor, StoreUnavailable } from '../store-errors.ts';
import { callerOf } from './caller.ts';
import type { CallerFor } from './caller.ts';
import { ProblemError, conflict, invalid, notFound, tooLarge, unauthorised } from './problems.ts';

type Body<I extends RouteId> = (typeof routes)[I] extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined;
/** One parsed call of a route. */
export interface Call<I extends RouteId> {
  readonly params: z.output<(typeof routes)[I]['params']>;
  readonly query: z.output<(typeof routes)[I]['query']>;
  readonly body: Body<I>;
  readonly caller: CallerFor<(typeof routes)[I]['auth']>;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly nowMs: number;
  readonly idempotencyKey?: string;
  /** Version of an If-Match header. */
  readonly ifMatch?: number;
}
export type GroupImplementation<G extends RouteGroup> = {
  readonly [I in RouteId as (typeof routes)[I]['group'] extends G ? I : never]: (call: Call<I>) => Promise<RouteResponse<I> | RawAnswer>;
};
export type ApiHandler = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const problemResult = (problem: ProblemError): APIGatewayProxyResult => ({
  statusCode: problem.status,
  headers: { ...jsonHeaders, 'content-type': 'application/problem+json; charset=utf-8' },
  body: JSON.stringify(problem.toProblem()),
});

const headersOf = (event: APIGatewayProxyEvent): Map<string, string> => {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(event.headers ?? {})) if (value !== undefined) headers.set(name.toLowerCase(), value);
  return headers;
};

const parse = <S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: [where, ...issue.path].join('.'), message: issue.message }));
  throw invalid(
    `${errors
      .map((error) => `${error.path}: ${error.message}`)
      .slice(0, 5)
      .join('; ')}.`,
    errors.slice(0, 50),
  );
};

const textOf = (event: APIGatewayProxyEvent): string => {
  const body = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  if (Buffer.byteLength(text) > limits.requestBytes) throw tooLarge(`A request may hold at most ${limits.requestBytes} bytes.`);
  return text;
};
const bodyOf = (event: APIGatewayProxyEvent): unknown => {
  const text = textOf(event);
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isDeeperThan(value, limits.jsonDepth)) throw invalid(`The body may be nested ${limits.jsonDepth} levels deep at most.`);
    return value;
  } catch (error) {
    throw error instanceof ProblemError ? error : invalid('The body is not valid JSON.');
  }
};

const idempotencyKeyOf = (headers: ReadonlyMap<string, string>): string | undefined => {
  const key = headers.get('idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw invalid('Idempotency-Key is 1 to 200 visible ASCII characters.');
  return key;
};
const ifMatchOf = (headers: ReadonlyMap<string, string>): number | undefined => {
  const value = headers.get('if-match');
  if (value === undefined) return undefined;
  const digits = /^"?(\d{1,12})"?$/.exec(value)?.[1];
  if (digits === undefined) throw invalid('If-Match is the version number that you read.');
  return Number(digits);
};

/** A version that was given and is not the stored one: 409, so that nobody overwrites what they have not seen. */
export const checkVersion = (ifMatch: number | undefined, stored: number): void => {
  if (ifMatch !== undefined && ifMatch !== stored)
    throw conflict(`It has changed since you read it: version ${stored} is stored, If-Match says ${ifMatch}. Read it again.`);
};

const findRoute = (group: RouteGroup, event: APIGatewayProxyEvent): { id: RouteId; route: Route } => {
  for (const [id, route] of Object.entries(routes)) {
    if (route.group === group && route.method === event.httpMethod && route.path === event.resource && isRouteId(id)) return { id, route };
  }
  throw notFound(`There is no ${event.httpMethod} ${event.path}. See /openapi.json.`);
};
const isRouteId = (id: string): id is RouteId => id in routes;

type AnyImplementation = Readonly<Record<string, ((call: never) => Promise<unknown>) | undefined>>;

const answer = async (
  group: RouteGroup,
  ports: Ports,
  implementation: AnyImplementation,
  event: APIGatewayProxyEvent,
): Promise<APIGatewayProxyResult> => {
  const { id, route } = findRoute(group, event);
  const headers = headersOf(event);
  const caller = await callerOf(route.auth, headers, ports);
  if (caller === undefined) throw unauthorised();
  const idempotencyKey = idempotencyKeyOf(headers);
  const ifMatch = ifMatchOf(headers);
  const call = {
    params: parse(route.params, event.pathParameters ?? {}, 'path'),
    query: parse(route.query, event.queryStringParameters ?? {}, 'query'),
    body: route.body === undefined ? undefined : parse(route.body, route.jsonLines === true ? textOf(event) : bodyOf(event), 'body'),
    caller,
    headers,
    nowMs: ports.clock.nowMs(),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
  const run = implementation[id];
  if (run === undefined) throw notFound(`${id} is not served here.`);
  // The table types each implementation; the parsed call fits it by construction.
  const result = await run(call as never);
  if (result instanceof RawAnswer) return result.result;
  // Stripping by the response schema keeps server-only fields from leaving.
  const body: unknown = route.response.parse(result);
  return { statusCode: route.status, headers: jsonHeaders, body: JSON.stringify(body) };
};

/** For the few routes that do not answer with plain JSON of their schema. */
export class RawAnswer {
  readonly result: APIGatewayProxyResult;
  constructor(result: APIGatewayProxyResult) {
    this.result = result;
  }
}

const problems = (ports: Ports): MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => ({
  onError: (request) => {
    const error = request.error;
    if (error instanceof ProblemError) {
      request.response = problemResult(error);
      return;
    }
    if (error instanceof BadCursor) {
      request.response = problemResult(invalid('query.cursor: take the cursor of the page before, or leave it out to begin at the start.'));
      return;
    }
    ports.log.error('api_failed', {
      path: request.event.resource,
      method: request.event.httpMethod,
      error: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
    });
    const unavailable = error instanceof StoreUnavailable;
    request.response = problemResult(
      new ProblemError(unavailable ? 503 : 500, {
        title: unavailable ? 'Unavailable' : 'Internal error',
        detail: unavailable ? 'The store cannot be reached; try again in a moment.' : 'This is our fault; it has been logged.',
      }),
    );
  },
});

/** The handler of one route group. Routes of the group without an implementation are a type error. */
export const createGroupHandler = <G extends RouteGroup>(group: G, ports: Ports, implementation: GroupImplementation<G>): ApiHandler => {
  const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(problems(ports))
    .handler((event) => answer(group, ports, implementation, event));
  return (event) => handler(event, lambdaContext);
};

/** Middy wants a context; nothing here reads it. */
const lambdaContext = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'api',
  functionVersion: '1',
  invokedFunctionArn: '',
  memoryLimitInMB: '0',
  awsRequestId: '',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 30_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};
