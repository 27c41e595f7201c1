// Repositories as a machine sees them: paths and ssh through git itself, http(s) through the probe that AWS uses too.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { GitHost, ProbeResult } from '../../../functions/ports.ts';

const run = promisify(execFile);
const timeoutMs = 20_000;
const git = async (args: readonly string[]): Promise<{ ok: true; text: string } | { ok: false; text: string }> => {
  try {
    const { stdout } = await run('git', [...args], {
      timeout: timeoutMs,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '/',
        GIT_TERMINAL_PROMPT: '0',
        // A new host is accepted and a changed one refused, as the runner's git does it; the person's ssh agent may hold the key.
        GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=10',
        ...(process.env.SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK: process.env.SSH_AUTH_SOCK }),
        LC_ALL: 'C',
      },
    });
    return { ok: true, text: stdout.trim() };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
    return { ok: false, text: stderr === '' ? `git did not answer within ${timeoutMs / 1000} s` : stderr };
  }
};
/** What git says first is the cause; what follows is advice. Known-host notices come before it. */
const cause = (text: string): string => {
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.find((said) => said !== '' && !/^warning:/i.test(said)) ?? '';
  return line.replace(/^(?:fatal|error|ssh): /i, '').replace(/\.$/, '');
};

/** A HEAD that names no branch (a bare repository made before its first push came) counts for nothing: then the first branch. */
const branchesFound = (names: readonly string[], head: string | undefined): ProbeResult => {
  const branches = names.filter((name) => name !== '');
  const defaultBranch =
    head !== undefined && branches.includes(head) ? head : (branches.find((name) => name === 'main') ?? branches[0] ?? 'main');
  return { ok: true, defaultBranch, branches, moreBranches: false };
};

const probePath = async (path: string): Promise<ProbeResult> => {
  const folder = await git(['-C', path, 'rev-parse', '--is-bare-repository']);
  if (!folder.ok)
    return { ok: false, reason: 'not-found', message: `${path} is not a git repository that can be read here: ${cause(folder.text)}` };
  if (folder.text !== 'true') {
    const deny = await git(['-C', path, 'config', '--get', 'receive.denyCurrentBranch']);
    if (!deny.ok || !['updateInstead', 'ignore', 'warn', 'false'].includes(deny.text)) {
      return {
        ok: false,
        reason: 'read-only',
        message: `${path} is a working copy, and git refuses a push to its checked-out branch. Connect a bare repository, or allow it with: git -C ${path} config receive.denyCurrentBranch updateInstead`,
      };
    }
  }
  const gitDir = await git(['-C', path, 'rev-parse', '--absolute-git-dir']);
  try {
    await access(gitDir.text, constants.W_OK);
  } catch {
    return { ok: false, reason: 'read-only', message: `${path} can be read but not written by this user; merges could not be pushed.` };
  }
  const [head, heads] = await Promise.all([
    git(['-C', path, 'symbolic-ref', '--short', 'HEAD']),
    git(['-C', path, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']),
  ]);
  return branchesFound(heads.text.split('\n'), head.ok ? head.text : undefined);
};

const probeSsh = async (url: string): Promise<ProbeResult> => {
  const answer = await git(['ls-remote', '--symref', url, 'HEAD', 'refs/heads/*']);
  if (answer.ok) {
    const names = [...answer.text.matchAll(/^[0-9a-f]+\s+refs\/heads\/(\S+)$/gm)].map((match) => match[1] ?? '');
    return branchesFound(names, /^ref: refs\/heads\/(\S+)\s+HEAD/m.exec(answer.text)?.[1]);
  }
  if (/permission denied|publickey|authentication/i.test(answer.text))
    return { ok: false, reason: 'unauthorised', message: `The host refused this machine's ssh key: ${cause(answer.text)}` };
  if (/not found|does not exist|not appear to be a git/i.test(answer.text))
    return { ok: false, reason: 'not-found', message: `There is no such repository: ${cause(answer.text)}` };
  return { ok: false, reason: 'unreachable', message: `The repository cannot be reached: ${cause(answer.text)}` };
};

/** `probeHttp` asks http(s) repositories. */
export const createLocalGitHost = (probeHttp: GitHost['probe']): GitHost => ({
  probe: (gitUrl, credential) => {
    if (gitUrl.startsWith('/')) return probePath(gitUrl);
    if (gitUrl.startsWith('file://')) return probePath(fileURLToPath(gitUrl));
    return /^https?:/.test(gitUrl) ? probeHttp(gitUrl, credential) : probeSsh(gitUrl);
  },
});
