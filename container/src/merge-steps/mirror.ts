// Git in a rig's bare mirror: one command at a time, failures classified for people. Knows nothing of beads or agents.
import { hostLimitsMs, runHostCommand, tooLate } from '../git/host-command.ts';
import type { HostLimitsMs } from '../git/host-command.ts';
import { runProcess } from '../process/run-process.ts';
import type { RunOptions, UnixUser } from '../process/run-process.ts';

/** What a rig's gates start. They run code that nobody has reviewed, so nothing of one gate may live on beside the next. */
export interface GateProcesses {
  /** Variables by which the processes are known. */
  readonly environment: Readonly<Record<string, string>>;
  started(pid: number): void;
  endAll(): Promise<void>;
}

export interface StepContext {
  /** Bare mirror whose remote `origin` is the host. Refs under `refs/gastown/` are ours and must survive its fetches. */
  readonly mirrorPath: string;
  /** Folder for checkouts of this command; made and emptied by the caller. */
  readonly workDir: string;
  /** Environment of git: PATH, and what gives it the host's credentials. Never reaches a gate. */
  readonly gitEnv: Readonly<Record<string, string>>;
  /** Gates run as this user; absent: as the runner. Nobody else's processes do. */
  readonly shellUser?: UnixUser | undefined;
  /** Every process that a gate leaves is ended through this; absent: its process group only. */
  readonly gateProcesses?: GateProcesses | undefined;
  /** Ends the command early: every process that it started is killed. */
  readonly signal: AbortSignal;
  /** How long the host may take; absent: the runner's own limits. */
  readonly limitsMs?: HostLimitsMs | undefined;
}

/** Git said no. `retryable` is false when trying again cannot help (bad credential, missing repository, refused by a rule of the host). */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

const permanent = [
  /authentication failed/i,
  /could not read (username|password)/i,
  /permission (to .* )?denied/i,
  /access denied/i,
  /repository .*not found/i,
  /does not appear to be a git repository/i,
  /pre-receive hook declined/i,
  /protected branch/i,
  /hook declined/i,
  /requested url returned error: 40[134]/i,
  /unrelated histories/i,
  /deny updating/i,
];
/** Trying again helps unless the host gave one of its final answers. */
const isRetryable = (text: string): boolean => !permanent.some((pattern) => pattern.test(text));

/** Userinfo in URLs is a secret. */
const withoutSecrets = (text: string): string => text.replaceAll(/\/\/[^/@\s]+@/g, '//');
export const failureOf = (what: string, stderr: string): GitFailed =>
  new GitFailed(`${what}: ${withoutSecrets(stderr).trim().slice(-1500) || 'git gave no reason'}`, isRetryable(stderr));

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
export interface GitAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const settings = ['-c', 'core.quotePath=false', '-c', 'gc.auto=0'] as const;
const envOf = (context: StepContext): Record<string, string> => ({
  PATH: defaultPath,
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  HOME: context.workDir,
  ...context.gitEnv,
});
const stopWhenAborted = (context: StepContext): void => {
  if (context.signal.aborted) throw new GitFailed('the command was ended before it was done', true);
};

/** Runs git in the mirror. Throws only when git cannot be started or the command was ended early. */
export const git = async (
  context: StepContext,
  args: readonly string[],
  options: Omit<RunOptions, 'signal'> & { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<GitAnswer> => {
  const { env, cwd, ...rest } = options;
  const result = await runProcess(
    { command: 'git', args: [...settings, ...args], cwd: cwd ?? context.mirrorPath, env: { ...envOf(context), ...env } },
    { ...rest, signal: context.signal },
  );
  stopWhenAborted(context);
  return { exitCode: result.exitCode, stdout: result.stdout.toString('utf8'), stderr: result.stderr };
};

export const originUrl = async (context: StepContext): Promise<string> =>
  (await git(context, ['config', '--get', 'remote.origin.url'])).stdout.trim();

/** Like `git`, for what talks to the host: at its time limit everything that it started is ended, and `stderr` says so in a sentence. */
export const askHost = async (context: StepContext, kind: keyof HostLimitsMs, args: readonly string[]): Promise<GitAnswer> => {
  const limitMs = (context.limitsMs ?? hostLimitsMs)[kind];
  const { signal, mirrorPath } = context;
  const result = await runHostCommand({ args: [...settings, ...args], cwd: mirrorPath, env: envOf(context), limitMs, signal });
  stopWhenAborted(context);
  return result.timedOut ? { exitCode: null, stdout: '', stderr: tooLate(kind, await originUrl(context), limitMs) } : result;
};

/** Like `git`, and throws `GitFailed` for a non-zero exit. Answers standard output. */
export const gitOk = async (
  context: StepContext,
  what: string,
  args: readonly string[],
  options: Parameters<typeof git>[2] = {},
): Promise<string> => {
  const { exitCode, stdout, stderr } = await git(context, args, options);
  if (exitCode !== 0) throw failureOf(what, stderr);
  return stdout;
};

export const headRef = (branch: string): string => `refs/heads/${branch}`;

/** Fetches a branch into a ref of ours and answers its commit. Undefined when the host does not have it. */
export const fetchBranch = async (context: StepContext, branch: string, into: string): Promise<string | undefined> => {
  const { exitCode, stderr } = await askHost(context, 'fetch', [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    'origin',
    `+${headRef(branch)}:${into}`,
  ]);
  if (exitCode !== 0) {
    if (/couldn't find remote ref/i.test(stderr)) return undefined;
    throw failureOf(`Branch ${branch} could not be fetched`, stderr);
  }
  return (await gitOk(context, 'A fetched branch could not be read', ['rev-parse', '--verify', into])).trim();
};

export const hasCommit = async (context: StepContext, sha: string): Promise<boolean> =>
  (await git(context, ['cat-file', '-e', `${sha}^{commit}`])).exitCode === 0;

/** Whether `ancestor` is `descendant` or lies before it. Both must be in the mirror. */
export const isAncestor = async (context: StepContext, ancestor: string, descendant: string): Promise<boolean> => {
  const { exitCode, stderr } = await git(context, ['merge-base', '--is-ancestor', ancestor, descendant]);
  if (exitCode === 0) return true;
  if (exitCode === 1) return false;
  throw failureOf('The history could not be read', stderr);
};

/** Makes a commit known in the mirror: there already, or fetched by its id where the host allows that. */
export const obtainCommit = async (context: StepContext, sha: string): Promise<boolean> => {
  if (await hasCommit(context, sha)) return true;
  await askHost(context, 'fetch', ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', 'origin', sha]);
  return hasCommit(context, sha);
};
