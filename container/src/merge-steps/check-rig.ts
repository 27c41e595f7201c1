// Tries a repository before it is used: can it be read, and may we push?
import type { CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { receivePackArgs } from '../git/receiving-side.ts';
import { askHost, failureOf, fetchBranch, originUrl } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type CheckResult = Extract<CommandResult, { kind: 'check-rig' }>;
const probeBranch = 'gastown/push-check';

/** A refusal is an answer, not an error: `ok` is false and `message` says what to do. Throws `GitFailed` for what may pass by itself. */
export const checkRig = async (context: StepContext): Promise<CheckResult> => {
  const listing = await askHost(context, 'ask', ['ls-remote', '--symref', 'origin', 'HEAD']);
  if (listing.exitCode !== 0) {
    const failure = failureOf('The repository could not be read', listing.stderr);
    if (failure.retryable) throw failure;
    return { kind: 'check-rig', ok: false, message: `${failure.message}. Check the address and the credential.` };
  }
  const defaultBranch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listing.stdout)?.[1];
  const head = defaultBranch === undefined ? undefined : await fetchBranch(context, defaultBranch, `refs/gastown/check/${probeBranch}`);
  if (defaultBranch === undefined || head === undefined) {
    return { kind: 'check-rig', ok: false, message: 'The repository has no commit yet. Push a first commit to its default branch.' };
  }
  const trial = await askHost(context, 'push', [
    'push',
    '--dry-run',
    '--no-verify',
    ...receivePackArgs(context.gitEnv, await originUrl(context)),
    'origin',
    `${head}:refs/heads/${probeBranch}`,
  ]);
  if (trial.exitCode !== 0) {
    const failure = failureOf('The repository can be read, but not pushed to', trial.stderr);
    if (failure.retryable) throw failure;
    return { kind: 'check-rig', ok: false, defaultBranch, message: `${failure.message}. Give a credential that may write.` };
  }
  return { kind: 'check-rig', ok: true, defaultBranch, message: `Can read and push; the default branch is ${defaultBranch}.` };
};
