// Runs git and says what went wrong in git's own words.
import { runProcess } from '../process/run-process.ts';
import type { UnixUser } from '../process/run-process.ts';

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

/** Remote operations hang when a host does; nothing waits longer than this unless it says so. */
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
    const text = result.timedOut ? 'it took too long' : result.stderr.trim().split('\n').slice(-6).join('\n');
    throw new GitError(result.exitCode, `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} failed: ${text}`);
  }
  return result.stdout.toString('utf8');
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
