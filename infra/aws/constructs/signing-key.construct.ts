// The key that signs the product's own tokens. The private half never leaves KMS.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { GastownFunction } from './gastown-function.construct.ts';

export class SigningKey extends Construct {
  private readonly key: Key;

  constructor(scope: Construct, id: string, props: { readonly alias: string }) {
    super(scope, id);
    // Not retained: its tokens live an hour at most, and a new deployment makes a new key.
    this.key = new Key(this, 'Key', {
      alias: `alias/${props.alias}`,
      description: 'Signs the tokens of Gastown agents and runners (ES256)',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Checks tokens; cannot make any. */
  grantVerify(fn: GastownFunction): void {
    fn.allow(['kms:GetPublicKey'], [this.key.keyArn]);
    fn.set({ GASTOWN_SIGNING_KEY_ID: this.key.keyArn });
  }

  /** Makes and checks tokens. */
  grantSign(fn: GastownFunction): void {
    fn.allow(['kms:Sign'], [this.key.keyArn]);
    this.grantVerify(fn);
  }
}
