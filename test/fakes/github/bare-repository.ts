// A bare git repository of a test as a host sees it: real refs, real merges, no working copy.
import { execFileSync, spawnSync } from 'node:child_process';
import type { MergeMethod } from './world.ts';

export interface BareRepository {
  readonly folder: string;
  /** undefined when there is no such branch. */
  headOf(branch: string): string | undefined;
  branches(): readonly { readonly name: string; readonly sha: string }[];
  removeBranch(branch: string): boolean;
  createBranch(branch: string, sha: string): void;
  /** Commits that `base` does not have. */
  ahead(base: string, head: string): number;
  conflicts(base: string, head: string): boolean;
  /** What the head changes since it left the base, as a list of files with their unified diffs. */
  files(base: string, head: string): readonly { readonly filename: string; readonly patch: string }[];
  /** Moves the branch to the merge of `headSha` and answers the new head. Throws on a conflict. */
  merge(request: { readonly base: string; readonly headSha: string; readonly method: MergeMethod; readonly message: string }): string;
}

const identity = {
  GIT_AUTHOR_NAME: 'GitHub',
  GIT_AUTHOR_EMAIL: 'noreply@github.example',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.example',
};

export const bareRepository = (folder: string): BareRepository => {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...identity };
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'safe.directory=*', ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  /** The tree of a merge in git's own way, undefined on a conflict. */
  const mergedTree = (ours: string, theirs: string, mergeBase?: string): string | undefined => {
    const done = spawnSync(
      'git',
      ['-C', folder, 'merge-tree', '--write-tree', ...(mergeBase === undefined ? [] : [`--merge-base=${mergeBase}`]), ours, theirs],
      { encoding: 'utf8', env },
    );
    return done.status === 0 ? done.stdout.trim() : undefined;
  };
  const headOf = (branch: string): string | undefined => {
    const found = git('for-each-ref', '--format=%(objectname) %(refname)', `refs/heads/${branch}`)
      .split('\n')
      .find((line) => line.endsWith(` refs/heads/${branch}`));
    return found?.split(' ')[0];
  };
  const commitTree = (tree: string, parents: readonly string[], message: string): string =>
    git('commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message);
  const mustMerge = (tree: string | undefined): string => {
    if (tree === undefined) throw new Error('Merge conflict');
    return tree;
  };
  const rebased = (base: string, headSha: string): string => {
    const commits = git('rev-list', '--reverse', '--no-merges', `${base}..${headSha}`).split('\n');
    let tip = base;
    for (const commit of commits) {
      const message = git('log', '-1', '--format=%B', commit);
      tip = commitTree(mustMerge(mergeOnto(tip, commit)), [tip], message);
    }
    return tip;
  };
  /** git 2.39 has no --merge-base for merge-tree: the commit is put on its parent's tree by a merge with a made-up history. */
  const mergeOnto = (tip: string, commit: string): string | undefined => {
    const parent = git('rev-parse', `${commit}^`);
    const ours = commitTree(git('rev-parse', `${tip}^{tree}`), [parent], 'ours');
    return mergedTree(ours, commit);
  };
  return {
    folder,
    headOf,
    branches: () =>
      git('for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ sha: line.slice(0, 40), name: line.slice(41) })),
    removeBranch: (branch) => {
      if (headOf(branch) === undefined) return false;
      git('update-ref', '-d', `refs/heads/${branch}`);
      return true;
    },
    createBranch: (branch, sha) => {
      git('update-ref', `refs/heads/${branch}`, sha);
    },
    ahead: (base, head) => Number(git('rev-list', '--count', `${base}..${head}`)),
    conflicts: (base, head) => mergedTree(base, head) === undefined,
    files: (base, head) =>
      git('diff', '--no-color', '--no-ext-diff', `${base}...${head}`)
        .split(/^diff --git .*$/m)
        .slice(1)
        .map((text) => ({ filename: /^\+\+\+ b\/(.+)$/m.exec(text)?.[1] ?? '', patch: text.slice(Math.max(0, text.indexOf('\n@@')) + 1) })),
    merge: ({ base, headSha, method, message }) => {
      const old = headOf(base) ?? '';
      const make: Readonly<Record<MergeMethod, () => string>> = {
        merge: () => commitTree(mustMerge(mergedTree(old, headSha)), [old, headSha], message),
        squash: () => commitTree(mustMerge(mergedTree(old, headSha)), [old], message),
        rebase: () => rebased(old, headSha),
      };
      const tip = make[method]();
      git('update-ref', `refs/heads/${base}`, tip, old);
      return tip;
    },
  };
};
