// Pushes by an intention that is persisted already, once in effect: the host's head decides what is left to do.
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { receivePackArgs } from '../git/receiving-side.ts';
import { askHost, failureOf, fetchBranch, GitFailed, hasCommit, headRef, isAncestor, originUrl } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type PushPayload = Extract<CommandPayload, { kind: 'push' }>;
type PushResult = Extract<CommandResult, { kind: 'push' }>;

interface Seen {
  readonly head: string;
  readonly containsTip: boolean;
}
const look = async (context: StepContext, { intent }: PushPayload): Promise<Seen> => {
  const head = await fetchBranch(context, intent.targetBranch, `refs/gastown/pushes/${intent.newTip}`);
  if (head === undefined) throw new GitFailed(`The target branch ${intent.targetBranch} does not exist on the host.`, false);
  // What the host has was just fetched with its history: a tip that is not in the mirror is not on the host.
  return { head, containsTip: (await hasCommit(context, intent.newTip)) && (await isAncestor(context, intent.newTip, head)) };
};

/** Throws `GitFailed`. `moved` also when the mirror has lost the tip: preparing again makes the same one. */
export const push = async (payload: PushPayload, context: StepContext): Promise<PushResult> => {
  const { targetBranch, expectedOld, newTip } = payload.intent;
  const before = await look(context, payload);
  if (before.containsTip) return { kind: 'push', outcome: 'already-there', remoteHead: before.head };
  if (before.head !== expectedOld || !(await hasCommit(context, newTip)))
    return { kind: 'push', outcome: 'moved', remoteHead: before.head };
  const { exitCode, stderr, stdout } = await askHost(context, 'push', [
    'push',
    '--porcelain',
    '--no-verify',
    `--force-with-lease=${headRef(targetBranch)}:${expectedOld}`,
    ...receivePackArgs(context.gitEnv, await originUrl(context)),
    'origin',
    `${newTip}:${headRef(targetBranch)}`,
  ]);
  // Whatever git said, the host's head is the truth: an answer may be lost after the ref was updated.
  const after = await look(context, payload);
  if (after.containsTip) return { kind: 'push', outcome: 'pushed', remoteHead: after.head };
  if (after.head !== expectedOld) return { kind: 'push', outcome: 'moved', remoteHead: after.head };
  // Without an exit code it was ended at its time limit.
  throw failureOf(
    exitCode === null ? `The push to ${targetBranch} was ended` : `The push to ${targetBranch} was refused (exit code ${exitCode})`,
    `${stdout}\n${stderr}`,
  );
};
