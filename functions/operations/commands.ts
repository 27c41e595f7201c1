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

const storeResult = (ports: Ports, townId: string, commandId: string, result: CommandResult): Promise<Command | undefined> =>
  transact<Command | undefined>(ports, `Command ${commandId}`, async () => {
    const command = await ports.store.get('command', { townId, commandId });
    if (command === undefined || command.state === 'done') return { writes: [], result: command };
    const done: Command = { ...command, state: 'done', result, version: command.version + 1, updatedAt: isoNow(ports) };
    return {
      writes: [
        { put: 'command', item: done, when: { equals: { version: command.version } } },
        ...(command.token === undefined ? [removeWork(townId, 'command', commandId)] : []),
      ],
      result: done,
    };
  });

const markTaken = (ports: Ports, townId: string, commandId: string): Promise<void> =>
  transact(ports, `Command ${commandId}`, async () => {
    const command = await ports.store.get('command', { townId, commandId });
    if (command === undefined || command.tokenTaken) return { writes: [], result: undefined };
    return {
      writes: [
        {
          put: 'command',
          item: { ...command, tokenTaken: true, version: command.version + 1, updatedAt: isoNow(ports) },
          when: { equals: { version: command.version } },
        },
        removeWork(townId, 'command', commandId),
      ],
      result: undefined,
    };
  });

/** Idempotent: the first result of a command stays. Unknown commands are ignored. */
export const settleCommand = async (ports: Ports, townId: string, commandId: string, result: CommandResult): Promise<void> => {
  const command = await storeResult(ports, townId, commandId, result);
  if (command?.result === undefined || command.token === undefined || command.tokenTaken) return;
  await deliverResult(ports, command.token, command.result);
  await markTaken(ports, townId, commandId);
};
