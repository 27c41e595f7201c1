// Hints that something changed in a town: SQS FIFO, one message group per town, with a dead-letter queue.
import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface ReconcileQueueProps {
  readonly deploymentName: string;
  /** Time limit of the function that consumes; a message is hidden six times as long, as Lambda advises. */
  readonly consumerTimeoutSeconds: number;
}

export class ReconcileQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ReconcileQueueProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${props.deploymentName}-hints-dead.fifo`,
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      queueName: `${props.deploymentName}-hints.fifo`,
      fifo: true,
      contentBasedDeduplication: false,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeoutSeconds),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }

  grantHint(fn: GastownFunction): void {
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    fn.set({ GASTOWN_HINT_QUEUE_URL: this.queue.queueUrl });
  }

  /** The function gets up to ten hints at a time, of several towns, and reports those that failed. */
  feed(fn: GastownFunction): void {
    fn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], [this.queue.queueArn]);
    fn.lambda.addEventSource(new SqsEventSource(this.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 50 }));
  }
}
