// Wakes towns: a queue for near times, one-time schedules for far ones (both end on the wake queue), and the sweep that recovers lost ones.
import { Aws, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface TownAlarmProps {
  readonly deploymentName: string;
  /** Time limit of the function that takes wake-ups. */
  readonly consumerTimeoutSeconds: number;
}

export class TownAlarm extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly groupName: string;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: TownAlarmProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${props.deploymentName}-wake-dead`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      queueName: `${props.deploymentName}-wake`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
    this.groupName = `${props.deploymentName}-towns`;
    // Deleting the group deletes its schedules: a deployment that is gone wakes nobody.
    new CfnScheduleGroup(this, 'Group', { name: this.groupName });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      description: 'EventBridge Scheduler sends wake-ups and calls the sweep',
    });
    this.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
  }

  grantArm(fn: GastownFunction): void {
    const schedules = `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule/${this.groupName}/town-*`;
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    fn.allow(['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'], [schedules]);
    const group = `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule/${this.groupName}/*`;
    fn.allow(['scheduler:ListSchedules'], [group]);
    fn.allow(['iam:PassRole'], [this.role.roleArn], { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } });
    fn.set({
      GASTOWN_WAKE_QUEUE_URL: this.queue.queueUrl,
      GASTOWN_WAKE_QUEUE_ARN: this.queue.queueArn,
      GASTOWN_SCHEDULE_GROUP: this.groupName,
      GASTOWN_SCHEDULE_ROLE_ARN: this.role.roleArn,
    });
    fn.acceptWildcards({
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${this.groupName}/town-*]`]:
        'Schedules are made at run time, one per town and generation.',
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${this.groupName}/*]`]:
        'Listing the schedules of a deleted town is granted on the group; only this group.',
    });
  }

  /** Wake-ups that are due come to this function. */
  feed(fn: GastownFunction): void {
    fn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], [this.queue.queueArn]);
    fn.lambda.addEventSource(new SqsEventSource(this.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }));
  }

  /** Calls the function every `minutes`; a call that fails for an hour ends in the dead letters. */
  every(id: string, minutes: number, fn: GastownFunction): void {
    this.role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.lambda.functionArn] }));
    this.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }));
    new CfnSchedule(this, id, {
      name: `${Stack.of(this).stackName}-${id}`.slice(0, 64),
      scheduleExpression: `rate(${minutes} minutes)`,
      scheduleExpressionTimezone: TimeZone.ETC_UTC.timezoneName,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: fn.lambda.functionArn,
        roleArn: this.role.roleArn,
        input: '{}',
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 3 },
        deadLetterConfig: { arn: this.deadLetters.queueArn },
      },
    });
  }
}
