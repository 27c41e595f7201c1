import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SFNClient,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Stub } from '../../../test/aws/recording-client.ts';
import { createSfnWorkflow } from './workflow.ts';

const machineArns = {
  merge: 'arn:aws:states:eu-central-1:111122223333:stateMachine:gastown-merge',
  train: 'arn:aws:states:eu-central-1:111122223333:stateMachine:gastown-train',
};
const executionArn = 'arn:aws:states:eu-central-1:111122223333:execution:gastown-merge:t-4f9k2m1q-mr-web-3kf9-1';
const name = 't-4f9k2m1q-mr-web-3kf9-1';
const input = { townId: 't-4f9k2m1q', mergeRequestId: 'web-3kf9', attempt: 1 };
const failing = { message: 'no', $metadata: {} };
const execution = (part: Partial<DescribeExecutionCommandOutput>): Stub =>
  answer(DescribeExecutionCommand, () => ({
    executionArn,
    stateMachineArn: machineArns.merge,
    status: 'SUCCEEDED' as const,
    startDate: new Date('2026-11-21T10:00:00Z'),
    ...part,
  }));
const make = (...stubs: Stub[]) => {
  const client = new SFNClient(offline);
  return { calls: record(client, stubs), workflow: createSfnWorkflow({ client, machineArns }) };
};

describe(`workflows on Step Functions ${shapesOnly}`, () => {
  it('starts an execution of the machine under its name', async () => {
    const { calls, workflow } = make(answer(StartExecutionCommand, () => ({ executionArn, startDate: new Date('2026-11-21T10:00:00Z') })));
    await workflow.start('merge', name, input);
    expect(calls.inputsOf(StartExecutionCommand)).toEqual([{ stateMachineArn: machineArns.merge, name, input: JSON.stringify(input) }]);
  });

  const taken = answer(StartExecutionCommand, () => {
    throw new ExecutionAlreadyExists(failing);
  });
  it('takes the same name with the same input for done, also when that execution has ended', async () => {
    const { workflow } = make(taken, execution({ input: JSON.stringify(input) }));
    await expect(workflow.start('merge', name, input)).resolves.toBeUndefined();
  });
  it('refuses the same name with other input', async () => {
    const { workflow } = make(taken, execution({ input: '{"townId":"t-other0"}' }));
    await expect(workflow.start('merge', name, input)).rejects.toMatchObject({ name: 'ExecutionNameTaken' });
  });

  it.each([
    ['RUNNING', 'running'],
    ['PENDING_REDRIVE', 'running'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['TIMED_OUT', 'timed_out'],
    ['ABORTED', 'aborted'],
  ] as const)('reads the status %s as %s', async (status, expected) => {
    const { calls, workflow } = make(execution({ status }));
    expect(await workflow.status('merge', name)).toBe(expected);
    expect(calls.inputsOf(DescribeExecutionCommand)).toEqual([{ executionArn }]);
  });
  it('does not know an execution that was never started', async () => {
    const { workflow } = make(
      answer(DescribeExecutionCommand, () => {
        throw new ExecutionDoesNotExist(failing);
      }),
    );
    expect(await workflow.status('merge', name)).toBe('unknown');
  });

  it('settles tokens', async () => {
    const { calls, workflow } = make(
      answer(SendTaskSuccessCommand, () => ({})),
      answer(SendTaskFailureCommand, () => ({})),
      answer(SendTaskHeartbeatCommand, () => ({})),
    );
    expect(await workflow.succeed('token-1', { outcome: 'merged' })).toBe('taken');
    expect(await workflow.succeed('token-2', undefined)).toBe('taken');
    expect(await workflow.fail('token-3', { name: 'GateFailed', cause: 'x'.repeat(40_000) })).toBe('taken');
    expect(await workflow.heartbeat('token-4')).toBe('taken');
    expect(calls.inputsOf(SendTaskSuccessCommand)).toEqual([
      { taskToken: 'token-1', output: '{"outcome":"merged"}' },
      { taskToken: 'token-2', output: 'null' },
    ]);
    expect(calls.inputsOf(SendTaskFailureCommand)[0]?.cause).toHaveLength(32_768);
  });
  it.each([TaskTimedOut, TaskDoesNotExist, InvalidToken])('calls a token gone on %o', async (Failure) => {
    const { workflow } = make(
      answer(SendTaskSuccessCommand, () => {
        throw new Failure(failing);
      }),
    );
    expect(await workflow.succeed('token', {})).toBe('gone');
  });
  it('stops what runs of a deleted town, and only that', async () => {
    const running = make(
      execution({ status: 'RUNNING' }),
      answer(StopExecutionCommand, () => ({ stopDate: new Date('2026-11-21T10:00:00Z') })),
    );
    await running.workflow.removeTown('t-4f9k2m1q', [{ machine: 'merge', name }]);
    expect(running.calls.inputsOf(StopExecutionCommand)).toMatchObject([{ executionArn, error: 'TownDeleted' }]);
    const over = make(execution({ status: 'SUCCEEDED' }));
    await expect(over.workflow.removeTown('t-4f9k2m1q', [{ machine: 'merge', name }])).resolves.toBeUndefined();
  });
  it('ends one execution, and leaves one that is over as it is', async () => {
    const running = make(
      execution({ status: 'RUNNING' }),
      answer(StopExecutionCommand, () => ({ stopDate: new Date('2026-11-21T10:00:00Z') })),
    );
    await running.workflow.abort('merge', name);
    expect(running.calls.inputsOf(StopExecutionCommand)).toMatchObject([{ executionArn, error: 'TownStopped' }]);
    await expect(make(execution({ status: 'FAILED' })).workflow.abort('merge', name)).resolves.toBeUndefined();
  });
  it('passes other failures on, so that rule M4 sends again', async () => {
    const { workflow } = make(
      answer(SendTaskSuccessCommand, () => {
        throw new Error('throttled');
      }),
    );
    await expect(workflow.succeed('token', {})).rejects.toThrow('throttled');
  });
});
