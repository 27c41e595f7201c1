// Secrets as SecureString parameters under one path, encrypted by the deployment's key.
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Secrets } from '../../ports.ts';

export interface SsmSecretsOptions {
  readonly client: SSMClient;
  /** Path in front of every name, e.g. `/gastown-dev/secrets`; permissions end at it. */
  readonly path: string;
  readonly keyId: string;
}

/** Parameter names allow letters, digits and `.-_/`; other characters are written as `_` and their code. Different names stay different. */
export const parameterName = (path: string, name: string): string =>
  `${path}/${name
    .split('/')
    .map((part) => part.replace(/[^A-Za-z0-9.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}_`))
    .join('/')}`;

/** A prefix would take in more than one owner's secrets. Not retryable. */
export class SecretsNotRemoved extends Error {
  override readonly name = 'SecretsNotRemoved';
}

const removeParameter = async (client: SSMClient, name: string): Promise<void> => {
  try {
    await client.send(new DeleteParameterCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
};

export const createSsmSecrets = ({ client, path, keyId }: SsmSecretsOptions): Secrets => ({
  put: async (name, value) => {
    // Over 4 KB a parameter must be of the advanced tier (0.05 USD a month); SSM chooses it only when needed.
    await client.send(
      new PutParameterCommand({
        Name: parameterName(path, name),
        Value: value,
        Type: 'SecureString',
        KeyId: keyId,
        Overwrite: true,
        Tier: 'Intelligent-Tiering',
      }),
    );
  },
  get: async (name) => {
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name: parameterName(path, name), WithDecryption: true }));
      return Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  },
  remove: (name) => removeParameter(client, parameterName(path, name)),
  removePrefix: async (prefix) => {
    if (!prefix.endsWith('/') || prefix === '/') throw new SecretsNotRemoved('a prefix that ends with a slash is needed');
    let token: string | undefined;
    do {
      const page = await client.send(
        new GetParametersByPathCommand({
          Path: parameterName(path, prefix.slice(0, -1)),
          Recursive: true,
          WithDecryption: false,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      for (const { Name } of page.Parameters ?? []) if (Name !== undefined) await removeParameter(client, Name);
      token = page.NextToken;
    } while (token !== undefined);
  },
});
