// One request to GitHub at a time: parsed, typed errors, lists by pages up to a bound. Uses Octokit for its table of routes.
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import type { Clock } from '../../ports.ts';
import { errorOf, graphqlErrorOf } from './answers.ts';
import type { HostFetch, HostRequest } from './host-fetch.ts';

/** A host with what it is asked with. */
export interface Asking {
  readonly hostName: string;
  readonly apiUrl: string;
  /** A token of a person or an app, or an app's JWT. Without one, as a stranger. */
  readonly token: string | undefined;
}
export interface Answered<T> {
  readonly status: number;
  readonly data: T;
}
export interface Listed<T> {
  readonly items: readonly T[];
  /** Every page was read. */
  readonly complete: boolean;
}
type Parameters = Readonly<Record<string, string | number | readonly unknown[] | Readonly<Record<string, unknown>> | undefined>>;

export interface GithubClient {
  /** `route`: Octokit's, e.g. `GET /repos/{owner}/{repo}`. Throws `HostUnavailable` and `HostRefused`. */
  ask<S extends z.ZodType>(asking: Asking, route: string, parameters: Parameters, schema: S): Promise<z.output<S>>;
  /** An answer that may be a refusal: status and GitHub's sentence of one of these statuses are answered instead of thrown. */
  askOr<S extends z.ZodType>(
    asking: Asking,
    request: { readonly route: string; readonly parameters: Parameters; readonly schema: S; readonly expected: readonly number[] },
  ): Promise<{ readonly ok: true; readonly data: z.output<S> } | { readonly ok: false; readonly status: number; readonly message: string }>;
  /** Pages of 100, at most `pages` of them. `under`: the field that holds the list. */
  list<S extends z.ZodType>(
    asking: Asking,
    request: { readonly route: string; readonly parameters: Parameters; readonly item: S; readonly under?: string; readonly pages: number },
  ): Promise<Listed<z.output<S>>>;
  graphql<S extends z.ZodType>(asking: Asking, query: string, variables: Parameters, schema: S): Promise<z.output<S>>;
  /** The end of a text that lies behind a redirect, where the token does not go. */
  tail(asking: Asking, path: string, bytes: number): Promise<string>;
}

const pageSize = 100;
const refusedSchema = z.object({
  status: z.int(),
  message: z.string(),
  response: z.object({ headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])), data: z.unknown() }),
});
const problemSchema = z.object({
  message: z.string(),
  errors: z.array(z.union([z.string(), z.object({ message: z.string().optional(), field: z.string().optional() })])).optional(),
});
/** GitHub's sentence with the details that it gives for fields. */
const sentenceOf = (data: unknown, otherwise: string): string => {
  const problem = problemSchema.safeParse(data);
  if (!problem.success) return otherwise;
  const details = (problem.data.errors ?? []).map((each) =>
    typeof each === 'string' ? each : (each.message ?? `${each.field ?? 'a field'} is invalid`),
  );
  return [problem.data.message, ...details].join(': ');
};
const errorsSchema = z.object({ errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1) });

export interface GithubClientOptions {
  readonly fetch: HostFetch;
  readonly clock: Clock;
  /** When given, only these git hosts (name, or name:port) are asked. */
  readonly allowedHosts?: readonly string[] | undefined;
}
export const createGithubClient = ({ fetch, clock, allowedHosts }: GithubClientOptions): GithubClient => {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  /** Octokit wraps what its fetch throws; the error of the host itself is inside. */
  const octokit = new Octokit({
    userAgent: 'gastown',
    log: silent,
    request: { fetch: (url: string, request: HostRequest) => fetch(url, request) },
  });
  const thrown = ({ hostName }: Asking, error: unknown): Error => {
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    for (const each of [error, cause]) if (each instanceof HostUnavailable || each instanceof HostRefused) return each;
    const refused = refusedSchema.safeParse(error);
    if (!refused.success) return new HostUnavailable(`${hostName} gave an answer that cannot be read.`, { reason: 'outage' });
    const { status, response } = refused.data;
    return errorOf(hostName, { status, headers: response.headers, message: sentenceOf(response.data, `status ${status}`) }, clock.nowMs());
  };
  const raw = async (asking: Asking, route: string, parameters: Parameters): Promise<Answered<unknown>> => {
    if (allowedHosts !== undefined && !allowedHosts.includes(asking.hostName))
      throw new HostRefused(
        `The host ${asking.hostName} is not on this deployment's list of git hosts; ask its operator to add it.`,
        'forbidden',
      );
    const { status, data, headers } = await octokit.request(route, {
      ...parameters,
      baseUrl: asking.apiUrl,
      headers: asking.token === undefined ? {} : { authorization: `Bearer ${asking.token}` },
    });
    if (status >= 300) throw errorOf(asking.hostName, { status, headers, message: 'it has moved' }, clock.nowMs());
    return { status, data };
  };
  const parsed = <S extends z.ZodType>({ hostName }: Asking, schema: S, data: unknown): z.output<S> => {
    const result = schema.safeParse(data);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new HostUnavailable(`${hostName} gave an answer that cannot be read (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}).`, {
      reason: 'outage',
    });
  };
  const client: GithubClient = {
    ask: async (asking, route, parameters, schema) => {
      try {
        const { data } = await raw(asking, route, parameters);
        return parsed(asking, schema, data);
      } catch (error) {
        throw thrown(asking, error);
      }
    },
    askOr: async (asking, { route, parameters, schema, expected }) => {
      try {
        const { data } = await raw(asking, route, parameters);
        return { ok: true, data: parsed(asking, schema, data) };
      } catch (error) {
        const refused = refusedSchema.safeParse(error);
        const found = thrown(asking, error);
        // A limit may come with the same status as a refusal.
        if (refused.success && expected.includes(refused.data.status) && !(found instanceof HostUnavailable))
          return { ok: false, status: refused.data.status, message: sentenceOf(refused.data.response.data, refused.data.message) };
        throw found;
      }
    },
    list: async (asking, { route, parameters, item, under, pages }) => {
      const items: z.output<typeof item>[] = [];
      const itemsOf = (data: unknown): readonly z.output<typeof item>[] =>
        parsed(asking, z.array(item), under === undefined ? data : parsed(asking, z.record(z.string(), z.unknown()), data)[under]);
      for (let page = 1; page <= pages; page += 1) {
        const found = itemsOf(await client.ask(asking, route, { ...parameters, per_page: pageSize, page }, z.unknown()));
        items.push(...found);
        if (found.length < pageSize) return { items, complete: true };
      }
      return { items, complete: false };
    },
    graphql: async (asking, query, variables, schema) => {
      // Of GitHub Enterprise Server it lies beside the REST API, not below it.
      const apiUrl = asking.apiUrl.replace(/\/v3$/, '');
      const answer: unknown = await client.ask({ ...asking, apiUrl }, 'POST /graphql', { query, variables }, z.unknown());
      const errors = errorsSchema.safeParse(answer);
      if (errors.success) throw graphqlErrorOf(asking.hostName, errors.data.errors);
      return parsed(asking, schema, parsed(asking, z.object({ data: z.unknown() }), answer).data);
    },
    tail: async (asking, path, bytes) => {
      const authorization = asking.token === undefined ? {} : { authorization: `Bearer ${asking.token}` };
      const first = await fetch(`${asking.apiUrl}${path}`, {
        method: 'GET',
        headers: { 'user-agent': 'gastown', ...authorization },
        tailBytes: bytes,
      });
      const location = first.headers.get('location');
      if (location === null) return first.status === 200 ? first.text() : '';
      const second = await fetch(location, { method: 'GET', headers: { 'user-agent': 'gastown' }, tailBytes: bytes });
      return second.status === 200 ? second.text() : '';
    },
  };
  return client;
};
