// Before the stacks can be deleted: running towns are stopped, and the files are deleted if the data may go.
import { ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { deploymentName } from './options.ts';
import type { DeploymentOptions } from './options.ts';

/** Stops every task of the cluster; returns how many. Throws what ECS says, e.g. when there is no such cluster. */
export const stopTowns = async (client: ECSClient, cluster: string): Promise<number> => {
  let stopped = 0;
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListTasksCommand({ cluster, ...(nextToken === undefined ? {} : { nextToken }) }));
    for (const task of page.taskArns ?? [])
      await client.send(new StopTaskCommand({ cluster, task, reason: 'The deployment is being removed' }));
    stopped += page.taskArns?.length ?? 0;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return stopped;
};

/** Deletes every object; returns how many. */
export const emptyBucket = async (client: S3Client, Bucket: string): Promise<number> => {
  let deleted = 0;
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (Objects.length === 0) return deleted;
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`S3 kept ${Errors.length} objects of ${Bucket}: ${Errors[0]?.Code ?? 'unknown'}`);
    deleted += Objects.length;
  }
};

/** Stacks in the order in which they can go; the data stays unless it may be destroyed. */
export const stacksToDestroy = (options: DeploymentOptions): readonly string[] => {
  const name = deploymentName(options);
  return [
    `${name}-observability`,
    `${name}-site`,
    `${name}-control`,
    `${name}-runtime`,
    ...(options.data === 'destroy' ? [`${name}-data`] : []),
  ];
};

/** What is still there and what it costs, in words. */
export const remains = (options: DeploymentOptions): readonly string[] => {
  const name = deploymentName(options);
  const key = 'Keys that were deleted wait for their window (7 to 30 days) without cost and can be restored until then.';
  const secrets = `Secrets under the SSM path /${name}/secrets are not part of a stack: delete them with \`aws ssm delete-parameters\`. Standard parameters cost nothing.`;
  const account =
    "API Gateway's role for logs stays: it belongs to the account and region. So do the CDK's bootstrap stack and its uploaded assets (a few MB).";
  if (options.data === 'destroy') return [secrets, key, account];
  return [
    `The stack ${name}-data stays: table (about 0.25 USD per GB and month, 0.20 more for point-in-time recovery), bucket (about 0.023 USD per GB), keys (1 USD a month each), people. To remove it, set "data": "destroy", deploy once, then destroy again.`,
    secrets,
    account,
  ];
};
