// Ports for tests: fake time, counting ids, in-memory everything, recorders for what goes outside.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { createTableSearch } from '../../functions/adapters/search/table-search.ts';
import { createPlainRemote } from '../../functions/adapters/git/plain-remote.ts';
import type { ServerFrame } from '../../functions/contracts/frames.schema.ts';
import type { Notification } from '../../functions/contracts/notification.schema.ts';
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import type { Clock, ExecutionStatus, Ids, MachineName, NotifyTarget, Ports, ProbeResult, Workflow } from '../../functions/ports.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { memoryAccounts } from './host-accounts.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
  set(ms: number): void;
}
export const fakeClock = (startMs = Date.parse('2026-11-21T10:00:00.000Z')): FakeClock => {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    set: (ms) => {
      nowMs = ms;
    },
  };
};

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const base = (value: number, digits: string, width: number): string => {
  let rest = value;
  let text = '';
  for (let place = 0; place < width; place += 1) {
    text = `${digits.charAt(rest % digits.length)}${text}`;
    rest = Math.floor(rest / digits.length);
  }
  return text;
};
/** Ids that count up: the same test makes the same ids. ULIDs carry the fake time. */
export const countingIds = (clock: Clock): Ids => {
  let count = 0;
  const next = (): number => (count += 1);
  return {
    ulid: () => `${base(clock.nowMs(), crockford, 10)}${base(next(), crockford, 16)}`,
    base36: (length) => base(next() * 46_657 + 12_345, '0123456789abcdefghijklmnopqrstuvwxyz', length),
    secret: () => `secret-${base(next(), crockford, 20)}`,
  };
};

export interface RecordedExecution {
  readonly machine: MachineName;
  readonly name: string;
  readonly input: Readonly<Record<string, string | number>>;
  status: ExecutionStatus;
}
export interface RecordingWorkflow extends Workflow {
  readonly executions: RecordedExecution[];
  readonly settled: { token: string; output: unknown }[];
  readonly failed: { token: string; error: { name: string; cause: string } }[];
}
export const recordingWorkflow = (): RecordingWorkflow => {
  const executions: RecordedExecution[] = [];
  const settled: { token: string; output: unknown }[] = [];
  const failed: { token: string; error: { name: string; cause: string } }[] = [];
  return {
    executions,
    settled,
    failed,
    start: async (machine, name, input) => {
      if (!executions.some((execution) => execution.name === name)) executions.push({ machine, name, input, status: 'running' });
    },
    status: async (_machine, name) => executions.find((execution) => execution.name === name)?.status ?? 'unknown',
    succeed: async (token, output) => {
      settled.push({ token, output });
      return 'taken';
    },
    fail: async (token, error) => {
      failed.push({ token, error });
      return 'taken';
    },
    heartbeat: async () => 'taken',
    abort: async (_machine, name) => {
      const found = executions.find((execution) => execution.name === name);
      if (found?.status === 'running') found.status = 'aborted';
    },
    removeTown: async (townId) => {
      executions.splice(0, executions.length, ...executions.filter(({ name }) => !name.startsWith(`${townId}-`)));
    },
  };
};

const hmac = (text: string): string => createHmac('sha256', 'test').update(text).digest('base64url');
const claimsSchema = z.object({ claims: z.record(z.string(), z.unknown()), endsAtMs: z.number() });

export interface FakePorts extends Ports {
  readonly clock: FakeClock;
  readonly workflow: RecordingWorkflow;
  readonly hints: string[];
  readonly alarms: { townId: string; atMs: number; generation: number }[];
  readonly frames: { connectionId: string; frame: ServerFrame }[];
  readonly starts: { townId: string; runtimeEpoch: number; bootstrapToken: string }[];
  readonly stops: string[];
  readonly notified: { target: NotifyTarget; notification: Notification }[];
  readonly measured: { values: Readonly<Record<string, number>>; facts: Readonly<Record<string, unknown>> }[];
  readonly logged: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[];
}
/** `person-<id>` is the bearer token of user `<id>`. */
export const fakePorts = (overrides: Partial<Ports> & { readonly probe?: ProbeResult } = {}): FakePorts => {
  const clock = fakeClock();
  const hints: string[] = [];
  const alarms: FakePorts['alarms'] = [];
  const frames: FakePorts['frames'] = [];
  const starts: FakePorts['starts'] = [];
  const stops: string[] = [];
  const notified: FakePorts['notified'] = [];
  const logged: FakePorts['logged'] = [];
  const measured: FakePorts['measured'] = [];
  const files = new Map<string, Uint8Array>();
  const secrets = new Map<string, string>();
  const record =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      logged.push({ level, event, fields });
    };
  const { probe, ...ports } = overrides;
  const store = ports.store ?? createMemoryStore();
  return {
    store,
    search: createTableSearch(store),
    queue: {
      hint: async (townId) => {
        hints.push(townId);
      },
    },
    alarm: {
      arm: async (wake) => {
        alarms.push(wake);
      },
      disarm: async (townId) => {
        alarms.splice(0, alarms.length, ...alarms.filter((wake) => wake.townId !== townId));
      },
    },
    runtime: {
      start: async (start) => {
        starts.push(start);
        return `runtime-${start.townId}-${start.runtimeEpoch}`;
      },
      status: async () => 'running',
      stop: async (ref) => {
        stops.push(ref);
      },
      stopTown: async () => 'gone',
      removeTown: async () => 'gone',
    },
    push: {
      send: async (connectionId, frame) => {
        frames.push({ connectionId, frame });
        return 'sent';
      },
    },
    files: {
      put: async (path, body) => {
        files.set(path, body);
      },
      get: async (path) => files.get(path),
      list: async (prefix, after = '') =>
        [...files.keys()]
          .filter((path) => path.startsWith(prefix) && path > after)
          .toSorted()
          .slice(0, 1000),
      removePrefix: async (prefix) => {
        for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
      },
    },
    secrets: {
      put: async (name, value) => {
        secrets.set(name, value);
      },
      get: async (name) => secrets.get(name),
      remove: async (name) => {
        secrets.delete(name);
      },
      removePrefix: async (prefix) => {
        for (const name of secrets.keys()) if (name.startsWith(prefix)) secrets.delete(name);
      },
    },
    tokens: {
      sign: async (claims, lifeMs) => {
        const body = Buffer.from(JSON.stringify({ claims, endsAtMs: clock.nowMs() + lifeMs })).toString('base64url');
        return `${body}.${hmac(body)}`;
      },
      verify: async (token) => {
        const [body = '', signature] = token.split('.');
        if (signature !== hmac(body)) return undefined;
        const { claims, endsAtMs } = claimsSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
        return endsAtMs > clock.nowMs() ? claims : undefined;
      },
    },
    people: {
      verify: async (token) => {
        const userId = /^person-(.+)$/.exec(token)?.[1];
        return userId === undefined ? undefined : { userId, name: `Person ${userId}`, email: `${userId}@example.com` };
      },
      signIn: async (code) =>
        code === 'good-code' ? { token: 'person-ada', userId: 'ada', expiresAtMs: clock.nowMs() + 3_600_000 } : undefined,
      identity: async (userId) => ({ name: `Person ${userId}`, email: `${userId}@example.com` }),
    },
    notifier: {
      send: async (target, notification) => {
        notified.push({ target, notification });
      },
    },
    pullRequests: createPlainRemote(),
    hostAccounts: memoryAccounts(clock),
    gitHost: { probe: async () => probe ?? { ok: true, defaultBranch: 'main', branches: ['main'], moreBranches: false } },
    ids: countingIds(clock),
    metrics: {
      record: (values, facts = {}) => {
        measured.push({ values, facts });
      },
    },
    log: { info: record('info'), warn: record('warn'), error: record('error') },
    deployment: {
      apiUrl: 'http://127.0.0.1:4400',
      wsUrl: 'ws://127.0.0.1:4400/ws',
      timings: defaultTimings,
      localRepositories: true,
      scriptedModelUrl: 'http://127.0.0.1:4499/v1',
      defaultModel: 'scripted',
    },
    ...ports,
    clock,
    workflow: recordingWorkflow(),
    hints,
    alarms,
    frames,
    starts,
    stops,
    notified,
    logged,
    measured,
  };
};
