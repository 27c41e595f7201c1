// Runs one program to its end, optionally as another Unix user, and starts long-lived ones. Knows nothing of agents.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface UnixUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs as this user through setpriv, without a way to gain rights. Absent: the runner's own user. */
  readonly user?: UnixUser | undefined;
}

const asUser = (request: ProcessRequest): { command: string; args: string[] } => {
  if (request.user === undefined) return { command: request.command, args: [...request.args] };
  const { uid, gid } = request.user;
  return {
    command: 'setpriv',
    args: [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--no-new-privs',
      '--inh-caps=-all',
      '--',
      request.command,
      ...request.args,
    ],
  };
};

/** Starts a program in a process group of its own, so that it can be ended with everything it started. */
export const startProcess = (request: ProcessRequest): ChildProcess => {
  const { command, args } = asUser(request);
  return spawn(command, args, { cwd: request.cwd, env: { ...request.env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
};

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly timedOut: boolean;
}
export interface RunOptions {
  readonly input?: Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly maxOutputBytes?: number;
}

/** Never throws for a non-zero exit; throws when the program cannot be started. Kills the whole group on time-out or abort. */
export const runProcess = (request: ProcessRequest, options: RunOptions = {}): Promise<ProcessResult> => {
  const { command, args } = asUser(request);
  const maxBytes = options.maxOutputBytes ?? 64 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: request.cwd, env: { ...request.env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let outBytes = 0;
    let err = '';
    let timedOut = false;
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        /* it has ended already */
      }
    };
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            end();
          }, options.timeoutMs);
    options.signal?.addEventListener('abort', end, { once: true });
    if (options.signal?.aborted === true) end();
    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length;
      if (outBytes <= maxBytes) out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (err.length < 64 * 1024) err += chunk.toString('utf8');
    });
    child.stdin.on('error', () => {
      /* the program closed its input early; its exit code says why */
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', end);
      resolve({ exitCode, stdout: Buffer.concat(out), stderr: err, timedOut });
    });
    child.stdin.end(options.input);
  });
};
