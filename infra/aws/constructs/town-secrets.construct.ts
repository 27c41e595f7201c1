// Git credentials and model keys of towns: SecureString parameters under one path.
import { Aws } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { grantKeyUse } from './data-key.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface TownSecretsProps {
  readonly deploymentName: string;
  readonly key: IKey;
}

/** Makes no resource: parameters are written by the functions, and named here once. */
export class TownSecrets extends Construct {
  private readonly path: string;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: TownSecretsProps) {
    super(scope, id);
    this.path = `/${props.deploymentName}/secrets`;
    this.key = props.key;
  }

  grantUse(fn: GastownFunction): void {
    fn.allow(
      ['ssm:GetParameter', 'ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${this.path}/*`],
    );
    grantKeyUse(this.key, fn);
    fn.set({ GASTOWN_SECRETS_PATH: this.path, GASTOWN_SECRETS_KEY_ID: this.key.keyArn });
    fn.acceptWildcards({
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${this.path}/*]`]:
        'Secrets are made at run time, under this path only.',
    });
  }
}
