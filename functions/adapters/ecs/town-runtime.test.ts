import {
  ConflictException,
  DescribeTasksCommand,
  ECSClient,
  InvalidParameterException,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Stub } from '../../../test/aws/recording-client.ts';
import { createEcsTownRuntime } from './town-runtime.ts';

const taskArn = 'arn:aws:ecs:eu-central-1:111122223333:task/gastown/0123456789abcdef0123456789abcdef';
const start = { townId: 't-4f9k2m1q', runtimeEpoch: 12, bootstrapToken: 'one-time-token' };
const make = (...stubs: Stub[]) => {
  const client = new ECSClient(offline);
  const runtime = createEcsTownRuntime({
    client,
    clusterArn: 'arn:aws:ecs:eu-central-1:111122223333:cluster/gastown',
    taskDefinition: 'gastown-town',
    containerName: 'runner',
    subnetIds: ['subnet-1', 'subnet-2'],
    securityGroupIds: ['sg-1'],
    publicAddress: 'assigned',
    capacity: 'FARGATE',
    apiUrl: 'https://abc123.execute-api.eu-central-1.amazonaws.com/v1',
  });
  return { calls: record(client, stubs), runtime };
};

describe(`the town runtime on ECS Fargate ${shapesOnly}`, () => {
  it('starts one task per town and epoch, with tags and the environment of the runner', async () => {
    const { calls, runtime } = make(answer(RunTaskCommand, () => ({ tasks: [{ taskArn, lastStatus: 'PROVISIONING' }], failures: [] })));
    expect(await runtime.start(start)).toBe(taskArn);
    const [input] = calls.inputsOf(RunTaskCommand);
    expect(input).toMatchObject({
      count: 1,
      clientToken: 't-4f9k2m1q-12',
      taskDefinition: 'gastown-town',
      startedBy: 't-4f9k2m1q',
      networkConfiguration: {
        awsvpcConfiguration: { assignPublicIp: 'ENABLED', subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] },
      },
      tags: [
        { key: 'gastown:town', value: 't-4f9k2m1q' },
        { key: 'gastown:runtime-epoch', value: '12' },
      ],
    });
    expect(input?.overrides?.containerOverrides?.[0]?.environment).toEqual([
      { name: 'GASTOWN_API_URL', value: 'https://abc123.execute-api.eu-central-1.amazonaws.com/v1' },
      { name: 'GASTOWN_TOWN_ID', value: 't-4f9k2m1q' },
      { name: 'GASTOWN_BOOTSTRAP_TOKEN', value: 'one-time-token' },
    ]);
    expect(input?.clientToken?.length).toBeLessThanOrEqual(64);
  });

  it('finds the task of an epoch that was started before with another token', async () => {
    const { runtime } = make(
      answer(RunTaskCommand, () => {
        throw new ConflictException({ message: 'clientToken in use', resourceIds: [taskArn], $metadata: {} });
      }),
    );
    expect(await runtime.start(start)).toBe(taskArn);
  });

  it("fails with the cloud's own text", async () => {
    const full = make(
      answer(RunTaskCommand, () => ({
        tasks: [],
        failures: [{ reason: 'RESOURCE:CAPACITY', detail: 'Capacity is unavailable at this time.' }],
      })),
    );
    await expect(full.runtime.start(start)).rejects.toMatchObject({
      name: 'RuntimeStartFailed',
      message: 'RESOURCE:CAPACITY: Capacity is unavailable at this time.',
    });
    const wrong = make(
      answer(RunTaskCommand, () => {
        throw new InvalidParameterException({ message: 'No Container Instances were found', $metadata: {} });
      }),
    );
    await expect(wrong.runtime.start(start)).rejects.toMatchObject({
      name: 'RuntimeStartFailed',
      message: 'InvalidParameterException: No Container Instances were found',
    });
  });

  it.each([
    ['PENDING', 'starting'],
    ['RUNNING', 'running'],
    ['STOPPING', 'running'],
    ['DEPROVISIONING', 'stopped'],
    ['STOPPED', 'stopped'],
  ] as const)('reads %s as %s', async (lastStatus, expected) => {
    const { runtime } = make(answer(DescribeTasksCommand, () => ({ tasks: [{ taskArn, lastStatus }] })));
    expect(await runtime.status(taskArn)).toBe(expected);
  });
  it('takes a task that ECS has forgotten for stopped', async () => {
    const { runtime } = make(answer(DescribeTasksCommand, () => ({ tasks: [], failures: [{ arn: taskArn, reason: 'MISSING' }] })));
    expect(await runtime.status(taskArn)).toBe('stopped');
  });

  it('stops a task, and is content when it is gone', async () => {
    const { calls, runtime } = make(
      answer(StopTaskCommand, () => {
        throw new InvalidParameterException({ message: 'The referenced task was not found.', $metadata: {} });
      }),
    );
    await expect(runtime.stop(taskArn)).resolves.toBeUndefined();
    expect(calls.inputsOf(StopTaskCommand)[0]).toMatchObject({ task: taskArn });
  });
  it('stops every task of a deleted town, and says when none is left', async () => {
    const { calls, runtime } = make(
      answer(ListTasksCommand, () => ({ taskArns: [taskArn] })),
      answer(StopTaskCommand, () => ({})),
    );
    expect(await runtime.removeTown('t-4f9k2m1q')).toBe('stopping');
    expect(calls.inputsOf(ListTasksCommand)[0]).toMatchObject({ startedBy: 't-4f9k2m1q' });
    expect(calls.inputsOf(StopTaskCommand)[0]).toMatchObject({ task: taskArn });
    expect(await make(answer(ListTasksCommand, () => ({ taskArns: [] }))).runtime.removeTown('t-4f9k2m1q')).toBe('gone');
  });
  it('stops every task of a stopped town, also one that no lease names', async () => {
    const { calls, runtime } = make(
      answer(ListTasksCommand, () => ({ taskArns: [taskArn] })),
      answer(StopTaskCommand, () => ({})),
    );
    expect(await runtime.stopTown('t-4f9k2m1q')).toBe('stopping');
    expect(calls.inputsOf(StopTaskCommand)[0]).toMatchObject({ task: taskArn, reason: 'The town was stopped' });
  });
  it('passes other failures of a stop on', async () => {
    const { runtime } = make(
      answer(StopTaskCommand, () => {
        throw new InvalidParameterException({ message: 'Invalid cluster', $metadata: {} });
      }),
    );
    await expect(runtime.stop(taskArn)).rejects.toThrow('Invalid cluster');
  });
});
