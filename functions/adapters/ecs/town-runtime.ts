// The town runtime on ECS Fargate: one task per town and runtime epoch.
import {
  ConflictException,
  DescribeTasksCommand,
  InvalidParameterException,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { TownRuntime } from '../../ports.ts';
import { RuntimeStartFailed } from '../../runtime-errors.ts';

export interface EcsTownRuntimeOptions {
  readonly client: ECSClient;
  readonly clusterArn: string;
  /** Family (newest revision) or full ARN. */
  readonly taskDefinition: string;
  readonly containerName: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Public subnets without NAT need a public address to reach out; the security group lets nothing in. */
  readonly publicAddress: 'assigned' | 'none';
  readonly capacity: 'FARGATE' | 'FARGATE_SPOT';
  readonly apiUrl: string;
}

const statusOf = (lastStatus: string | undefined): 'starting' | 'running' | 'stopped' => {
  switch (lastStatus) {
    case 'PROVISIONING':
    case 'PENDING':
    case 'ACTIVATING':
      return 'starting';
    // A task that is stopping may still drain for up to 120 s: it is not gone before its containers are.
    case 'RUNNING':
    case 'DEACTIVATING':
    case 'STOPPING':
      return 'running';
    default:
      return 'stopped';
  }
};

/** The bootstrap token is one-time and short-lived: a task override can be read by whoever may describe tasks. */
const runTask = (
  options: EcsTownRuntimeOptions,
  { townId, runtimeEpoch, bootstrapToken }: Parameters<TownRuntime['start']>[0],
): RunTaskCommand =>
  new RunTaskCommand({
    cluster: options.clusterArn,
    taskDefinition: options.taskDefinition,
    count: 1,
    // ECS starts one task per token: a repeated call for the same epoch starts no second one.
    clientToken: `${townId}-${runtimeEpoch}`,
    capacityProviderStrategy: [{ capacityProvider: options.capacity, weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...options.subnetIds],
        securityGroups: [...options.securityGroupIds],
        assignPublicIp: options.publicAddress === 'assigned' ? 'ENABLED' : 'DISABLED',
      },
    },
    overrides: {
      containerOverrides: [
        {
          name: options.containerName,
          environment: [
            { name: 'GASTOWN_API_URL', value: options.apiUrl },
            { name: 'GASTOWN_TOWN_ID', value: townId },
            { name: 'GASTOWN_BOOTSTRAP_TOKEN', value: bootstrapToken },
          ],
        },
      ],
    },
    startedBy: townId,
    enableECSManagedTags: true,
    propagateTags: 'TASK_DEFINITION',
    tags: [
      { key: 'gastown:town', value: townId },
      { key: 'gastown:runtime-epoch', value: String(runtimeEpoch) },
    ],
  });

const stopTasks = async (options: EcsTownRuntimeOptions, townId: string, reason: string): Promise<'gone' | 'stopping'> => {
  const { taskArns = [] } = await options.client.send(new ListTasksCommand({ cluster: options.clusterArn, startedBy: townId }));
  for (const task of taskArns) await options.client.send(new StopTaskCommand({ cluster: options.clusterArn, task, reason }));
  return taskArns.length === 0 ? 'gone' : 'stopping';
};

export const createEcsTownRuntime = (options: EcsTownRuntimeOptions): TownRuntime => ({
  start: async (start) => {
    try {
      const { tasks = [], failures = [] } = await options.client.send(runTask(options, start));
      const taskArn = tasks[0]?.taskArn;
      if (taskArn !== undefined) return taskArn;
      throw new RuntimeStartFailed(
        failures.map(({ reason, detail }) => [reason, detail].filter((text) => text !== undefined).join(': ')).join('; ') ||
          'ECS started no task and gave no reason',
      );
    } catch (error) {
      if (error instanceof RuntimeStartFailed) throw error;
      // The epoch's task was started before, with an older bootstrap token: it is this town's task, and rule R5 replaces it if it cannot sign in.
      const existing = error instanceof ConflictException ? error.resourceIds?.[0] : undefined;
      if (existing !== undefined) return existing;
      throw new RuntimeStartFailed(error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error', { cause: error });
    }
  },
  status: async (runtimeRef) => {
    const { tasks = [] } = await options.client.send(new DescribeTasksCommand({ cluster: options.clusterArn, tasks: [runtimeRef] }));
    // A stopped task is forgotten after about an hour; then ECS reports it as missing.
    return statusOf(tasks[0]?.lastStatus);
  },
  stop: async (runtimeRef) => {
    try {
      await options.client.send(new StopTaskCommand({ cluster: options.clusterArn, task: runtimeRef, reason: 'The town has no work' }));
    } catch (error) {
      // "The referenced task was not found": it stopped long ago, which is what was asked for.
      if (error instanceof InvalidParameterException && /not found/i.test(error.message)) return;
      throw error;
    }
  },
  stopTown: (townId) => stopTasks(options, townId, 'The town was stopped'),
  // Every task of the town, also of epochs that no lease names any more. Tasks own nothing that outlives them.
  removeTown: (townId) => stopTasks(options, townId, 'The town was deleted'),
});
