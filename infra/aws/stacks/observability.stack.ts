// Alarms, each with a section in docs/deploy.md.
import { Duration, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { metricsNamespace } from '../../../functions/contracts/observability.schema.ts';
import { Alarms } from '../constructs/alarms.construct.ts';
import { machineNames } from '../constructs/merge-workflow.construct.ts';
import { deploymentName } from '../options.ts';
import type { DeploymentOptions } from '../options.ts';
import type { ControlStack } from './control.stack.ts';
import type { DataStack } from './data.stack.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly options: DeploymentOptions;
  readonly data: DataStack;
  readonly control: ControlStack;
}
const period = Duration.minutes(5);

export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { options, data, control, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const { alarmEmail, monthlyBudgetUsd } = options;
    const alarms = new Alarms(this, 'Alarms', {
      deploymentName: deploymentName(options),
      ...(alarmEmail === undefined ? {} : { email: alarmEmail }),
      ...(monthlyBudgetUsd === undefined ? {} : { monthlyBudgetUsd }),
    });
    acknowledge(alarms.topic, {
      'AwsSolutions-SNS2':
        'CloudWatch cannot use the key of the service, and a key of our own costs a dollar a month; the messages name alarms and nothing else.',
    });
    alarms.watchDeadLetters('hints-dead', control.queue.deadLetters, 'Hints to the reconciler');
    alarms.watchDeadLetters('wake-dead', control.alarm.deadLetters, 'Wake-ups, sweeps or facts from outside');
    alarms.watchDeadLetters('stream-dead', control.stream.deadLetters, 'Records of the table stream');
    alarms.watch(
      'hints-old',
      'The oldest hint waits for 5 minutes: passes are too slow or failing; see docs/deploy.md, Alarms',
      control.queue.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
      300,
    );
    for (const name of ['reconcile', 'stream', 'sweep', 'audit'] as const) {
      alarms.watch(
        `${name}-errors`,
        `The function ${name} fails; see docs/deploy.md, Alarms`,
        control.background[name].lambda.metricErrors({ period, statistic: 'sum' }),
        3,
      );
    }
    alarms.watch(
      'api-errors',
      'The REST API answers 5xx; see docs/deploy.md, Alarms',
      control.restApi.api.metricServerError({ period, statistic: 'sum' }),
      5,
    );
    for (const machine of machineNames) {
      alarms.watch(
        `${machine}-failed`,
        `Executions of ${machine} fail without a result; see docs/deploy.md, Alarms`,
        control.workflow.machines[machine].metricFailed({ period, statistic: 'sum' }),
        3,
      );
    }
    const measured = (name: string) =>
      new Metric({
        namespace: metricsNamespace,
        metricName: name,
        dimensionsMap: { Deployment: deploymentName(options) },
        period,
        statistic: 'sum',
      });
    alarms.watch(
      'invariant-violated',
      'An invariant of a town did not hold; see docs/deploy.md, Alarms',
      measured('InvariantViolations'),
      1,
    );
    alarms.watch('actions-failed', 'Actions of passes fail; see docs/deploy.md, Alarms', measured('ActionsFailed'), 10);
    const throttled = new MathExpression({
      expression: 'reads + writes',
      label: 'Throttled requests',
      period,
      usingMetrics: {
        reads: data.store.table.metric('ReadThrottleEvents', { period, statistic: 'sum' }),
        writes: data.store.table.metric('WriteThrottleEvents', { period, statistic: 'sum' }),
      },
    });
    alarms.watch('table-throttled', 'DynamoDB throttles the table; see docs/deploy.md, Alarms', throttled, 10);
  }
}
