// AWS credentials for signing model calls: the task's role where there is one, the environment's keys, else the SDK's chain (profiles, single sign-on).
// The first two need nothing but this file, because the runtime's image does not carry the SDK.
import { z } from 'zod';
import type { AwsCredentials } from './sigv4.ts';

/** The parts of the environment that say where credentials are; read by loadConfig. */
export interface AwsEnvironment {
  /** Path of the task role's credentials below the task's own endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI). */
  readonly taskRolePath: string | undefined;
  readonly keys: AwsCredentials | undefined;
}

/** Source: Amazon ECS developer guide, "Task IAM role". */
const taskEndpoint = 'http://169.254.170.2';
const renewBeforeMs = 5 * 60_000;
const taskRoleSchema = z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), Token: z.string(), Expiration: z.iso.datetime() });

const taskRole = async (path: string): Promise<{ credentials: AwsCredentials; expiresAtMs: number }> => {
  const answer = await fetch(`${taskEndpoint}${path}`, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`The task's role gave no credentials (status ${answer.status}).`);
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = taskRoleSchema.parse(await answer.json());
  return {
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
    expiresAtMs: Date.parse(Expiration),
  };
};

const sdkChain = async (): Promise<() => Promise<AwsCredentials>> => {
  const { BedrockRuntimeClient } = await import('@aws-sdk/client-bedrock-runtime');
  const client = new BedrockRuntimeClient({ region: 'us-east-1' });
  return () => client.config.credentials();
};

export const createAwsCredentials = (environment: AwsEnvironment, nowMs: () => number): (() => Promise<AwsCredentials>) => {
  let held: { credentials: AwsCredentials; expiresAtMs: number } | undefined;
  let chain: Promise<() => Promise<AwsCredentials>> | undefined;
  return async () => {
    if (environment.taskRolePath !== undefined) {
      if (held === undefined || held.expiresAtMs - renewBeforeMs < nowMs()) held = await taskRole(environment.taskRolePath);
      return held.credentials;
    }
    if (environment.keys !== undefined) return environment.keys;
    chain ??= sdkChain();
    return (await chain)();
  };
};
