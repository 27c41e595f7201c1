// `npm run deploy`: preflight, build, deploy, say where it is. `--destroy` takes it away again.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { cdk, readArguments, root } from './cdk-command.ts';
import { deploymentName, readOptions } from './options.ts';
import type { DeploymentOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { emptyBucket, remains, stacksToDestroy, stopTowns } from './teardown.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const outputsFile = join(root, 'cdk.out', 'outputs.json');
const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));
const webFolder = join(root, 'web', 'dist');

const buildDashboard = (): boolean =>
  spawnSync(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'error'], {
    cwd: root,
    stdio: 'inherit',
  }).status === 0;

const deploy = async (options: DeploymentOptions, given: ReturnType<typeof readArguments>): Promise<number> => {
  say('Building the dashboard …');
  if (!buildDashboard()) return 1;
  const misses = await preflight(options, webFolder);
  for (const { what, fix } of misses) say(`✗ ${what}\n  ${fix}`);
  if (misses.length > 0) return 1;
  if (given.flags.has('--check')) {
    say('Nothing is missing.');
    return 0;
  }
  const code = await cdk(['deploy', '--all', '-c', `options=${given.options}`, '--outputs-file', outputsFile, ...given.rest]);
  if (code !== 0) return code;
  const outputs = outputsSchema.parse(JSON.parse(readFileSync(outputsFile, 'utf8')))[`${deploymentName(options)}-site`] ?? {};
  say(`\nThe dashboard: ${outputs['SiteUrl'] ?? 'see the outputs of the site stack'}`);
  say(
    options.ownerEmail === undefined
      ? `Invite the first person: aws cognito-idp admin-create-user --user-pool-id ${outputs['UserPoolId'] ?? '<pool>'} --username you@example.com`
      : `${options.ownerEmail} has been sent an invitation.`,
  );
  return 0;
};

const destroy = async (options: DeploymentOptions, given: ReturnType<typeof readArguments>): Promise<number> => {
  const where = options.region === undefined ? {} : { region: options.region };
  say(`Stopped ${await stopTowns(new ECSClient(where), deploymentName(options))} running towns.`);
  const bucket =
    options.account !== undefined && options.region !== undefined
      ? `${deploymentName(options)}-files-${options.account}-${options.region}`
      : undefined;
  if (options.data === 'destroy' && bucket === undefined) {
    say('Name `account` and `region` in the options file: the bucket to empty is named after them.');
    return 1;
  }
  if (options.data === 'destroy' && bucket !== undefined) say(`Deleted ${await emptyBucket(new S3Client(where), bucket)} files.`);
  const code = await cdk(['destroy', ...stacksToDestroy(options), '-c', `options=${given.options}`, ...given.rest]);
  if (code === 0) say(['\nWhat remains:', ...remains(options).map((line) => `- ${line}`)].join('\n'));
  return code;
};

const given = readArguments(process.argv.slice(2), ['--destroy', '--check']);
try {
  const options = readOptions(given.options);
  process.exitCode = await (given.flags.has('--destroy') ? destroy(options, given) : deploy(options, given));
} catch (error) {
  say(error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error');
  process.exitCode = 1;
}
