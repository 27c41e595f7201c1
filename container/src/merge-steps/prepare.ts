// Fetches and merges a request's head onto the head of its target, in the object store only: no working tree is touched.
// The same inputs give the same commit id, so that a step that is repeated after a crash makes no second merge.
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { commitsBetween } from './commits.ts';
import { receivePackArgs } from '../git/receiving-side.ts';
import { askHost, failureOf, fetchBranch, git, GitFailed, gitOk, headRef, isAncestor, obtainCommit, originUrl } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type PreparePayload = Extract<CommandPayload, { kind: 'prepare' }>;
type PrepareResult = Extract<CommandResult, { kind: 'prepare' }>;

const maxConflictFiles = 200;
/** Refs that keep a request's commits alive in the mirror; the next prepare of the same request replaces them. */
const requestRef = (payload: PreparePayload, part: 'source' | 'target' | 'tip'): string =>
  `refs/gastown/requests/${payload.mergeRequestId}/${part}`;

const gitDate = (iso: string): string => `@${Math.floor(Date.parse(iso) / 1000)} +0000`;
const plainName = (name: string, fallback: string): string => name.replaceAll(/[<>\n]/g, '').trim() || fallback;

type MergedTree = { readonly tree: string } | { readonly conflictFiles: string[] };
const mergeTrees = async (context: StepContext, targetSha: string, headSha: string): Promise<MergedTree> => {
  const { exitCode, stdout, stderr } = await git(context, [
    'merge-tree',
    '--write-tree',
    '--name-only',
    '--no-messages',
    '-z',
    targetSha,
    headSha,
  ]);
  const [tree = '', ...files] = stdout.split('\0').filter((part) => part !== '');
  if (exitCode === 0) return { tree: tree.trim() };
  if (exitCode === 1) return { conflictFiles: [...new Set(files)].slice(0, maxConflictFiles) };
  throw failureOf('The branches could not be merged', stderr);
};

const commitTree = async (context: StepContext, payload: PreparePayload, tree: string, targetSha: string): Promise<string> => {
  const date = gitDate(payload.commitAt);
  const commit = await gitOk(
    context,
    'The merge commit could not be made',
    ['-c', 'commit.gpgSign=false', 'commit-tree', tree, '-p', targetSha, '-p', payload.headSha, '-F', '-'],
    {
      input: new TextEncoder().encode(payload.message.endsWith('\n') ? payload.message : `${payload.message}\n`),
      env: {
        GIT_AUTHOR_NAME: plainName(payload.author.name, 'Gastown'),
        GIT_AUTHOR_EMAIL: plainName(payload.author.email, 'noreply@gastown.invalid'),
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: plainName(payload.committer.name, 'Gastown'),
        GIT_COMMITTER_EMAIL: plainName(payload.committer.email, 'noreply@gastown.invalid'),
        GIT_COMMITTER_DATE: date,
      },
    },
  );
  return commit.trim();
};

/** Makes the target on the host; undefined when nothing says from what. Somebody who was faster made the same branch: theirs counts. */
const createTarget = async (context: StepContext, payload: PreparePayload): Promise<string | undefined> => {
  const { createTargetFrom, targetBranch } = payload;
  if (createTargetFrom === undefined) return undefined;
  const from = await fetchBranch(context, createTargetFrom, requestRef(payload, 'target'));
  if (from === undefined) throw new GitFailed(`The branch ${createTargetFrom}, from which ${targetBranch} is made, does not exist.`, false);
  const pushed = await askHost(context, 'push', [
    'push',
    '--quiet',
    '--no-verify',
    `--force-with-lease=${headRef(targetBranch)}:`,
    ...receivePackArgs(context.gitEnv, await originUrl(context)),
    'origin',
    `${from}:${headRef(targetBranch)}`,
  ]);
  const made = await fetchBranch(context, targetBranch, requestRef(payload, 'target'));
  if (made === undefined) throw failureOf(`The branch ${targetBranch} could not be made`, pushed.stderr);
  return made;
};

/** Throws `GitFailed`. A head that fast-forwards still gets a merge commit: it carries the request's title and trailers. */
export const prepare = async (payload: PreparePayload, context: StepContext): Promise<PrepareResult> => {
  const targetSha =
    (await fetchBranch(context, payload.targetBranch, requestRef(payload, 'target'))) ?? (await createTarget(context, payload));
  if (targetSha === undefined)
    throw new GitFailed(`The target branch ${payload.targetBranch} does not exist on the host. Create it or change the target.`, false);
  const branchSha = await fetchBranch(context, payload.branch, requestRef(payload, 'source'));
  const known = { kind: 'prepare', targetSha, conflictFiles: [], commits: [] } as const;
  if (!(await obtainCommit(context, payload.headSha))) return { ...known, conflictFiles: [], commits: [], outcome: 'source-missing' };
  const follows = payload.followBranch === true && branchSha !== undefined && (await isAncestor(context, payload.headSha, branchSha));
  const headSha = follows ? branchSha : payload.headSha;
  const followed = follows ? { headSha } : {};
  await gitOk(context, 'A ref could not be kept', ['update-ref', requestRef(payload, 'source'), headSha]);
  if (await isAncestor(context, headSha, targetSha))
    return { ...known, ...followed, conflictFiles: [], commits: [], outcome: 'already-merged', tip: targetSha };
  const commits = await commitsBetween(context, targetSha, headSha);
  const merged = await mergeTrees(context, targetSha, headSha);
  if ('conflictFiles' in merged) return { ...known, ...followed, outcome: 'conflict', conflictFiles: merged.conflictFiles, commits };
  const tip = await commitTree(context, { ...payload, headSha }, merged.tree, targetSha);
  await gitOk(context, 'A ref could not be kept', ['update-ref', requestRef(payload, 'tip'), tip]);
  return { ...known, ...followed, conflictFiles: [], outcome: 'merged', tip, commits };
};
