// What GitHub's refusals mean: to be waited out with its own hint, or a sentence that says what a person has to do. Never holds a token.
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import type { RefusalCode } from '../../host-errors.ts';

export interface BadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  /** GitHub's own sentence. */
  readonly message: string;
}

const shortestWaitMs = 1000;
const longestWaitMs = 3_600_000;
/** GitHub asks for at least a minute when it gives no hint with a limit. */
const limitWithoutHintMs = 60_000;
const messageCharacters = 300;

const textOf = (headers: BadAnswer['headers'], name: string): string | undefined => {
  const value = headers[name];
  return value === undefined ? undefined : String(value);
};
const bounded = (ms: number): number => Math.min(longestWaitMs, Math.max(shortestWaitMs, Math.ceil(ms)));

/** Milliseconds from now by `retry-after` (seconds or a date), else by the end of a used-up quota. */
const hintOf = (headers: BadAnswer['headers'], nowMs: number): number | undefined => {
  const after = textOf(headers, 'retry-after');
  if (after !== undefined) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - nowMs;
    if (Number.isFinite(ms)) return bounded(ms);
  }
  const reset = textOf(headers, 'x-ratelimit-reset');
  return textOf(headers, 'x-ratelimit-remaining') === '0' && reset !== undefined && /^\d+$/.test(reset)
    ? bounded(Number(reset) * 1000 - nowMs)
    : undefined;
};
const isLimit = ({ status, headers, message }: BadAnswer): boolean =>
  status === 429 ||
  (status === 403 &&
    (textOf(headers, 'retry-after') !== undefined ||
      textOf(headers, 'x-ratelimit-remaining') === '0' ||
      /rate limit|abuse detection/i.test(message)));

/** One line of what the host said. */
export const oneLineOf = (message: string): string =>
  message
    .replaceAll(/\s+/g, ' ')
    .replace(/ - https?:\/\/\S+$/, '')
    .slice(0, messageCharacters)
    .replace(/[.\s]+$/, '');

const forbidden = (host: string, { headers, message }: BadAnswer): string => {
  if (textOf(headers, 'x-github-sso') !== undefined)
    return `${host} wants this token to be authorised for the organisation's single sign-on; authorise it in the settings of the token.`;
  const needed = textOf(headers, 'x-accepted-github-permissions');
  return `${host} does not let this token do it (${oneLineOf(message)})${
    needed === undefined ? '' : `; it needs the permission ${needed}`
  }. Give the token or the app more rights, or another one.`;
};

const refusalOf = (host: string, bad: BadAnswer): { readonly code: RefusalCode; readonly message: string } => {
  const { status } = bad;
  if (status === 401)
    return {
      code: 'unauthorised',
      message: `${host} refused the token: it has ended or was taken back. Connect the repository with a new one.`,
    };
  if (status === 403) return { code: 'forbidden', message: forbidden(host, bad) };
  if (status >= 300 && status < 400)
    return { code: 'not_found', message: `The repository on ${host} was moved or renamed; connect it by its new address.` };
  if (status === 404 || status === 410)
    return {
      code: 'not_found',
      message: `${host} knows no such thing, or the token may not see it (${oneLineOf(bad.message)}). Check the address and the rights of the token.`,
    };
  return { code: 'invalid', message: `${host} did not take it: ${oneLineOf(bad.message)}.` };
};

export const errorOf = (host: string, bad: BadAnswer, nowMs: number): HostUnavailable | HostRefused => {
  if (isLimit(bad)) {
    const retryAfterMs = hintOf(bad.headers, nowMs) ?? limitWithoutHintMs;
    return new HostUnavailable(`${host} asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s: its limit of requests is reached.`, {
      reason: 'rate_limit',
      retryAfterMs,
    });
  }
  if (bad.status >= 500 || bad.status === 408)
    return new HostUnavailable(`${host} is out of order: it answered with status ${bad.status}.`, {
      reason: 'outage',
      retryAfterMs: hintOf(bad.headers, nowMs),
    });
  const { code, message } = refusalOf(host, bad);
  return new HostRefused(message, code);
};

/** GraphQL answers 200 with errors. */
export const graphqlErrorOf = (
  host: string,
  errors: readonly { readonly type?: string | undefined; readonly message: string }[],
): HostUnavailable | HostRefused => {
  const [first = { type: undefined, message: 'unknown error' }] = errors;
  const bad = (status: number): HostUnavailable | HostRefused => errorOf(host, { status, headers: {}, message: first.message }, 0);
  if (first.type === 'RATE_LIMITED' || /rate limit/i.test(first.message)) return bad(429);
  if (first.type === 'NOT_FOUND') return bad(404);
  if (first.type === 'FORBIDDEN' || first.type === 'INSUFFICIENT_SCOPES') return bad(403);
  return /something went wrong|timeout/i.test(first.message) ? bad(502) : bad(422);
};
