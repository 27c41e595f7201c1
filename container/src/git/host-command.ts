// git commands that talk to a host. Each has a time limit and is ended with everything it started: at the limit, when it is aborted, when the runner
// leaves, and by the next runner when this one was killed.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordProcess } from '../process/process-records.ts';
import { startProcess } from '../process/run-process.ts';
import { removeState } from '../state-file.ts';

/** Milliseconds. A host that takes longer is taken for one that hangs. */
export const hostLimitsMs = { push: 120_000, fetch: 600_000, clone: 1_800_000, ask: 60_000 } as const;
export type HostLimitsMs = { readonly [Kind in keyof typeof hostLimitsMs]: number };

/** Environment variable that names the folder for process records. Not for git: it is taken out before git starts. */
export const recordsVariable = 'GASTOWN_PROCESS_RECORDS';

export interface HostCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}
export interface HostAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The last 64 KB. */
  readonly stderr: string;
  readonly timedOut: boolean;
}

const maxStdoutCharacters = 16 * 1024 * 1024;
const maxStderrCharacters = 64 * 1024;
/** How long a command may clean up (its locks, what it has half received) before it is killed. */
const graceMs = 2_000;
/** How long the output of an ended command is still read when something it left behind holds it open. */
const lingerMs = 1_000;

const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false; // it has ended already
  }
};

const endGroup = async (pid: number): Promise<void> => {
  signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < graceMs && signalGroup(pid, 0); waitedMs += 50) await sleep(50);
  signalGroup(pid, 'SIGKILL');
};

/** How long what runs may go on when the runner is asked to leave: it waits for its commands. */
const leavingMs = 5_000;
const leavingSignals = ['SIGTERM', 'SIGINT'] as const;

const running = new Map<number, () => void>();
/** Nothing asynchronous happens any more when the runner's process exits. */
const endAllNow = (): void => {
  for (const pid of running.keys()) signalGroup(pid, 'SIGTERM');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
};
const endAllSoon = (): void => {
  setTimeout(() => running.forEach((end) => end()), leavingMs).unref();
};
const watchLeaving = (): void => {
  process.once('exit', endAllNow);
  // Only where the program handles the signal itself: a first handler would take away that it ends the program.
  for (const signal of leavingSignals) if (process.listenerCount(signal) > 0) process.on(signal, endAllSoon);
};
const unwatchLeaving = (): void => {
  process.off('exit', endAllNow);
  for (const signal of leavingSignals) process.off(signal, endAllSoon);
};

const keep = (pid: number, end: () => void, records: string | undefined): (() => void) => {
  if (running.size === 0) watchLeaving();
  running.set(pid, end);
  const name = `git-${pid}`;
  if (records !== undefined) recordProcess(records, name, pid, undefined);
  return () => {
    running.delete(pid);
    if (running.size === 0) unwatchLeaving();
    if (records !== undefined) removeState(join(records, 'processes', `${name}.json`));
  };
};

/** Never throws for a non-zero exit; throws when git cannot be started. Settles after everything that was ended has gone. */
export const runHostCommand = async (command: HostCommand): Promise<HostAnswer> => {
  const { [recordsVariable]: records, ...env } = command.env;
  const child = startProcess({ command: 'git', args: command.args, cwd: command.cwd, env });
  const { pid } = child;
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  let ending: Promise<void> | undefined;
  const end = (): void => {
    if (pid !== undefined) ending ??= endGroup(pid);
  };
  const letGo = pid === undefined ? () => undefined : keep(pid, end, records);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, command.limitMs);
  command.signal?.addEventListener('abort', end, { once: true });
  if (command.signal?.aborted === true) end();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    if (stdout.length < maxStdoutCharacters) stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-maxStderrCharacters);
  });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
      child.on('exit', () => {
        setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }, lingerMs).unref();
      });
    });
    await ending;
    return { exitCode, stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
    command.signal?.removeEventListener('abort', end);
    letGo();
  }
};

/** How people call the host of an address: its name, or the last part of a path on this machine. Never userinfo. */
export const hostNameOf = (url: string): string => {
  const address = url.trim().replace(/\/+$/, '');
  const named = (/^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]*)/i.exec(address) ?? /^(?:[^/@:]*@)?([^/:]+):/.exec(address))?.[1];
  return named || address.split('/').at(-1) || 'the host';
};

/** What is said of a command that was ended at its limit. */
export const tooLate = (kind: keyof HostLimitsMs, url: string, limitMs: number): string =>
  `${hostNameOf(url)} did not ${kind === 'push' ? 'take the push' : kind === 'ask' ? 'answer' : `answer the ${kind}`} within ${Math.ceil(limitMs / 1000)} s`;
