// The runner's REST client: every answer parsed, network faults and 5xx repeated with back-off, an old runtime epoch told apart because the runner must leave.
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { problemSchema } from '../../functions/contracts/problem.schema.ts';
import { routes } from '../../functions/contracts/routes.ts';
import { bootstrapResponseSchema } from '../../functions/contracts/runner.schema.ts';
import type { BootstrapResponse } from '../../functions/contracts/runner.schema.ts';
import type { RouteInput, RouteResponse } from '../../functions/contracts/routes.ts';
import { causeOf } from './log.ts';

/** Another runner holds the town now, or the town is gone. Not retryable: the runner ends its agents and leaves. */
export class RuntimeEpochOldError extends Error {
  override readonly name = 'RuntimeEpochOldError';
}
/** The control plane refused a request for good (4xx). Not retryable; the message is its own sentence. */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
/** No answer, or a 5xx, for as long as the caller was willing to wait. Retryable later. */
export class ControlPlaneUnreachableError extends Error {
  override readonly name = 'ControlPlaneUnreachableError';
}

type RunnerRoute =
  | 'runnerDesired'
  | 'runnerReport'
  | 'runnerTokens'
  | 'runnerTicket'
  | 'runnerPushCheck'
  | 'runnerGitCredential'
  | 'runnerSession';

export interface ControlPlane {
  /** Asks until it answers; RuntimeEpochOldError and RequestRefusedError end it. `patienceMs`: how long to repeat, default 0 = once. */
  call<R extends RunnerRoute>(route: R, body: RouteInput<R>['body'], patienceMs?: number): Promise<RouteResponse<R>>;
  setRunnerToken(token: string): void;
  /** When the control plane last answered anything. */
  lastAnswerAtMs(): number;
}

const requestLimitMs = 28_000;
const backoffMs = (attempt: number): number => Math.min(5_000, 200 * 2 ** attempt) * (0.5 + Math.random() / 2);

const problemOf = (text: string): { title: string; detail: string } => {
  try {
    const parsed = problemSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    /* not problem JSON: the text itself is shown */
  }
  return { title: 'unknown', detail: text.slice(0, 300) };
};

interface Sent {
  readonly status: number;
  readonly text: string;
}
const send = async (url: string, method: string, token: string | undefined, body: unknown): Promise<Sent> => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    signal: AbortSignal.timeout(requestLimitMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
};

/** One request, repeated within `patienceMs` while nobody answers or the answer is 5xx or 429. */
const ask = async <S extends z.ZodType>(
  request: { url: string; method: string; token: () => string | undefined; body: unknown; schema: S; patienceMs: number },
  onAnswer: () => void,
): Promise<z.infer<S>> => {
  const until = performance.now() + request.patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    let reason: string;
    try {
      const { status, text } = await send(request.url, request.method, request.token(), request.body);
      if (status < 500) onAnswer();
      if (status >= 200 && status < 300) return request.schema.parse(JSON.parse(text));
      const problem = problemOf(text);
      if (status === 409 || status === 410) throw new RuntimeEpochOldError(problem.detail);
      if (status < 500 && status !== 429) throw new RequestRefusedError(status, `${problem.title}: ${problem.detail}`);
      reason = `it answered ${status} (${problem.detail})`;
    } catch (error) {
      if (error instanceof RuntimeEpochOldError || error instanceof RequestRefusedError) throw error;
      reason = error instanceof Error ? causeOf(error) : String(error);
    }
    const pause = backoffMs(attempt);
    if (performance.now() + pause > until)
      throw new ControlPlaneUnreachableError(`The control plane at ${request.url} cannot be used: ${reason}`);
    await sleep(pause);
  }
};

export const bootstrap = async (
  apiUrl: string,
  request: RouteInput<'runnerBootstrap'>['body'],
  patienceMs: number,
): Promise<BootstrapResponse> =>
  ask(
    {
      url: `${apiUrl}${routes.runnerBootstrap.path}`,
      method: 'POST',
      token: () => undefined,
      body: request,
      schema: bootstrapResponseSchema,
      patienceMs,
    },
    () => {},
  );

export const createControlPlane = (apiUrl: string, firstToken: string): ControlPlane => {
  let token = firstToken;
  let lastAnswerAtMs = Date.now();
  return {
    call: async <R extends RunnerRoute>(route: R, body: RouteInput<R>['body'], patienceMs = 0): Promise<RouteResponse<R>> => {
      const { path, method, response } = routes[route];
      return (await ask({ url: `${apiUrl}${path}`, method, token: () => token, body, schema: response, patienceMs }, () => {
        lastAnswerAtMs = Date.now();
      })) as RouteResponse<R>;
    },
    setRunnerToken: (next) => {
      token = next;
    },
    lastAnswerAtMs: () => lastAnswerAtMs,
  };
};
