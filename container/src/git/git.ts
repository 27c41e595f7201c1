// Runs git and says what went wrong in git's own words.
import { runProcess } from '../process/run-process.ts';
import type { UnixUser } from '../process/run-process.ts';
import { runHostCommand, tooLate } from './host-command.ts';
import type { HostLimitsMs } from './host-command.ts';

/** git ended with an error; the message is git's own last lines. Retryable when the remote was the reason. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number | null;
  constructor(exitCode: number | null, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface GitContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user?: UnixUser | undefined;
  readonly timeoutMs?: number;
}

/** For work on local repositories. */
const defaultLimitMs = 10 * 60_000;

export const git = async (context: GitContext, args: readonly string[], input?: string | Uint8Array): Promise<string> => {
  const result = await runProcess(
    { command: 'git', args, cwd: context.cwd, env: context.env, user: context.user },
    {
      timeoutMs: context.timeoutMs ?? defaultLimitMs,
      ...(input === undefined ? {} : { input: typeof input === 'string' ? Buffer.from(input) : input }),
    },
  );
  if (result.exitCode !== 0) {
    throw failed(args, result.exitCode, result.timedOut ? 'it took too long' : result.stderr);
  }
  return result.stdout.toString('utf8');
};

const failed = (args: readonly string[], exitCode: number | null, text: string): GitError =>
  new GitError(exitCode, `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} failed: ${text.trim().split('\n').slice(-6).join('\n')}`);

export interface HostCall {
  readonly kind: keyof HostLimitsMs;
  readonly url: string;
  readonly limitMs: number;
}
/** As git(), for what talks to the host at `url`: ended with everything it started at the limit, which the error names. */
export const hostGit = async (context: GitContext, call: HostCall, args: readonly string[]): Promise<string> => {
  const { cwd, env } = context;
  const result = await runHostCommand({ args, cwd, env, limitMs: call.limitMs });
  if (result.timedOut) throw new GitError(null, tooLate(call.kind, call.url, call.limitMs));
  if (result.exitCode !== 0) throw failed(args, result.exitCode, result.stderr);
  return result.stdout;
};

/** As git(), with undefined instead of an error. */
export const tryGit = async (context: GitContext, args: readonly string[]): Promise<string | undefined> => {
  try {
    return await git(context, args);
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
};
