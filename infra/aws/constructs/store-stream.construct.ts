// Every write of the table reaches the stream function: at least once, in order per item. What it cannot take is cut down and kept.
import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { BeadStore } from './bead-store.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface StoreStreamProps {
  readonly deploymentName: string;
  readonly store: BeadStore;
  readonly fn: GastownFunction;
}

export class StoreStream extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deploymentName, store, fn }: StoreStreamProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${deploymentName}-stream-dead`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.deadLetters, { 'AwsSolutions-SQS3': 'It is itself the dead-letter queue, of the stream.' });
    // The function's role takes no grants of the library, so that all that it may do stands in one form; these are what an event source needs.
    const { tableStreamArn } = store.table;
    if (tableStreamArn === undefined) throw new Error('the table has no stream');
    fn.allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [tableStreamArn]);
    fn.allow(['dynamodb:ListStreams'], ['*']);
    fn.allow(['sqs:SendMessage'], [this.deadLetters.queueArn]);
    fn.lambda.addEventSource(
      new DynamoEventSource(store.table as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(0),
        parallelizationFactor: 4,
        retryAttempts: 5,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        maxRecordAge: Duration.hours(6),
        onFailure: new SqsDlq(this.deadLetters),
      }),
    );
  }
}
