// Transcripts, snapshots, bundles: one private, encrypted bucket.
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { keptPassDays, keptPassesPrefix } from '../../../functions/contracts/observability.schema.ts';
import { acknowledge } from '../acknowledge.ts';
import { grantKeyUse } from './data-key.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface FilesBucketProps {
  readonly deploymentName: string;
  readonly key: IKey;
  readonly data: 'retain' | 'destroy';
}

export class FilesBucket extends Construct {
  readonly bucket: Bucket;
  private readonly bucketName: string;
  private readonly bucketArn: string;
  private readonly key: IKey;
  private readonly deploymentName: string;

  constructor(scope: Construct, id: string, props: FilesBucketProps) {
    super(scope, id);
    this.key = props.key;
    this.deploymentName = props.deploymentName;
    // Named, so that permissions in other stacks can say the name; unique in the world by account and region.
    this.bucketName = `${props.deploymentName}-files-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
    this.bucketArn = `arn:${Aws.PARTITION}:s3:::${this.bucketName}`;
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: this.bucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        { id: 'KeptPasses', prefix: `${keptPassesPrefix}/`, expiration: Duration.days(keptPassDays) },
      ],
      removalPolicy: props.data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(this.bucket, {
      'AwsSolutions-S1':
        'Only functions of this deployment can read the bucket; access logs would need a second bucket that costs more than it tells.',
    });
  }

  grantUse(fn: GastownFunction): void {
    fn.allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [`${this.bucketArn}/*`]);
    // Without it S3 answers 403 instead of 404 for an object that is not there.
    fn.allow(['s3:ListBucket'], [this.bucketArn]);
    grantKeyUse(this.key, fn);
    fn.set({ GASTOWN_FILES_BUCKET: this.bucketName });
    fn.acceptWildcards({
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${this.deploymentName}-files-<AWS::AccountId>-<AWS::Region>/*]`]:
        'The bucket holds the files of all towns; a function serves all towns.',
    });
  }
}
