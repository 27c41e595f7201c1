// Workspaces of agents: a shared clone per bead, made and changed only under the agent's own user (its configuration could make git run anything), and the Mayor's read copies.
import { chownSync, chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignment, Workspace } from '../../../functions/contracts/runner.schema.ts';
import type { AgentHome } from '../agents/agent-home.ts';
import { runProcess } from '../process/run-process.ts';
import type { UnixUser } from '../process/run-process.ts';
import { git, tryGit } from './git.ts';
import type { GitContext } from './git.ts';
import type { Mirrors } from './mirrors.ts';
import type { RunnerGit } from './runner-git.ts';

export interface WorkspaceOptions {
  readonly mirrors: Mirrors;
  readonly runnerGit: RunnerGit;
  /** Address of the git door, without a trailing slash. */ readonly doorUrl: () => string;
}
export interface WorkspaceRequest {
  readonly assignment: Assignment;
  readonly home: AgentHome;
  readonly user: UnixUser | undefined;
  /** The agent's whole environment. */ readonly env: Readonly<Record<string, string>>;
}

export interface Workspaces {
  /** Idempotent: an existing clone is kept with everything in it. Returns the folder. Throws GitError or a sentence. */
  prepare(request: WorkspaceRequest): Promise<string>;
  /** Brings the Mayor's read copies up to date. */
  refreshBrowse(home: AgentHome, user: UnixUser | undefined, rigIds: readonly string[]): Promise<void>;
}

type CloneWorkspace = Exclude<Workspace, { kind: 'browse' | 'none' }>;

const ownClone = async (options: WorkspaceOptions, request: WorkspaceRequest, workspace: CloneWorkspace): Promise<string> => {
  const { home, user, env } = request;
  const { bead, chain } = request.assignment;
  // The next bead of a chain builds on what has just been merged.
  const mirror = await options.mirrors.fresh(workspace.rigId, chain === undefined ? 1000 : 0);
  const name = chain?.beadId ?? bead?.beadId ?? workspace.rigId;
  const folder = join(home.work, name);
  const inWork: GitContext = { cwd: home.work, env, user };
  if (!existsSync(join(folder, '.git', 'gastown-ready'))) {
    // A half-made clone of a killed start is thrown away, under the agent's user.
    for (const path of [`${name}.new`, name]) await runProcess({ command: 'rm', args: ['-rf', '--', path], cwd: home.work, env, user });
    await git(inWork, ['clone', '--quiet', '--shared', '--no-checkout', mirror, `${name}.new`]);
    await checkOut(options, { cwd: join(home.work, `${name}.new`), env, user }, workspace);
    await runProcess({
      command: 'sh',
      args: ['-c', 'touch "$0.new/.git/gastown-ready" && mv "$0.new" "$0"', name],
      cwd: home.work,
      env,
      user,
    });
  } else if (workspace.kind === 'detached') {
    await git({ cwd: folder, env, user }, ['checkout', '--quiet', '--force', '--detach', workspace.sha]);
  } else {
    await tryGit({ cwd: folder, env, user }, ['fetch', '--quiet', mirror, '+refs/heads/*:refs/remotes/origin/*']);
    await switchTo(options, { cwd: folder, env, user }, workspace);
    // Somebody else's push to this branch is taken over when nothing of our own stands in the way.
    await tryGit({ cwd: folder, env, user }, ['merge', '--quiet', '--ff-only', `refs/remotes/origin/${workspace.branch}`]);
  }
  await setRemote(options, { cwd: folder, env, user }, workspace);
  return folder;
};

const checkOut = async (options: WorkspaceOptions, context: GitContext, workspace: CloneWorkspace): Promise<void> => {
  if (workspace.kind === 'detached') {
    await git(context, ['checkout', '--quiet', '--force', '--detach', workspace.sha]);
    return;
  }
  const { mirrors } = options;
  const start =
    (await mirrors.resolve(workspace.rigId, workspace.branch)) ??
    (await mirrors.resolve(workspace.rigId, workspace.startPoint)) ??
    (await mirrors.resolve(workspace.rigId, mirrors.rigOf(workspace.rigId).defaultBranch));
  // A repository without any commit yet: the first commit makes the branch.
  if (start === undefined) await git(context, ['symbolic-ref', 'HEAD', `refs/heads/${workspace.branch}`]);
  else await git(context, ['checkout', '--quiet', '--no-track', '-B', workspace.branch, start]);
};

/** The folder of an earlier bead of a chain goes to the branch of the next one. What git does not track stays; what was changed and not committed is put aside. */
const switchTo = async (
  options: WorkspaceOptions,
  context: GitContext,
  workspace: Extract<Workspace, { kind: 'branch' }>,
): Promise<void> => {
  const head = (await tryGit(context, ['symbolic-ref', '--quiet', 'HEAD']))?.trim();
  // Detached: the agent itself went elsewhere on its present bead, whose branch is there.
  const isThere = (await tryGit(context, ['show-ref', '--verify', '--quiet', `refs/heads/${workspace.branch}`])) !== undefined;
  if (head === `refs/heads/${workspace.branch}` || (head === undefined && isThere)) return;
  if ((await tryGit(context, ['status', '--porcelain', '--untracked-files=no']))?.trim() !== '')
    await tryGit(context, ['stash', 'push', '--quiet', '--message', `left before ${workspace.branch}`]);
  if (isThere) await git(context, ['checkout', '--quiet', '--force', workspace.branch, '--']);
  else await checkOut(options, context, workspace);
};

const setRemote = async (options: WorkspaceOptions, context: GitContext, workspace: CloneWorkspace): Promise<void> => {
  const settings: [string, string][] = [['remote.origin.url', `${options.doorUrl()}/${workspace.rigId}.git`]];
  if (workspace.kind === 'branch') {
    // Plain `git push`, also from a detached HEAD, goes to the assigned branch.
    settings.push(
      ['remote.origin.push', `HEAD:refs/heads/${workspace.branch}`],
      [`branch.${workspace.branch}.remote`, 'origin'],
      [`branch.${workspace.branch}.merge`, `refs/heads/${workspace.branch}`],
    );
  }
  for (const [key, value] of settings) await git(context, ['config', key, value]);
};

const folderNameOf = (name: string, rigId: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '') || rigId;

export const createWorkspaces = (options: WorkspaceOptions): Workspaces => {
  const { mirrors, runnerGit } = options;
  const refreshBrowse: Workspaces['refreshBrowse'] = async (home, user, rigIds) => {
    const town = join(home.folder, 'browse');
    mkdirSync(town, { recursive: true });
    if (user !== undefined) {
      chownSync(town, 0, user.gid);
      chmodSync(town, 0o750);
    }
    // A repository of its own, so that nothing above it is taken for the project.
    if (!existsSync(join(town, '.git'))) await git({ cwd: town, env: runnerGit.localEnv }, ['init', '--quiet']);
    const names = new Set<string>(['.git']);
    for (const rigId of rigIds) {
      const rig = mirrors.rigOf(rigId);
      const mirror = await mirrors.fresh(rigId, 2000);
      const base = folderNameOf(rig.name, rigId);
      const name = names.has(base) ? `${base}-${rigId}` : base;
      names.add(name);
      const folder = join(town, name);
      const env = runnerGit.localEnv;
      if (!existsSync(join(folder, '.git'))) {
        rmSync(`${folder}.new`, { recursive: true, force: true });
        await git({ cwd: town, env }, ['clone', '--quiet', '--shared', '--no-checkout', mirror, `${folder}.new`]);
        renameSync(`${folder}.new`, folder);
      }
      const head = await mirrors.resolve(rigId, rig.defaultBranch);
      if (head !== undefined) {
        await git({ cwd: folder, env }, ['fetch', '--quiet', mirror, '+refs/heads/*:refs/remotes/origin/*']);
        await git({ cwd: folder, env }, ['checkout', '--quiet', '--force', '--detach', head]);
      }
    }
    for (const name of readdirSync(town)) if (!names.has(name)) rmSync(join(town, name), { recursive: true, force: true });
  };
  return {
    refreshBrowse,
    prepare: async (request) => {
      const { workspace } = request.assignment;
      if (workspace.kind !== 'browse' && workspace.kind !== 'none') return ownClone(options, request, workspace);
      // A role that only decides has the same folder with nothing in it.
      if (workspace.kind === 'none') await refreshBrowse(request.home, request.user, []);
      return join(request.home.folder, 'browse');
    },
  };
};
