// The door to the merge steps: carries out one command of the control plane. The same command done twice gives the same result.
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import { deleteBranches, listBranches } from './branches.ts';
import { checkBranch } from './check-branch.ts';
import { checkRig } from './check-rig.ts';
import { diff } from './diff.ts';
import { runGates } from './gates.ts';
import { GitFailed } from './mirror.ts';
import type { StepContext } from './mirror.ts';
import { prepare } from './prepare.ts';
import { push } from './push.ts';

export type { StepContext } from './mirror.ts';

const stepOf = (payload: CommandPayload, context: StepContext): Promise<CommandResult> => {
  switch (payload.kind) {
    case 'prepare':
      return prepare(payload, context);
    case 'gates':
      return runGates(payload, context);
    case 'push':
      return push(payload, context);
    case 'check-rig':
      return checkRig(context);
    case 'check-branch':
      return checkBranch(payload, context);
    case 'list-branches':
      return listBranches(payload, context);
    case 'delete-branches':
      return deleteBranches(payload, context);
    case 'diff':
      return diff(payload, context);
    default:
      return unknownStep(payload);
  }
};
const unknownStep = (payload: never): never => {
  throw new GitFailed(`this runner does not know the command ${JSON.stringify(payload)}`, false);
};

/**
 * Never throws: what goes wrong is a result of kind `error` with a sentence for people.
 * Aborting `signal` kills everything that was started; the result is then a retryable error.
 */
export const runCommand = async (payload: CommandPayload, context: StepContext): Promise<CommandResult> => {
  try {
    return await stepOf(payload, context);
  } catch (error) {
    if (error instanceof GitFailed) return { kind: 'error', retryable: error.retryable, message: error.message.slice(0, 2000) };
    const message = error instanceof Error ? error.message : 'unknown failure';
    return { kind: 'error', retryable: true, message: `The command failed on the runner: ${message}`.slice(0, 2000) };
  }
};
