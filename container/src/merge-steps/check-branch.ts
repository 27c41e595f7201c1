// What the host has on a branch that somebody pushed by themselves, measured from the branch that it is meant for.
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { changedPathsArgs, changedPathsIn } from '../git/commit-log.ts';
import { commitsBetween } from './commits.ts';
import { fetchBranch, git, gitOk } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type CheckPayload = Extract<CommandPayload, { kind: 'check-branch' }>;
type Checked = Extract<CommandResult, { kind: 'check-branch' }>;

/** Throws `GitFailed`. Without `head` the branch is not there. */
export const checkBranch = async ({ branch, targetBranch, defaultBranch }: CheckPayload, context: StepContext): Promise<Checked> => {
  const head = await fetchBranch(context, branch, 'refs/gastown/branches/checked');
  const target =
    (await fetchBranch(context, targetBranch, 'refs/gastown/branches/target')) ??
    (await fetchBranch(context, defaultBranch, 'refs/gastown/branches/default'));
  if (head === undefined) return { kind: 'check-branch' };
  const base = target === undefined ? undefined : (await git(context, ['merge-base', target, head])).stdout.trim() || undefined;
  const range = base === undefined ? head : `${base}..${head}`;
  const aheadBy = Number((await gitOk(context, 'The commits could not be counted', ['rev-list', '--count', range])).trim());
  return {
    kind: 'check-branch',
    head: {
      sha: head,
      baseSha: base ?? head,
      aheadBy,
      commits: base === undefined ? [] : await commitsBetween(context, base, head),
      changedPaths: changedPathsIn((await git(context, changedPathsArgs(base, head))).stdout),
    },
  };
};
