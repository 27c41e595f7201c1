// One `opencode serve` process: start, wait until it answers, end. The port is read from the process's own output, so nobody can sit on it before.
import type { ChildProcess } from 'node:child_process';
import { startProcess } from '../process/run-process.ts';
import type { UnixUser } from '../process/run-process.ts';

export interface OpencodeServer {
  readonly pid: number;
  readonly url: string;
  /** Resolves when the process has ended, with a sentence that says how. */
  readonly exited: Promise<string>;
  /** SIGTERM, then SIGKILL after `graceMs`, to the whole process group. */
  stop(graceMs: number): Promise<void>;
}

export interface OpencodeStart {
  readonly program: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: UnixUser | undefined;
  /** Called as soon as the process exists, before it is waited for. */
  readonly onSpawn: (pid: number) => void;
  readonly startLimitMs: number;
  readonly signal: AbortSignal;
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    /* it has ended already */
  }
};

const listening = (child: ChildProcess, limitMs: number, signal: AbortSignal, output: () => string): Promise<string> =>
  new Promise((resolve, reject) => {
    const fail = (message: string): void => {
      clearTimeout(timer);
      reject(new Error(message));
    };
    const timer = setTimeout(() => fail(`opencode did not start within ${Math.round(limitMs / 1000)} s: ${output()}`), limitMs);
    signal.addEventListener('abort', () => fail('the start was called off'), { once: true });
    child.once('error', (error) => fail(`opencode could not be started: ${error.message}`));
    child.once('exit', (code, byName) => fail(`opencode ended at its start (${byName ?? `exit code ${code}`}): ${output()}`));
    child.stdout?.on('data', () => {
      const match = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output());
      if (match?.[1] === undefined) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
  });

/** Throws when the server does not come up; nothing is left running then. */
export const startOpencode = async (start: OpencodeStart): Promise<OpencodeServer> => {
  const child = startProcess({
    // Own limits for each agent: no core files, and a runaway fork loop stops at its own user.
    command: 'sh',
    args: ['-c', 'ulimit -c 0; ulimit -u 2048 2>/dev/null; exec "$0" serve --hostname 127.0.0.1 --port 0 --pure', start.program],
    cwd: start.cwd,
    env: start.env,
    user: start.user,
  });
  let text = '';
  const keep = (chunk: Buffer): void => {
    if (text.length < 4000) text += chunk.toString('utf8');
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`opencode could not be started: ${await exited}`);
  start.onSpawn(pid);
  const stop = async (graceMs: number): Promise<void> => {
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
    signalGroup(pid, 'SIGKILL');
  };
  try {
    const url = await listening(child, start.startLimitMs, start.signal, () => text.trim().slice(-600));
    return { pid, url, exited, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
};
