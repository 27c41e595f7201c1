// What must be there before a deployment starts. Each miss names its fix; all are found before anything is made.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import type { DeploymentOptions } from './options.ts';

export interface Miss {
  readonly what: string;
  readonly fix: string;
}
/** The CDK writes the version of its bootstrap here; version 21 and newer suit this CDK. */
const bootstrapParameter = '/cdk-bootstrap/hnb659fds/version';
const oldestBootstrap = 21;

/** Reads one parameter: shows credentials, region and bootstrap together. */
export const bootstrapMiss = async (client: SSMClient): Promise<Miss | undefined> => {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: bootstrapParameter }));
    return Number(Parameter?.Value ?? 0) >= oldestBootstrap
      ? undefined
      : {
          what: `The CDK's bootstrap stack is of version ${Parameter?.Value ?? 'unknown'}, too old.`,
          fix: 'Run `npx cdk bootstrap` again.',
        };
  } catch (error) {
    if (error instanceof ParameterNotFound)
      return {
        what: 'The CDK has not been bootstrapped in this account and region.',
        fix: 'Run `npx cdk bootstrap` once, with the rights to make roles.',
      };
    const text = error instanceof Error ? error.message : 'unknown error';
    if (/region is missing/i.test(text)) return { what: 'No AWS region is set.', fix: 'Set AWS_REGION, or `region` in the options file.' };
    return {
      what: `AWS cannot be asked: ${text}`,
      fix: 'Sign in (`aws sso login`, or AWS_PROFILE, or access keys) and check that the account may read SSM parameters.',
    };
  }
};

export const imageMiss = (options: DeploymentOptions, dockerRuns: () => boolean): Miss | undefined =>
  options.runtime.imageUri !== undefined || dockerRuns()
    ? undefined
    : {
        what: 'No Docker engine answers, and the image of the town runtime must be built.',
        fix: 'Start Docker (with arm64 support), or set `runtime.imageUri` in the options file to an image that was built elsewhere.',
      };

export const dashboardMiss = (webFolder: string): Miss | undefined =>
  existsSync(join(webFolder, 'index.html'))
    ? undefined
    : { what: 'The dashboard has not been built.', fix: 'Run `node_modules/.bin/vite build web`; `npm run deploy` does it.' };

export const dockerRuns = (): boolean => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 15_000 }).status === 0;

/** Everything that is missing, in the order in which a person would fix it. */
export const preflight = async (options: DeploymentOptions, webFolder: string): Promise<readonly Miss[]> => {
  const client = new SSMClient({ ...(options.region === undefined ? {} : { region: options.region }), maxAttempts: 2 });
  const misses = [await bootstrapMiss(client), imageMiss(options, dockerRuns), dashboardMiss(webFolder)];
  return misses.filter((miss) => miss !== undefined);
};
