// Branches that the town made on the host: lists them with what the default branch does not have yet, and removes those that are named, each only
// where it still stands at the commit that was looked at.
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { receivePackArgs } from '../git/receiving-side.ts';
import { askHost, failureOf, fetchBranch, git, headRef, obtainCommit, originUrl } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type ListPayload = Extract<CommandPayload, { kind: 'list-branches' }>;
type DeletePayload = Extract<CommandPayload, { kind: 'delete-branches' }>;
type Listed = Extract<CommandResult, { kind: 'list-branches' }>;
type Deleted = Extract<CommandResult, { kind: 'delete-branches' }>;

/** Name and commit of the town's own branches on the host. Nobody else's are ever looked at. */
const ownBranches = async (context: StepContext): Promise<{ name: string; sha: string }[]> => {
  const { exitCode, stdout, stderr } = await askHost(context, 'ask', [
    'ls-remote',
    '--heads',
    'origin',
    'refs/heads/gt/*',
    'refs/heads/convoy/*',
  ]);
  if (exitCode !== 0) throw failureOf('The branches could not be read', stderr);
  return stdout
    .split('\n')
    .map((line) => /^([0-9a-f]{40})\trefs\/heads\/((?:gt|convoy)\/\S+)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [{ sha: match[1] ?? '', name: match[2] ?? '' }]));
};

/** Commits of the branch that the default branch does not have. */
const unmergedIn = async (context: StepContext, sha: string, target: string): Promise<number | undefined> => {
  if (!(await obtainCommit(context, sha))) return undefined;
  const { exitCode, stdout } = await git(context, ['rev-list', '--count', sha, '--not', target]);
  return exitCode === 0 ? Number(stdout.trim()) : undefined;
};

/** Throws `GitFailed`. A branch whose history cannot be read is left out: nobody can say what its removal would lose. */
export const listBranches = async ({ defaultBranch, limit }: ListPayload, context: StepContext): Promise<Listed> => {
  const target = await fetchBranch(context, defaultBranch, 'refs/gastown/branches/default');
  if (target === undefined) return { kind: 'list-branches', branches: [] };
  const branches: Listed['branches'] = [];
  for (const { name, sha } of (await ownBranches(context)).slice(0, limit)) {
    const unmerged = await unmergedIn(context, sha, target);
    if (unmerged !== undefined) branches.push({ name, sha, unmerged });
  }
  return { kind: 'list-branches', branches };
};

/** Throws `GitFailed` when the host cannot be asked. Doing it twice is harmless: what is gone counts as removed. */
export const deleteBranches = async ({ defaultBranch, branches }: DeletePayload, context: StepContext): Promise<Deleted> => {
  const wanted = branches.filter(({ name }) => /^(gt|convoy)\//.test(name) && name !== defaultBranch);
  const url = await originUrl(context);
  for (const { name, sha } of wanted) {
    await askHost(context, 'push', [
      'push',
      '--porcelain',
      '--no-verify',
      `--force-with-lease=${headRef(name)}:${sha}`,
      ...receivePackArgs(context.gitEnv, url),
      'origin',
      `:${headRef(name)}`,
    ]);
  }
  // Whatever git said, the host's branches are the truth.
  const left = new Set((await ownBranches(context)).map(({ name }) => name));
  return {
    kind: 'delete-branches',
    deleted: wanted.map(({ name }) => name).filter((name) => !left.has(name)),
    kept: branches.map(({ name }) => name).filter((name) => left.has(name) || !wanted.some((each) => each.name === name)),
  };
};
