// A real local town for end-to-end tests: `infra/local/start.ts` as its own process, reached over REST like any client would.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { routes } from '../../functions/contracts/routes.ts';
import type { RouteId, RouteResponse } from '../../functions/contracts/routes.ts';
import type { Timings } from '../../functions/contracts/timings.schema.ts';

const root = join(import.meta.dirname, '..', '..');
const localSchema = z.object({ url: z.url(), wsUrl: z.url(), token: z.string(), pid: z.int(), dynamodbPid: z.int() });

/** Waits that a person would not wait for in a test; the rules are the same. */
export const shortTimings: Partial<Timings> = {
  reportPeriodMs: 1000,
  runtimeSilentMs: 6000,
  orphanBeadMs: 4000,
  dispatchBackoffMs: [500, 1000, 2000],
  mergeRetryMs: 1000,
  sweepPeriodMs: 3000,
  runtimeIdleMs: 600_000,
  runtimeBreakerMs: 3000,
  resendMs: 1000,
  passGapMs: 8000,
  agentIdleMs: 60_000,
  drainMs: 10_000,
  startGraceMs: 60_000,
  pendingBatchMs: 5000,
};

export interface LocalTown {
  readonly dataDir: string;
  url(): string;
  token(): string;
  pids(): { readonly controlPlane: number; readonly dynamodb: number };
  log(): string;
  /** Calls a route; a problem answer throws with its detail. */
  call<I extends RouteId>(
    id: I,
    input?: {
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<RouteResponse<I>>;
  /** SIGKILL of the control plane alone. */
  killControlPlane(): Promise<void>;
  /** Starts again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface LocalTownOptions {
  readonly demo?: boolean;
  readonly timings?: Partial<Timings>;
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export const startLocalTown = async (options: LocalTownOptions = {}): Promise<LocalTown> => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'gastown-town-')));
  let child: ChildProcess | undefined;
  let output = '';
  let local: z.infer<typeof localSchema> | undefined;
  const start = async (): Promise<void> => {
    const port = local === undefined ? '0' : new URL(local.url).port;
    await rm(join(dataDir, 'local.json'), { force: true });
    child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(root, 'infra/local/start.ts'),
        '--port',
        port,
        '--data',
        dataDir,
        '--no-open',
        ...(options.demo === true ? [] : ['--no-demo']),
      ],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...options.env, GASTOWN_TIMINGS: JSON.stringify({ ...shortTimings, ...options.timings }) },
      },
    );
    const take = (part: Buffer): void => {
      output += part.toString('utf8');
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    const endsAtMs = Date.now() + 90_000;
    while (Date.now() < endsAtMs) {
      if (child.exitCode !== null) throw new Error(`the town did not start:\n${output.slice(-4000)}`);
      const text = await readFile(join(dataDir, 'local.json'), 'utf8').catch(() => undefined);
      if (text !== undefined) {
        local = localSchema.parse(JSON.parse(text));
        return;
      }
      await sleep(50);
    }
    throw new Error(`the town did not start in 90 s:\n${output.slice(-4000)}`);
  };
  await start();
  const known = (): z.infer<typeof localSchema> => {
    if (local === undefined) throw new Error('the town is not running');
    return local;
  };
  const ended = (process: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      if (process.exitCode !== null || process.signalCode !== null) resolve();
      else
        process.once('exit', () => {
          resolve();
        });
    });
  return {
    dataDir,
    url: () => known().url,
    token: () => known().token,
    pids: () => ({ controlPlane: known().pid, dynamodb: known().dynamodbPid }),
    log: () => output,
    call: async (id, input = {}) => {
      const route = routes[id];
      const path = route.path.replaceAll(/\{([A-Za-z]+)\}/g, (_all, name: string) => encodeURIComponent(input.params?.[name] ?? ''));
      const query = new URLSearchParams(input.query).toString();
      const response = await fetch(`${known().url}${path}${query === '' ? '' : `?${query}`}`, {
        method: route.method,
        headers: {
          authorization: `Bearer ${known().token}`,
          ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...input.headers,
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${id}: ${response.status} ${text}`);
      return route.response.parse(JSON.parse(text)) as RouteResponse<typeof id>;
    },
    killControlPlane: async () => {
      child?.kill('SIGKILL');
      if (child !== undefined) await ended(child);
    },
    restart: start,
    stop: async () => {
      if (child !== undefined) {
        child.kill('SIGTERM');
        await Promise.race([
          ended(child),
          sleep(30_000).then(() => {
            child?.kill('SIGKILL');
          }),
        ]);
      }
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** Asks until the answer is there; the last answer is in the error. */
export const eventually = async <T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined>,
  log: () => string = () => '',
): Promise<T> => {
  const endsAtMs = Date.now() + limitMs;
  let lastError = '';
  while (Date.now() < endsAtMs) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      // A town that is being killed and restarted does not answer for a while.
      lastError = error instanceof Error ? error.message : 'unknown';
    }
    await sleep(250);
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}. ${lastError}\n${log().slice(-6000)}`);
};
