// Reads the commits of a request in the mirror.
import type { Commit } from '../../../functions/contracts/commit.schema.ts';
import { commitLogArgs, parseCommitLog } from '../git/commit-log.ts';
import { gitOk } from './mirror.ts';
import type { StepContext } from './mirror.ts';

/** Commits of `head` that `base` does not have, newest first, at most 50. */
export const commitsBetween = async (context: StepContext, base: string, head: string): Promise<Commit[]> =>
  parseCommitLog(await gitOk(context, 'The commits could not be listed', commitLogArgs(`${base}..${head}`, '--no-merges')));
