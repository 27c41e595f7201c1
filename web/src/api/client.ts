// The typed client: every call is checked against the route table that the server is made from.
import type { z } from 'zod';
import { problemSchema } from '../../../functions/contracts/problem.schema.ts';
import { routes } from '../../../functions/contracts/routes.ts';
import type { Route, RouteId, RouteInput, RouteResponse } from '../../../functions/contracts/routes.ts';
import { ApiError, UnexpectedAnswer, Unreachable } from './errors.ts';
import { renewal } from './renewal.ts';
import { session, signOut } from './session.ts';

/** A part of the input may be left out when nothing in it is required. */
type Part<Name extends string, Value> = [Value] extends [undefined]
  ? { readonly [K in Name]?: undefined }
  : Record<string, never> extends Value
    ? { readonly [K in Name]?: Value }
    : { readonly [K in Name]: Value };
export type CallInput<I extends RouteId> = Part<'params', RouteInput<I>['params']> &
  Part<'query', RouteInput<I>['query']> &
  Part<'body', RouteInput<I>['body']>;
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Version that was read; another stored one is refused with 409. */
  readonly ifMatch?: number;
  /** Repeats with the same key take effect once. */
  readonly idempotencyKey?: string;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

const addressOf = (route: Route, params: Readonly<Record<string, unknown>>, query: Readonly<Record<string, unknown>>): string => {
  const path = route.path.replaceAll(/\{([A-Za-z]+)\}/g, (_whole, name: string) => encodeURIComponent(textOf(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, textOf(value));
  return search.size === 0 ? path : `${path}?${search}`;
};

const problemOf = async (response: Response): Promise<ApiError> => {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return new ApiError(parsed.data);
  return new ApiError({
    type: 'about:blank',
    title: 'Error',
    status: response.status,
    detail: `The control plane answered with status ${response.status}.`,
  });
};

const send = async (route: Route, address: string, token: string | undefined, body: unknown, options: CallOptions): Promise<Response> => {
  const headers = new Headers({ accept: 'application/json' });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (options.ifMatch !== undefined) headers.set('if-match', String(options.ifMatch));
  if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey);
  try {
    return await fetch(address, {
      method: route.method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new Unreachable();
  }
};

/** What the route's own schema accepted is of the route's type: the table says both. */
const isAnswerOf = <I extends RouteId>(
  _routeId: I,
  parsed: z.ZodSafeParseResult<unknown>,
): parsed is z.ZodSafeParseSuccess<RouteResponse<I>> => parsed.success;

/**
 * Calls a route. Throws `ApiError` with the problem, `Unreachable` without an answer, `UnexpectedAnswer` when the answer is not of the schema.
 * A refused token signs the person out.
 */
export const call = async <I extends RouteId>(routeId: I, input: CallInput<I>, options: CallOptions = {}): Promise<RouteResponse<I>> => {
  const route: Route = routes[routeId];
  const token = route.auth === 'user' ? (await renewal.fresh())?.token : undefined;
  const response = await send(route, addressOf(route, input.params ?? {}, input.query ?? {}), token, input.body, options);
  // A token that was renewed in the meantime says nothing about the new one.
  if (response.status === 401 && route.auth === 'user' && session()?.token === token) signOut();
  if (!response.ok) throw await problemOf(response);
  const value: unknown = await (route.plainText === true ? response.text() : response.json()).catch(() => undefined);
  const parsed: z.ZodSafeParseResult<unknown> = route.response.safeParse(value);
  if (isAnswerOf(routeId, parsed)) return parsed.data;
  const first = parsed.error?.issues[0];
  throw new UnexpectedAnswer(`${routeId}: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}`.trim());
};

/** A fresh Idempotency-Key; works on pages that are not a secure context too. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** One key per content: a repeat of the same content after a lost answer takes effect once; `done` makes the next one new. */
export const createKeys = (): { readonly keyFor: (content: unknown) => string; readonly done: () => void } => {
  let last: { readonly text: string; readonly key: string } | undefined;
  return {
    keyFor: (content) => {
      const text = JSON.stringify(content);
      if (last?.text !== text) last = { text, key: newKey() };
      return last.key;
    },
    done: () => {
      last = undefined;
    },
  };
};
