// The product's own tokens: JWS with ES256, signed inside KMS, checked in the process with the public key.
import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import type { KMSClient } from '@aws-sdk/client-kms';
import { jwtVerify } from 'jose';
import type { Clock, Ids, TokenSigner } from '../../ports.ts';
import { joseSignature } from './ecdsa-signature.ts';

/** KMS gave no key or signature. Not retryable; the operator looks at the key's state. */
export class SigningKeyUnusable extends Error {
  override readonly name = 'SigningKeyUnusable';
}

export interface KmsTokenSignerOptions {
  readonly client: KMSClient;
  /** Of an asymmetric key ECC_NIST_P256 for SIGN_VERIFY. */
  readonly keyId: string;
  /** Names the deployment: tokens of another one are refused. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'ulid'>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Clocks of two parts may differ by so many seconds. */
const clockToleranceSeconds = 5;

export const createKmsTokenSigner = ({ client, keyId, issuer, clock, ids }: KmsTokenSignerOptions): TokenSigner => {
  let known: Promise<KeyObject> | undefined;
  const fetchKey = async (): Promise<KeyObject> => {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new SigningKeyUnusable(`KMS gave no public key for ${keyId}`);
    return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  };
  /** Fetched once per process; a failed fetch is tried again at the next token. */
  const publicKey = (): Promise<KeyObject> => {
    known ??= fetchKey().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    sign: async (claims, lifeMs) => {
      const issuedAtSeconds = Math.floor(clock.nowMs() / 1000);
      const payload = { ...claims, iss: issuer, iat: issuedAtSeconds, exp: issuedAtSeconds + Math.ceil(lifeMs / 1000), jti: ids.ulid() };
      const text = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(payload)}`;
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          Message: createHash('sha256').update(text).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
      if (Signature === undefined) throw new SigningKeyUnusable(`KMS gave no signature with ${keyId}`);
      return `${text}.${Buffer.from(joseSignature(Signature)).toString('base64url')}`;
    },
    verify: async (token) => {
      const key = await publicKey();
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer,
          algorithms: ['ES256'],
          currentDate: new Date(clock.nowMs()),
          clockTolerance: clockToleranceSeconds,
          requiredClaims: ['exp', 'iat'],
        });
        return payload;
      } catch {
        // A token that does not verify is an answer here, not a failure.
        return undefined;
      }
    },
  };
};
