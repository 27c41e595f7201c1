// AWS credentials of the machine or task, for signing model calls. Loaded only when a Bedrock route is used.
import type { AwsCredentials } from './sigv4.ts';

export const createAwsCredentials = (): (() => Promise<AwsCredentials>) => {
  let provider: Promise<() => Promise<AwsCredentials>> | undefined;
  return async () => {
    // The SDK's default chain renews what expires: task role, instance role, profile, environment.
    provider ??= import('@aws-sdk/client-bedrock-runtime').then(({ BedrockRuntimeClient }) => {
      const client = new BedrockRuntimeClient({ region: 'us-east-1' });
      return () => client.config.credentials();
    });
    return (await provider)();
  };
};
