// Wakes a town: a delayed message for a near time, a one-time schedule of EventBridge Scheduler for a far one. Both end on the wake queue.
import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-scheduler';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { HintMessage } from '../../contracts/hint.schema.ts';
import type { Alarm, Clock } from '../../ports.ts';

/** SQS delays a message of a standard queue by at most 15 minutes. */
export const longestDelayMs = 15 * 60 * 1000;

export interface AwsAlarmOptions {
  readonly sqs: SQSClient;
  readonly scheduler: SchedulerClient;
  readonly wakeQueueUrl: string;
  readonly wakeQueueArn: string;
  readonly scheduleGroupName: string;
  /** Role that Scheduler takes to send to the wake queue. */
  readonly scheduleRoleArn: string;
  readonly clock: Clock;
}

/** `at(yyyy-mm-ddThh:mm:ss)` in UTC, rounded up to the second so that nobody is woken too early. */
export const atExpression = (atMs: number): string => `at(${new Date(Math.ceil(atMs / 1000) * 1000).toISOString().slice(0, 19)})`;

const removeSchedule = async ({ scheduler, scheduleGroupName }: AwsAlarmOptions, name: string): Promise<void> => {
  try {
    await scheduler.send(new DeleteScheduleCommand({ Name: name, GroupName: scheduleGroupName }));
  } catch (error) {
    // It has just been completed and deleted itself.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
};

export const createAwsAlarm = (options: AwsAlarmOptions): Alarm => ({
  arm: async ({ townId, atMs, generation }) => {
    const delayMs = Math.max(0, atMs - options.clock.nowMs());
    const body = JSON.stringify({ townId, generation } satisfies HintMessage);
    if (delayMs <= longestDelayMs) {
      await options.sqs.send(
        new SendMessageCommand({
          QueueUrl: options.wakeQueueUrl,
          MessageBody: body,
          DelaySeconds: Math.min(longestDelayMs / 1000, Math.ceil(delayMs / 1000)),
        }),
      );
      return;
    }
    try {
      await options.scheduler.send(
        new CreateScheduleCommand({
          Name: `town-${townId}-${generation}`,
          GroupName: options.scheduleGroupName,
          ScheduleExpression: atExpression(atMs),
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: options.wakeQueueArn,
            RoleArn: options.scheduleRoleArn,
            Input: body,
            RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
          },
        }),
      );
    } catch (error) {
      // The same generation was armed before, by a pass that was repeated: its schedule stands.
      if (!(error instanceof ConflictException)) throw error;
    }
  },
  // Only the newest generation is in the table; schedules of older ones may be left, because a nearer wake-up does not take a farther one back.
  disarm: async (townId) => {
    let token: string | undefined;
    do {
      const page = await options.scheduler.send(
        new ListSchedulesCommand({
          GroupName: options.scheduleGroupName,
          NamePrefix: `town-${townId}-`,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      for (const { Name } of page.Schedules ?? []) if (Name !== undefined) await removeSchedule(options, Name);
      token = page.NextToken;
    } while (token !== undefined);
  },
});
