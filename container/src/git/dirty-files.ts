// How much of an agent's work is in no commit. Run as the agent's own user, because what lies in its clone can make git run programs.
import { tryGit } from './git.ts';
import type { GitContext } from './git.ts';

const limitMs = 10_000;

/** Files that are changed or new and not committed; undefined when git cannot say. */
export const dirtyFilesIn = async (context: GitContext): Promise<number | undefined> => {
  const listed = await tryGit({ ...context, timeoutMs: limitMs }, ['status', '--porcelain', '--untracked-files=all']);
  return listed?.split('\n').filter((line) => line !== '').length;
};
