// A crew agent pushes to the host by itself; what counts is what the host has. The runner looks, as it does for pushes that go through it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from '../contracts/runner.schema.ts';
import { putWork, workItem } from '../domain/bead-writes.ts';
import { languagesOf } from '../domain/languages.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { Ports } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { mergedCommits } from './push-check.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** The caller's patience with a runner that is awake: looks, and milliseconds between them. */
const looks = 10;
const lookEveryMs = 400;

interface Pushed {
  readonly bead: IssueBead;
  readonly branch: string;
  readonly targetBranch: string;
  readonly defaultBranch: string;
  /** What the agent says that it pushed. */
  readonly commit: string;
}
const headIn = ({ result }: Command) => (result?.kind === 'check-branch' ? result.head : undefined);

/** Asks the runner, or finds what was asked before about the same commit. An answer without it is asked for again. */
const askRunner = (ports: Ports, { bead, branch, targetBranch, defaultBranch, commit }: Pushed): Promise<Command> =>
  transact(ports, 'The push', async () => {
    const { townId, rigId = '' } = bead;
    const commandId = `pushed-${bead.beadId}-${commit}`;
    const before = await ports.store.get('command', { townId, commandId });
    const { nowMs, stamp } = momentOf(ports);
    const isOpen = before?.state === 'queued' && before.deadlineAtMs >= nowMs;
    if (before !== undefined && (isOpen || headIn(before)?.sha === commit)) return { writes: [], result: before };
    const at = isoNow(ports);
    const command: Command = {
      townId,
      commandId,
      payload: { kind: 'check-branch', rigId, branch, targetBranch, defaultBranch },
      state: 'queued',
      deadlineAtMs: nowMs + ports.deployment.timings.commandDeadlineMs,
      tokenTaken: false,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    return {
      writes: [
        { put: 'command', item: command, when: before === undefined ? { absent: true } : { equals: { version: before.version } } },
        putWork(workItem(townId, 'command', commandId, nowMs, stamp)),
      ],
      result: command,
    };
  });

/** The bead with what the host has for it. Throws 409: not there, another commit, or the town could not look yet. `wait` is for tests. */
export const withHostPush = async (
  ports: Ports,
  asked: Pushed & { readonly epoch: number },
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<IssueBead> => {
  const { bead, branch, commit, epoch } = asked;
  let command = await askRunner(ports, asked);
  for (let look = 1; look < looks && command.state === 'queued'; look += 1) {
    await wait(lookEveryMs);
    command = (await ports.store.get('command', { townId: bead.townId, commandId: command.commandId })) ?? command;
  }
  if (command.state === 'queued')
    throw conflict(
      `The town is looking whether the host has ${commit} on ${branch}; its machine may have to start first. Call gt_done again in a minute.`,
    );
  if (command.result?.kind === 'error') throw conflict(`The town could not look at ${branch} on the host: ${command.result.message}`);
  const head = headIn(command);
  const push = `git push origin ${commit}:refs/heads/${branch}`;
  if (head === undefined) throw conflict(`Nothing is pushed: the host has no branch ${branch}. Run ${push}, then call gt_done again.`);
  if (head.sha !== commit)
    throw conflict(
      `Another commit is pushed: the host has ${head.sha} on ${branch}, you say ${commit}. Run ${push}, then call gt_done again.`,
    );
  const languages = languagesOf(head.changedPaths);
  return {
    ...bead,
    details: {
      ...bead.details,
      branch,
      baseSha: bead.details.baseSha ?? head.baseSha,
      pushed: {
        sha: head.sha,
        baseSha: head.baseSha,
        aheadBy: head.aheadBy,
        epoch,
        at: isoNow(ports),
        ...(Object.keys(languages).length === 0 ? {} : { languages }),
      },
      commits: mergedCommits(bead.details.commits, head.commits),
    },
  };
};
