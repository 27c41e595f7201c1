// Calls a route as API Gateway would, on fake ports.
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { createHandler as agents } from '../../functions/api/agents.handler.ts';
import { createHandler as auth } from '../../functions/api/auth.handler.ts';
import { createHandler as beads } from '../../functions/api/beads.handler.ts';
import { createHandler as convoys } from '../../functions/api/convoys.handler.ts';
import { createHandler as debug } from '../../functions/api/debug.handler.ts';
import { createHandler as events } from '../../functions/api/events.handler.ts';
import { createHandler as formulas } from '../../functions/api/formulas.handler.ts';
import { createHandler as health } from '../../functions/api/health.handler.ts';
import { createHandler as mail } from '../../functions/api/mail.handler.ts';
import { createHandler as mayor } from '../../functions/api/mayor.handler.ts';
import { createHandler as merges } from '../../functions/api/merges.handler.ts';
import { createHandler as personas } from '../../functions/api/personas.handler.ts';
import { createHandler as rigs } from '../../functions/api/rigs.handler.ts';
import { createHandler as search } from '../../functions/api/search.handler.ts';
import type { ApiHandler } from '../../functions/api/serve.ts';
import { createHandler as settings } from '../../functions/api/settings.handler.ts';
import { createHandler as sling } from '../../functions/api/sling.handler.ts';
import { createHandler as towns } from '../../functions/api/towns.handler.ts';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route, RouteGroup, RouteId } from '../../functions/contracts/routes.ts';
import type { Ports } from '../../functions/ports.ts';

export type PeopleGroup = Exclude<RouteGroup, 'runner' | 'mcp'>;
/** The handler of each group for people. */
export const creators: Readonly<Record<PeopleGroup, (ports: Ports) => ApiHandler>> = {
  agents,
  auth,
  beads,
  convoys,
  debug,
  events,
  health,
  mail,
  mayor,
  formulas,
  personas,
  merges,
  rigs,
  search,
  settings,
  sling,
  towns,
};
export const isPeopleGroup = (group: RouteGroup): group is PeopleGroup => group in creators;

/** `{ maxAgents: 3 }` of section `limits` as settings: `{ 'limits.maxAgents': 3 }`. */
export const inSection = (section: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${section}.${name}`, value]));

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The person; absent: no token. */
  readonly as?: string | undefined;
}
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

const identity: APIGatewayProxyEvent['requestContext']['identity'] = {
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
  sourceIp: '127.0.0.1',
  user: null,
  userAgent: null,
  userArn: null,
};
/** What API Gateway would hand to the function. */
export const eventOf = (route: Route, input: CallInput): APIGatewayProxyEvent => {
  const path = route.path.replaceAll(/\{([A-Za-z]+)\}/g, (_all, name: string) => input.params?.[name] ?? name);
  return {
    httpMethod: route.method,
    path,
    resource: route.path,
    isBase64Encoded: false,
    headers: {
      ...(input.as === undefined ? {} : { Authorization: `Bearer person-${input.as}` }),
      'Content-Type': 'application/json',
      ...input.headers,
    },
    multiValueHeaders: {},
    pathParameters: { ...input.params },
    queryStringParameters: input.query === undefined ? null : { ...input.query },
    multiValueQueryStringParameters: null,
    stageVariables: null,
    body: input.body === undefined ? null : typeof input.body === 'string' ? input.body : JSON.stringify(input.body),
    requestContext: {
      accountId: 'test',
      apiId: 'test',
      authorizer: null,
      protocol: 'HTTP/1.1',
      httpMethod: route.method,
      identity,
      path,
      stage: 'test',
      requestId: 'request',
      requestTimeEpoch: 0,
      resourceId: 'test',
      resourcePath: route.path,
    },
  };
};

const parsedBody = (result: APIGatewayProxyResult): unknown => {
  if (/^(?:application\/x-ndjson|text\/plain)/.test(String(result.headers?.['content-type'] ?? ''))) return result.body;
  return result.body === '' ? undefined : JSON.parse(result.body);
};

/** A client of all groups for people. */
export const client = (ports: Ports) => {
  const handlers = new Map<RouteGroup, ApiHandler>();
  return async (id: RouteId, input: CallInput = {}): Promise<Answer> => {
    const route: Route = routes[id];
    if (!isPeopleGroup(route.group)) throw new Error(`${id} is not for people`);
    const handler = handlers.get(route.group) ?? creators[route.group](ports);
    handlers.set(route.group, handler);
    const result = await handler(eventOf(route, input));
    return { status: result.statusCode, body: parsedBody(result), headers: result.headers ?? {} };
  };
};

/** The answer's body by its schema; fails on another status. */
export const bodyOf = <I extends RouteId>(id: I, answer: Answer, status: number = routes[id].status) => {
  if (answer.status !== status) throw new Error(`${id} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const schema: (typeof routes)[I]['response'] = routes[id].response;
  return schema.parse(answer.body) as ReturnType<(typeof routes)[I]['response']['parse']>;
};
