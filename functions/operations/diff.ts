// What a bead changes. The runner has the repository, so it is asked by a command that is the same for the same two commits.
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { Command } from '../contracts/runner.schema.ts';
import type { routes } from '../contracts/routes.ts';
import { isIssue, isMergeRequest, putWork, workItem } from '../domain/bead-writes.ts';
import { diffRange } from '../domain/diff-range.ts';
import type { DiffRange } from '../domain/diff-range.ts';
import type { Ports, Write } from '../ports.ts';
import { beadOf } from './access.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export type DiffView = z.infer<(typeof routes.beadDiff)['response']>;
/** A command's result is one item of at most 400 KB. */
const maxDiffBytes = 200_000;
/** The caller's patience with a runner that is awake: looks, and milliseconds between them. */
const looks = 10;
const lookEveryMs = 400;

const rangeOf = async (ports: Ports, townId: string, beadId: string): Promise<DiffRange | undefined> => {
  const bead = await beadOf(ports, townId, beadId);
  const otherId = isMergeRequest(bead)
    ? bead.details.sourceBeadId
    : isIssue(bead)
      ? (bead.details.mergeRequestId ?? bead.details.latestMergeRequestId)
      : undefined;
  const other = otherId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: otherId });
  const both = [bead, ...(other === undefined ? [] : [other])];
  return diffRange(both.find(isIssue), both.find(isMergeRequest));
};

/** Asks the runner, or finds what was asked before. A failure that may pass is asked again. */
const askRunner = (ports: Ports, townId: string, range: DiffRange): Promise<Command> =>
  transact(ports, 'The diff', async () => {
    const commandId = `diff-${range.rigId}-${range.baseSha}-${range.headSha}`;
    const before = await ports.store.get('command', { townId, commandId });
    const again =
      before?.result?.kind === 'error' &&
      before.result.retryable &&
      ports.clock.nowMs() - Date.parse(before.updatedAt) > ports.deployment.timings.resendMs;
    const overdue = before?.state === 'queued' && before.deadlineAtMs < ports.clock.nowMs();
    if (before !== undefined && !again && !overdue) return { writes: [], result: before };
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const command: Command = {
      townId,
      commandId,
      payload: { kind: 'diff', rigId: range.rigId, baseSha: range.baseSha, headSha: range.headSha, maxBytes: maxDiffBytes },
      state: 'queued',
      deadlineAtMs: moment.nowMs + ports.deployment.timings.commandDeadlineMs,
      tokenTaken: false,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    const writes: Write[] = [
      { put: 'command', item: command, when: before === undefined ? { absent: true } : { equals: { version: before.version } } },
      putWork(workItem(townId, 'command', commandId, moment.nowMs, moment.stamp)),
    ];
    return { writes, result: command };
  });

const empty = { files: [], truncated: false };

/**
 * The files that the bead changes. Waits a few seconds for the runner; `ready: false` with a sentence when it has not answered by then.
 * `wait` is for tests. Throws 404.
 */
export const beadDiff = async (
  ports: Ports,
  request: { readonly townId: string; readonly beadId: string },
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<DiffView> => {
  const range = await rangeOf(ports, request.townId, request.beadId);
  if (range === undefined) return { ready: true, ...empty, message: 'Nothing has been pushed for this bead yet.' };
  const commits = { baseSha: range.baseSha, headSha: range.headSha };
  let command = await askRunner(ports, request.townId, range);
  for (let look = 1; look < looks && command.state === 'queued'; look += 1) {
    await wait(lookEveryMs);
    command = (await ports.store.get('command', { townId: request.townId, commandId: command.commandId })) ?? command;
  }
  if (command.result?.kind === 'diff') return { ready: true, ...commits, files: command.result.files, truncated: command.result.truncated };
  if (command.result?.kind === 'error')
    return { ready: false, ...commits, ...empty, message: `The runner could not make the diff: ${command.result.message}` };
  return {
    ready: false,
    ...commits,
    ...empty,
    message: 'The runner is making the diff; it may have to wake up first. Ask again in a few seconds.',
  };
};
