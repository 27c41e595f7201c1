// Results of runner commands: stored first, then given to the workflow step that waits. A rule sends again what was not taken.
import type { Command, CommandResult } from '../contracts/runner.schema.ts';
import { removeWork } from '../domain/bead-writes.ts';
import type { Ports } from '../ports.ts';
import { isoNow, transact } from './transact.ts';

/** Errors of a waiting step, by the names that the state machines catch. Retryable: asking the runner again can help. */
export const commandErrorNames = { retryable: 'RunnerCommandRetryable', final: 'RunnerCommandFailed' } as const;
const causeCharacters = 2000;

/** Gives a settled command's result to its workflow step. Taken or gone alike, the command needs no more attention. */
export const deliverResult = async (ports: Pick<Ports, 'workflow'>, token: string, result: CommandResult): Promise<'taken' | 'gone'> =>
  result.kind === 'error'
    ? ports.workflow.fail(token, {
        name: result.retryable ? commandErrorNames.retryable : commandErrorNames.final,
        cause: result.message.slice(0, causeCharacters),
      })
    : ports.workflow.succeed(token, result);

/** How long a result stays that no workflow takes. */
const answerLifeSeconds = 86_400;

/** The command with its result; undefined when it is unknown or had one before. */
const storeResult = (ports: Ports, townId: string, commandId: string, result: CommandResult): Promise<Command | undefined> =>
  transact<Command | undefined>(ports, `Command ${commandId}`, async () => {
    const command = await ports.store.get('command', { townId, commandId });
    if (command === undefined || command.state === 'done') return { writes: [], result: undefined };
    const answered = { ...command, state: 'done', result, version: command.version + 1, updatedAt: isoNow(ports) } as const;
    const done: Command =
      command.token === undefined
        ? { ...answered, deleteAfterEpochSeconds: Math.floor(ports.clock.nowMs() / 1000) + answerLifeSeconds }
        : answered;
    return {
      writes: [
        { put: 'command', item: done, when: { equals: { version: command.version } } },
        ...(command.token === undefined ? [removeWork(townId, 'command', commandId)] : []),
      ],
      result: done,
    };
  });

/** A later try of the same step is found by the earlier ones, so these stay until the step has its result. */
const isFailedTry = ({ result }: Command): boolean => result?.kind === 'error' && result.retryable;

/** Gives a stored result to its step again. A step that does not exist any more will not take it: the command is of no use. */
export const resendResult = async (ports: Ports, command: Command): Promise<void> => {
  const { townId, commandId, version } = command;
  const mine = { equals: { version } };
  if (command.result === undefined || command.token === undefined) return;
  if (!command.tokenTaken && (await deliverResult(ports, command.token, command.result)) === 'taken') return;
  await ports.store.commit([
    isFailedTry(command) && !command.tokenTaken
      ? { put: 'command', item: { ...command, tokenTaken: true, version: version + 1, updatedAt: isoNow(ports) }, when: mine }
      : { remove: 'command', key: { townId, commandId }, when: mine },
  ]);
};

/** Idempotent: the first result of a command stays. Unknown commands are ignored. The step that takes a result removes its command. */
export const settleCommand = async (ports: Ports, townId: string, commandId: string, result: CommandResult): Promise<void> => {
  const command = await storeResult(ports, townId, commandId, result);
  if (command?.result !== undefined && command.token !== undefined) await deliverResult(ports, command.token, command.result);
};
