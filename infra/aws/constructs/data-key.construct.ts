// The key that encrypts everything stored: table, files, secrets. One key, because each costs a dollar a month.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { GastownFunction } from './gastown-function.construct.ts';

const keyActions = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'] as const;

/** Use of the key for the function's own calls to DynamoDB, S3 and SSM; the services ask with the caller's permission. */
export const grantKeyUse = (key: IKey, fn: GastownFunction): void => {
  fn.allow(keyActions, [key.keyArn]);
};

export interface DataKeyProps {
  readonly alias: string;
  readonly data: 'retain' | 'destroy';
}

export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: DataKeyProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      alias: `alias/${props.alias}`,
      description: 'Encrypts the table, the files and the secrets of Gastown',
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: props.data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
