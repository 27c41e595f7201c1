// One bare mirror per rig, written by the runner's user only. Fetches are serialised per rig; nothing is pruned or collected, because agents' clones borrow its objects.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Desired } from '../../../functions/contracts/runner.schema.ts';
import type { Locks } from '../process/locks.ts';
import { git, hostGit, tryGit } from './git.ts';
import type { GitContext } from './git.ts';
import { hostLimitsMs } from './host-command.ts';
import type { HostLimitsMs } from './host-command.ts';
import type { RunnerGit } from './runner-git.ts';

export type RunnerRig = Desired['rigs'][number];

export interface Mirrors {
  pathOf(rigId: string): string;
  rigOf(rigId: string): RunnerRig;
  setRigs(rigs: readonly RunnerRig[]): void;
  /** Makes the mirror when it is absent, and fetches unless it was fetched within `maxAgeMs`. Throws GitError. */
  fresh(rigId: string, maxAgeMs?: number): Promise<string>;
  /** Commit of a branch of the mirror or a commit id it holds; undefined when there is none. */
  resolve(rigId: string, reference: string): Promise<string | undefined>;
  /** What the host has on a branch now; undefined when the branch is absent. */
  remoteHead(rigId: string, branch: string): Promise<string | undefined>;
  /** Nobody else writes this rig's mirror meanwhile. */
  exclusively<T>(rigId: string, work: () => Promise<T>): Promise<T>;
}

export interface MirrorsOptions {
  readonly folder: string;
  readonly runnerGit: RunnerGit;
  readonly locks: Locks;
  readonly nowMs: () => number;
  readonly limitsMs?: HostLimitsMs;
}

const branchesAsTheyAre = '+refs/heads/*:refs/heads/*';

export const createMirrors = ({ folder, runnerGit, locks, nowMs, limitsMs = hostLimitsMs }: MirrorsOptions): Mirrors => {
  let rigs = new Map<string, RunnerRig>();
  const fetchedAtMs = new Map<string, number>();
  const pathOf = (rigId: string): string => join(folder, `${rigId}.git`);
  const local = (rigId: string): GitContext => ({ cwd: pathOf(rigId), env: runnerGit.localEnv });
  const rigOf = (rigId: string): RunnerRig => {
    const rig = rigs.get(rigId);
    if (rig === undefined) throw new Error(`This town has no rig ${rigId} any more.`);
    return rig;
  };
  const ask = async (cwd: string, rig: RunnerRig, kind: keyof HostLimitsMs, args: readonly string[]): Promise<string> =>
    hostGit({ cwd, env: await runnerGit.hostEnv(rig.rigId) }, { kind, url: rig.gitUrl, limitMs: limitsMs[kind] }, args);
  const exclusively: Mirrors['exclusively'] = (rigId, work) => locks(`mirror:${rigId}`, work);

  const make = async (rig: RunnerRig): Promise<void> => {
    const beside = `${pathOf(rig.rigId)}.new`;
    rmSync(beside, { recursive: true, force: true });
    const context = { cwd: folder, env: runnerGit.localEnv };
    await git(context, ['init', '--quiet', '--bare', `--initial-branch=${rig.defaultBranch}`, beside]);
    const settings = [
      ['remote.origin.url', rig.gitUrl],
      ['remote.origin.fetch', branchesAsTheyAre],
      ['gc.auto', '0'],
      ['fetch.prune', 'false'],
      ['transfer.hideRefs', 'refs/gastown'],
      ['uploadpack.allowAnySHA1InWant', 'true'],
    ] as const;
    for (const [key, value] of settings) await git({ ...context, cwd: beside }, ['config', key, value]);
    await ask(beside, rig, 'clone', ['fetch', '--quiet', 'origin']);
    renameSync(beside, pathOf(rig.rigId));
  };

  return {
    pathOf,
    rigOf,
    exclusively,
    setRigs: (next) => {
      rigs = new Map(next.map((rig) => [rig.rigId, rig]));
    },
    fresh: (rigId, maxAgeMs = 0) =>
      exclusively(rigId, async () => {
        const rig = rigOf(rigId);
        const last = fetchedAtMs.get(rigId);
        if (last !== undefined && maxAgeMs > 0 && nowMs() - last < maxAgeMs) return pathOf(rigId);
        if (!existsSync(join(pathOf(rigId), 'HEAD'))) {
          await make(rig);
        } else {
          if ((await tryGit(local(rigId), ['config', 'remote.origin.url']))?.trim() !== rig.gitUrl)
            await git(local(rigId), ['config', 'remote.origin.url', rig.gitUrl]);
          await ask(pathOf(rigId), rig, 'fetch', ['fetch', '--quiet', 'origin', branchesAsTheyAre]);
        }
        fetchedAtMs.set(rigId, nowMs());
        return pathOf(rigId);
      }),
    resolve: async (rigId, reference) => {
      for (const name of [`refs/heads/${reference}`, reference]) {
        const sha = (await tryGit(local(rigId), ['rev-parse', '--quiet', '--verify', `${name}^{commit}`]))?.trim();
        if (sha !== undefined && /^[0-9a-f]{40}$/.test(sha)) return sha;
      }
      return undefined;
    },
    remoteHead: async (rigId, branch) => {
      const text = await ask(pathOf(rigId), rigOf(rigId), 'ask', ['ls-remote', '--heads', 'origin', `refs/heads/${branch}`]);
      return text
        .split('\n')
        .map((line) => line.split('\t'))
        .find(([, name]) => name === `refs/heads/${branch}`)?.[0];
    },
  };
};
