// Durable workflows on Step Functions: executions by name, task tokens for steps that wait.
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { DescribeExecutionCommandOutput, SFNClient } from '@aws-sdk/client-sfn';
import type { ExecutionStatus, MachineName, Workflow } from '../../ports.ts';
import { ExecutionNameTaken } from '../../runtime-errors.ts';

export interface SfnWorkflowOptions {
  readonly client: SFNClient;
  readonly machineArns: Readonly<Record<MachineName, string>>;
}

const statusOf = (status: DescribeExecutionCommandOutput['status']): ExecutionStatus => {
  switch (status) {
    case 'RUNNING':
      return 'running';
    // Redrives are made by a person in the console; the execution goes on under the same name.
    case 'PENDING_REDRIVE':
      return 'running';
    case 'SUCCEEDED':
      return 'succeeded';
    case 'FAILED':
      return 'failed';
    case 'TIMED_OUT':
      return 'timed_out';
    case 'ABORTED':
      return 'aborted';
    default:
      return 'unknown';
  }
};

/** ARN of an execution: known from its machine's ARN and its name, so nothing need be stored. */
export const executionArn = (machineArn: string, name: string): string => `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

const settled = async (call: Promise<unknown>): Promise<'taken' | 'gone'> => {
  try {
    await call;
    return 'taken';
  } catch (error) {
    if (error instanceof TaskDoesNotExist || error instanceof TaskTimedOut || error instanceof InvalidToken) return 'gone';
    throw error;
  }
};

/** Error names and causes are cut to what Step Functions accepts: 256 and 32 768 characters. */
export const createSfnWorkflow = ({ client, machineArns }: SfnWorkflowOptions): Workflow => {
  const describe = async (machine: MachineName, name: string): Promise<DescribeExecutionCommandOutput | undefined> => {
    try {
      return await client.send(new DescribeExecutionCommand({ executionArn: executionArn(machineArns[machine], name) }));
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  };
  return {
    start: async (machine, name, input) => {
      const text = JSON.stringify(input);
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn: machineArns[machine], name, input: text }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
        // An execution that has ended keeps its name for 90 days: the same input means that it was started before, which is success.
        const existing = await describe(machine, name);
        if (existing?.input !== undefined && existing.input !== text)
          throw new ExecutionNameTaken(`an execution ${name} of ${machine} exists with other input`, { cause: error });
      }
    },
    status: async (machine, name) => statusOf((await describe(machine, name))?.status),
    succeed: (token, output) =>
      settled(client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output ?? null) }))),
    fail: (token, { name, cause }) =>
      settled(client.send(new SendTaskFailureCommand({ taskToken: token, error: name.slice(0, 256), cause: cause.slice(0, 32_768) }))),
    heartbeat: (token) => settled(client.send(new SendTaskHeartbeatCommand({ taskToken: token }))),
    abort: async (machine, name) => {
      if (statusOf((await describe(machine, name))?.status) !== 'running') return;
      await client.send(
        new StopExecutionCommand({
          executionArn: executionArn(machineArns[machine], name),
          error: 'TownStopped',
          cause: 'The town was stopped.',
        }),
      );
    },
    removeTown: async (_townId, known) => {
      for (const { machine, name } of known) {
        // Stopping one that has ended changes nothing; Step Functions itself forgets ended ones after 90 days.
        if (statusOf((await describe(machine, name))?.status) !== 'running') continue;
        await client.send(
          new StopExecutionCommand({
            executionArn: executionArn(machineArns[machine], name),
            error: 'TownDeleted',
            cause: 'The town was deleted.',
          }),
        );
      }
    },
  };
};
