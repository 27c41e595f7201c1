import { createSign, generateKeyPairSync, sign } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import { countingIds, fakeClock } from '../../../test/fakes/ports.ts';
import { joseSignature } from './ecdsa-signature.ts';
import { createKmsTokenSigner } from './token-signer.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** KMS signs a digest; Node only whole messages, so the message is remembered by the test's own digest. */
const make = (issuer = 'gastown-dev', failures = 0) => {
  const client = new KMSClient(offline);
  const clock = fakeClock();
  let failing = failures;
  const signed: string[] = [];
  const calls = record(client, [
    answer(SignCommand, (input) => {
      if (input.MessageType !== 'DIGEST' || input.SigningAlgorithm !== 'ECDSA_SHA_256' || input.Message?.length !== 32)
        throw new Error('KMS would refuse this');
      return { Signature: Buffer.from(signed.shift() ?? '', 'base64') };
    }),
    answer(GetPublicKeyCommand, () => {
      if ((failing -= 1) >= 0) throw new Error('throttled');
      return { PublicKey: pair.publicKey.export({ format: 'der', type: 'spki' }) };
    }),
  ]);
  const ids = countingIds(clock);
  const signer = createKmsTokenSigner({ client, keyId: 'key-1', issuer, clock, ids });
  /** The signature of the text that the signer is about to make, prepared as KMS would give it. */
  const prepare = (claims: object, lifeMs: number): void => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const text = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode({ ...claims, iss: issuer, iat, exp: iat + Math.ceil(lifeMs / 1000), jti: countingIds(clock).ulid() })}`;
    signed.push(createSign('sha256').update(text).sign(pair.privateKey).toString('base64'));
  };
  return { calls, clock, signer, prepare };
};
const claims = { kind: 'runner', townId: 't-4f9k2m1q', runtimeEpoch: 3 };

describe(`tokens signed by KMS ${shapesOnly}`, () => {
  it('verifies what it signed, until its time ends', async () => {
    const { clock, signer, prepare } = make();
    prepare(claims, 60_000);
    const token = await signer.sign(claims, 60_000);
    expect(await signer.verify(token)).toMatchObject({ ...claims, iss: 'gastown-dev' });
    clock.advance(59_000);
    expect(await signer.verify(token)).toBeDefined();
    clock.advance(7_000);
    expect(await signer.verify(token)).toBeUndefined();
  });
  it('refuses changed tokens, other algorithms and other deployments', async () => {
    const { signer, prepare } = make();
    prepare(claims, 60_000);
    const token = await signer.sign(claims, 60_000);
    const [header = '', body = '', signature = ''] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, townId: 't-other0', iss: 'gastown-dev', iat: 1, exp: 9_999_999_999 })).toString(
      'base64url',
    );
    expect(await signer.verify(`${header}.${forged}.${signature}`)).toBeUndefined();
    expect(await signer.verify(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`)).toBeUndefined();
    expect(await signer.verify('nonsense')).toBeUndefined();
    expect(await make('gastown-prod').signer.verify(token)).toBeUndefined();
  });
  it('fetches the public key once, and again after a failure', async () => {
    const { calls, signer } = make('gastown-dev', 1);
    await expect(signer.verify('a.b.c')).rejects.toThrow('throttled');
    await Promise.all([signer.verify('a.b.c'), signer.verify('a.b.c')]);
    await signer.verify('a.b.c');
    expect(calls.inputsOf(GetPublicKeyCommand)).toHaveLength(2);
  });
});

describe('the JWS form of an ECDSA signature', () => {
  it('is the same as Node makes, for numbers of every length', () => {
    for (let round = 0; round < 300; round += 1) {
      const message = Buffer.from(`message ${round}`);
      const der = sign('sha256', message, pair.privateKey);
      expect(joseSignature(der)).toHaveLength(64);
    }
    expect(Buffer.from(joseSignature(Uint8Array.from([0x30, 0x07, 0x02, 0x02, 0x00, 0x81, 0x02, 0x01, 0x07]))).toString('hex')).toBe(
      `${'0'.repeat(62)}81${'0'.repeat(62)}07`,
    );
  });
  it.each([
    [[]],
    [[0x30, 0x00]],
    [[0x31, 0x06, 2, 1, 1, 2, 1, 1]],
    [[0x30, 0x06, 2, 1, 1, 3, 1, 1]],
    [[0x30, 0x07, 2, 1, 1, 2, 1, 1, 0]],
    [[0x30, 0x04, 2, 9, 1, 1]],
  ])('refuses the bytes %j', (bytes) => {
    expect(() => joseSignature(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ name: 'BadSignatureForm' }));
  });
});
