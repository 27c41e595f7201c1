// What a person is told about: lost messages, failing functions and workflows, a throttled table, and money.
import { Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface AlarmsProps {
  readonly deploymentName: string;
  readonly email?: string;
  readonly monthlyBudgetUsd?: number;
}

export class Alarms extends Construct {
  readonly topic: Topic;
  private readonly deploymentName: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.deploymentName = props.deploymentName;
    // The key of the service cannot be used by CloudWatch, so the topic is not encrypted at rest; its messages name alarms and nothing else.
    this.topic = new Topic(this, 'Topic', { topicName: `${props.deploymentName}-alarms`, enforceSSL: true });
    if (props.email !== undefined) this.topic.addSubscription(new EmailSubscription(props.email));
    if (props.email !== undefined && props.monthlyBudgetUsd !== undefined) this.budget(props.email, props.monthlyBudgetUsd);
  }

  private budget(email: string, monthlyUsd: number): void {
    const warning = (threshold: number) => ({
      notification: { notificationType: 'ACTUAL', comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers: [{ subscriptionType: 'EMAIL', address: email }],
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${this.deploymentName}-monthly`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: [warning(80), warning(100)],
    });
  }

  /** Tells when the metric is at or above the threshold in one period. */
  watch(id: string, description: string, metric: IMetric, threshold = 1): void {
    new Alarm(this, id, {
      alarmName: `${this.deploymentName}-${id}`,
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.topic));
  }

  watchDeadLetters(id: string, queue: IQueue, what: string): void {
    this.watch(
      id,
      `${what} could not be handled and lie in a dead-letter queue; see docs/deploy.md, Alarms`,
      queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'max' }),
    );
  }
}
