import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Stub } from '../../../test/aws/recording-client.ts';
import { createSsmSecrets, parameterName } from './secrets.ts';

const make = (...stubs: Stub[]) => {
  const client = new SSMClient(offline);
  return { calls: record(client, stubs), secrets: createSsmSecrets({ client, path: '/gastown-dev/secrets', keyId: 'key-1' }) };
};
const missing = (): never => {
  throw new ParameterNotFound({ message: 'no', $metadata: {} });
};

describe(`secrets on SSM ${shapesOnly}`, () => {
  it('stores a value as SecureString under its path with its key', async () => {
    const { calls, secrets } = make(answer(PutParameterCommand, () => ({ Version: 1, Tier: 'Standard' as const })));
    await secrets.put('t-4f9k2m1q/rig', 'ghp_example');
    expect(calls.inputsOf(PutParameterCommand)).toEqual([
      expect.objectContaining({
        Name: '/gastown-dev/secrets/t-4f9k2m1q/rig',
        Type: 'SecureString',
        KeyId: 'key-1',
        Overwrite: true,
        Value: 'ghp_example',
      }),
    ]);
  });
  it('reads it decrypted', async () => {
    const { calls, secrets } = make(answer(GetParameterCommand, () => ({ Parameter: { Value: 'ghp_example' } })));
    expect(await secrets.get('a')).toBe('ghp_example');
    expect(calls.inputsOf(GetParameterCommand)).toEqual([{ Name: '/gastown-dev/secrets/a', WithDecryption: true }]);
  });
  it('takes a missing one for undefined, and for removed', async () => {
    const { secrets } = make(answer(GetParameterCommand, missing), answer(DeleteParameterCommand, missing));
    expect(await secrets.get('a')).toBeUndefined();
    await expect(secrets.remove('a')).resolves.toBeUndefined();
  });
  it('removes everything under a prefix, and no prefix that others share', async () => {
    const { calls, secrets } = make(
      answer(GetParametersByPathCommand, () => ({ Parameters: [{ Name: '/gastown-dev/secrets/towns/t-4f9k2m1q/git/a' }] })),
      answer(DeleteParameterCommand, () => ({})),
    );
    await secrets.removePrefix('towns/t-4f9k2m1q/');
    expect(calls.inputsOf(GetParametersByPathCommand)).toEqual([
      { Path: '/gastown-dev/secrets/towns/t-4f9k2m1q', Recursive: true, WithDecryption: false },
    ]);
    expect(calls.inputsOf(DeleteParameterCommand)).toEqual([{ Name: '/gastown-dev/secrets/towns/t-4f9k2m1q/git/a' }]);
    await expect(secrets.removePrefix('towns/t-4')).rejects.toMatchObject({ name: 'SecretsNotRemoved' });
  });
  it('keeps different names apart when it writes characters that SSM does not allow', () => {
    const names = ['a:b', 'a_b', 'a/b', 'a b', 'a_3a_b', 'ä'].map((name) => parameterName('/x', name));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9._/-]+$/);
  });
});
