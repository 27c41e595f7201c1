// One push of an agent, from "may I" to "the host has it and the control plane knows". Nothing here believes the agent: the runner receives into a repository
// of its own, checks, pushes upstream with a credential that only it has, and reads back what is there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PushCheckRequest } from '../../../functions/contracts/runner.schema.ts';
import { messageOf } from '../log.ts';
import type { RunnerLog } from '../log.ts';
import { readState, removeState, writeState } from '../state-file.ts';
import { changedPathsArgs, changedPathsIn, commitLogArgs, parseCommitLog } from './commit-log.ts';
import { git, GitError, hostGit, tryGit } from './git.ts';
import type { GitContext } from './git.ts';
import { hostLimitsMs } from './host-command.ts';
import type { Mirrors } from './mirrors.ts';
import { receivePackArgs } from './receiving-side.ts';
import type { RunnerGit } from './runner-git.ts';

/** Who pushes what: from the agent's secret, never from the request. */
export interface Pusher {
  readonly agentId: string;
  readonly epoch: number;
  readonly beadId: string | undefined;
  readonly rigId: string;
  readonly branch: string;
  /** Branch that the work is meant for, to count how far ahead the push is; the rig's default branch when it is none of the mirror's. */
  readonly startPoint: string;
  /** `Key: value` lines that each new commit must carry. */
  readonly trailers: readonly string[];
}

/** The push is refused; the sentence is for the agent. */
export class PushRefusedError extends Error {
  override readonly name = 'PushRefusedError';
}

export interface Pushes {
  /** The repository that receives this agent's push, showing the assigned branch as the host has it. */
  prepare(pusher: Pusher): Promise<string>;
  /** May this branch be set to `sha`? Throws PushRefusedError; also when the control plane cannot be asked. */
  check(pusher: Pusher, sha: string): Promise<void>;
  /** `sha` lies in the receiving repository: checks it, brings it to the host and the mirror, tells the control plane. */
  deliver(pusher: Pusher, sha: string): Promise<void>;
  /** Tells the control plane about a push that reached the host before the runner could say so. Never throws: what cannot be told now is told later. */
  finishInterrupted(pusher: Pusher): Promise<void>;
}

export interface PushesOptions {
  readonly own: string;
  readonly incoming: string;
  readonly mirrors: Mirrors;
  readonly runnerGit: RunnerGit;
  readonly log: RunnerLog;
  /** Throws when the control plane cannot be reached within the given time. */
  readonly pushCheck: (request: PushCheckRequest, patienceMs: number) => Promise<{ allowed: boolean; reason: string }>;
  /** How long the host may take over a push. */
  readonly pushLimitMs?: number;
}
type After = Extract<PushCheckRequest, { phase: 'after' }>;

const beforePatienceMs = 8_000;
const afterPatienceMs = 25_000;
const pendingSchema = z.object({ beadId: z.string().optional(), rigId: z.string(), branch: z.string(), sha: z.string() });

/** The receiving repository takes new commits on top of what is there, whole and well-formed, and nothing else. */
const receiverConfig = `[core]
\trepositoryformatversion = 0
\tbare = true
[receive]
\tdenyDeletes = true
\tdenyNonFastForwards = true
\tfsckObjects = true
\tautogc = false
\tmaxInputSize = 536870912
[gc]
\tauto = 0
`;

export const createPushes = (options: PushesOptions): Pushes => {
  const { mirrors, runnerGit, log } = options;
  const folderOf = (pusher: Pusher): string => join(options.incoming, `${pusher.agentId}-${pusher.rigId}.git`);
  const pendingPath = (pusher: Pusher): string => join(options.own, 'pushes', `${pusher.agentId}.json`);
  const local = (cwd: string): GitContext => ({ cwd, env: runnerGit.localEnv });

  const ask = async (request: PushCheckRequest, patienceMs: number): Promise<void> => {
    let answer: { allowed: boolean; reason: string };
    try {
      answer = await options.pushCheck(request, patienceMs);
    } catch (error) {
      throw new PushRefusedError(
        `The control plane could not be asked about this push, so it is not accepted now (${messageOf(error)}). Push again in a minute.`,
      );
    }
    if (!answer.allowed) throw new PushRefusedError(answer.reason);
  };

  const prepare: Pushes['prepare'] = async (pusher) => {
    const folder = folderOf(pusher);
    const mirror = await mirrors.fresh(pusher.rigId, 1000);
    if (!existsSync(join(folder, 'HEAD'))) {
      mkdirSync(folder, { recursive: true });
      await git(local(options.incoming), ['init', '--quiet', '--bare', folder]);
    }
    writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(mirror, 'objects')}\n`);
    writeFileSync(join(folder, 'config'), receiverConfig);
    const head = await mirrors.remoteHead(pusher.rigId, pusher.branch);
    const refs = (await git(local(folder), ['for-each-ref', '--format=%(refname)'])).split('\n').filter((ref) => ref !== '');
    for (const ref of refs) await git(local(folder), ['update-ref', '-d', ref]);
    if (head !== undefined) await git(local(folder), ['update-ref', `refs/heads/${pusher.branch}`, head]);
    return folder;
  };

  const requireTrailers = async (pusher: Pusher, folder: string, sha: string): Promise<void> => {
    if (pusher.trailers.length === 0) return;
    const known = (await git(local(mirrors.pathOf(pusher.rigId)), ['for-each-ref', '--format=^%(objectname)', 'refs/heads']))
      .split('\n')
      .filter((line) => line !== '');
    const text = await git(local(folder), ['log', '-z', '--format=%H%x00%B', '--stdin'], `${sha}\n${known.join('\n')}\n`);
    const parts = text.split('\0');
    for (let at = 0; at + 2 <= parts.length; at += 2) {
      const [commit = '', message = ''] = parts.slice(at, at + 2);
      const missing = pusher.trailers.find((trailer) => !message.includes(trailer.trim()));
      if (missing === undefined) continue;
      throw new PushRefusedError(
        `Commit ${commit.slice(0, 12)} lacks the line "${missing}", which the town's commit hook adds. Commit with the hook on (git commit --amend --no-edit for the newest; git rebase --exec for older ones) and push again.`,
      );
    }
  };

  /** What the control plane will be told, read in a repository that has the commits. Before the push, so that nothing is left to fail after it. */
  const reportOf = async (pusher: Pusher, sha: string, folder: string): Promise<After> => {
    const context = local(folder);
    const target =
      (await mirrors.resolve(pusher.rigId, `refs/heads/${pusher.startPoint}`)) ??
      (await mirrors.resolve(pusher.rigId, mirrors.rigOf(pusher.rigId).defaultBranch));
    const base = target === undefined ? undefined : (await tryGit(context, ['merge-base', target, sha]))?.trim();
    const range = base === undefined ? sha : `${base}..${sha}`;
    return {
      phase: 'after',
      agentId: pusher.agentId,
      epoch: pusher.epoch,
      rigId: pusher.rigId,
      branch: pusher.branch,
      sha,
      // Without any common commit (an empty repository) the push is measured from itself.
      baseSha: base ?? sha,
      aheadBy: Number((await git(context, ['rev-list', '--count', range])).trim()),
      commits: parseCommitLog(await git(context, commitLogArgs(range))),
      changedPaths: changedPathsIn((await tryGit(context, changedPathsArgs(base, sha))) ?? ''),
    };
  };

  const tell = async (pusher: Pusher, report: After): Promise<void> => {
    await ask(report, afterPatienceMs);
    removeState(pendingPath(pusher));
  };

  /** The host's head decides, whatever git said: an answer may be lost, or come too late, after the host took the push. */
  const pushUpstream = async (pusher: Pusher, sha: string, expectedOld: string | undefined): Promise<void> => {
    const { gitUrl } = mirrors.rigOf(pusher.rigId);
    const ref = `refs/heads/${pusher.branch}`;
    const env = await runnerGit.hostEnv(pusher.rigId);
    const lease = `--force-with-lease=${ref}:${expectedOld ?? ''}`;
    try {
      await hostGit({ cwd: folderOf(pusher), env }, { kind: 'push', url: gitUrl, limitMs: options.pushLimitMs ?? hostLimitsMs.push }, [
        'push',
        '--quiet',
        lease,
        ...receivePackArgs(env, gitUrl),
        gitUrl,
        `${sha}:${ref}`,
      ]);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const head = await mirrors.remoteHead(pusher.rigId, pusher.branch).catch(() => undefined);
      // No exit code: it was ended at its time limit, and the host may take it yet.
      if (head !== sha)
        throw error.exitCode === null ? new PushRefusedError(`${error.message}. Push again to see whether it took it later.`) : error;
      log.warn('push_answer_lost', { agentId: pusher.agentId, rigId: pusher.rigId, branch: pusher.branch, sha, error: messageOf(error) });
    }
  };

  const intoMirror = (pusher: Pusher, from: string, sha: string): Promise<void> =>
    mirrors.exclusively(pusher.rigId, async () => {
      await git(local(mirrors.pathOf(pusher.rigId)), ['fetch', '--quiet', from, `+${sha}:refs/heads/${pusher.branch}`]);
    });

  return {
    prepare,
    check: (pusher, sha) =>
      ask(
        { phase: 'before', agentId: pusher.agentId, epoch: pusher.epoch, rigId: pusher.rigId, branch: pusher.branch, sha },
        beforePatienceMs,
      ),
    deliver: async (pusher, sha) => {
      const folder = folderOf(pusher);
      await requireTrailers(pusher, folder, sha);
      const report = await reportOf(pusher, sha, folder);
      const head = await mirrors.remoteHead(pusher.rigId, pusher.branch);
      writeState(pendingPath(pusher), {
        ...(pusher.beadId === undefined ? {} : { beadId: pusher.beadId }),
        rigId: pusher.rigId,
        branch: pusher.branch,
        sha,
      });
      if (head !== sha) await pushUpstream(pusher, sha, head);
      await intoMirror(pusher, folder, sha);
      await tell(pusher, report);
      log.info('push_delivered', { agentId: pusher.agentId, rigId: pusher.rigId, branch: pusher.branch, sha });
    },
    finishInterrupted: async (pusher) => {
      const pending = readState(pendingPath(pusher), pendingSchema);
      if (pending === undefined) return;
      const mine = pending.branch === pusher.branch && pending.rigId === pusher.rigId && pending.beadId === pusher.beadId;
      if (!mine) {
        removeState(pendingPath(pusher));
        return;
      }
      try {
        // Not there: it never arrived, or arrives yet when the host was slow. Kept, because the next push replaces it or finds it there.
        if ((await mirrors.remoteHead(pusher.rigId, pusher.branch)) !== pending.sha) return;
        const mirror = await mirrors.fresh(pusher.rigId);
        await tell(pusher, await reportOf(pusher, pending.sha, mirror));
        log.info('push_told_later', { agentId: pusher.agentId, branch: pusher.branch, sha: pending.sha });
      } catch (error) {
        // Losing nothing: it stays pending, and a report of any later push to this branch names these commits too.
        log.warn('push_not_told', { agentId: pusher.agentId, branch: pusher.branch, sha: pending.sha, error: messageOf(error) });
      }
    },
  };
};
