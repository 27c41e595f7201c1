// What must survive: table, files, keys, people. Kept and protected unless the options say that the data may go.
import { Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BeadStore } from '../constructs/bead-store.construct.ts';
import { DataKey } from '../constructs/data-key.construct.ts';
import { EscalationTopic } from '../constructs/escalation-topic.construct.ts';
import { FilesBucket } from '../constructs/files-bucket.construct.ts';
import { SignIn } from '../constructs/sign-in.construct.ts';
import { SigningKey } from '../constructs/signing-key.construct.ts';
import { TownSecrets } from '../constructs/town-secrets.construct.ts';
import { deploymentName } from '../options.ts';
import type { DeploymentOptions } from '../options.ts';

export interface DataStackProps extends StackProps {
  readonly options: DeploymentOptions;
}

export class DataStack extends Stack {
  readonly store: BeadStore;
  readonly files: FilesBucket;
  readonly secrets: TownSecrets;
  readonly signingKey: SigningKey;
  readonly signIn: SignIn;
  readonly escalations: EscalationTopic;

  constructor(scope: Construct, id: string, { options, ...props }: DataStackProps) {
    super(scope, id, props);
    const name = deploymentName(options);
    const { key } = new DataKey(this, 'DataKey', { alias: `${name}-data`, data: options.data });
    this.store = new BeadStore(this, 'BeadStore', { tableName: name, key, data: options.data });
    this.files = new FilesBucket(this, 'FilesBucket', { deploymentName: name, key, data: options.data });
    this.secrets = new TownSecrets(this, 'TownSecrets', { deploymentName: name, key });
    this.signingKey = new SigningKey(this, 'SigningKey', { alias: `${name}-signing` });
    this.escalations = new EscalationTopic(this, 'EscalationTopic', { deploymentName: name, key, emails: options.escalationEmails });
    this.signIn = new SignIn(this, 'SignIn', {
      deploymentName: name,
      data: options.data,
      files: this.files,
      ...(options.ownerEmail === undefined ? {} : { ownerEmail: options.ownerEmail }),
    });
  }
}
