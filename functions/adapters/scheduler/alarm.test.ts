import { createHash } from 'node:crypto';
import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Stub } from '../../../test/aws/recording-client.ts';
import { fakeClock } from '../../../test/fakes/ports.ts';
import { atExpression, createAwsAlarm, longestDelayMs } from './alarm.ts';

const make = (
  onSchedule: Stub | Stub[] = answer(CreateScheduleCommand, () => ({
    ScheduleArn: 'arn:aws:scheduler:eu-central-1:111122223333:schedule/towns/town-t-4f9k2m1q-7',
  })),
) => {
  const sqs = new SQSClient(offline);
  const scheduler = new SchedulerClient(offline);
  const messages = record(sqs, [
    answer(SendMessageCommand, (input) => ({
      MessageId: 'm',
      MD5OfMessageBody: createHash('md5')
        .update(input.MessageBody ?? '')
        .digest('hex'),
    })),
  ]);
  const schedules = record(scheduler, [onSchedule].flat());
  const clock = fakeClock(Date.parse('2026-11-21T10:00:00.000Z'));
  const alarm = createAwsAlarm({
    sqs,
    scheduler,
    clock,
    wakeQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/wake',
    wakeQueueArn: 'arn:aws:sqs:eu-central-1:111122223333:wake',
    scheduleGroupName: 'towns',
    scheduleRoleArn: 'arn:aws:iam::111122223333:role/scheduler',
  });
  return { alarm, clock, messages, schedules };
};

describe(`the alarm on SQS and EventBridge Scheduler ${shapesOnly}`, () => {
  it('delays a message when the time is at most 15 minutes away', async () => {
    const { alarm, clock, messages, schedules } = make();
    await alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() + 30_400, generation: 3 });
    await alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() + longestDelayMs, generation: 4 });
    await alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() - 5000, generation: 5 });
    expect(messages.inputsOf(SendMessageCommand).map((input) => input.DelaySeconds)).toEqual([31, 900, 0]);
    expect(messages.inputsOf(SendMessageCommand)[0]?.MessageBody).toBe('{"townId":"t-4f9k2m1q","generation":3}');
    expect(schedules.calls).toEqual([]);
  });

  it('makes a one-time schedule, named by town and generation, for later', async () => {
    const { alarm, clock, messages, schedules } = make();
    await alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() + longestDelayMs + 1, generation: 7 });
    expect(messages.calls).toEqual([]);
    expect(schedules.inputsOf(CreateScheduleCommand)).toEqual([
      expect.objectContaining({
        Name: 'town-t-4f9k2m1q-7',
        GroupName: 'towns',
        ScheduleExpression: 'at(2026-11-21T10:15:01)',
        ScheduleExpressionTimezone: 'UTC',
        ActionAfterCompletion: 'DELETE',
        FlexibleTimeWindow: { Mode: 'OFF' },
      }),
    ]);
    expect(schedules.inputsOf(CreateScheduleCommand)[0]?.Target).toMatchObject({
      Arn: 'arn:aws:sqs:eu-central-1:111122223333:wake',
      Input: '{"townId":"t-4f9k2m1q","generation":7}',
    });
  });

  it('takes a schedule that exists already for done', async () => {
    const { alarm, clock } = make(
      answer(CreateScheduleCommand, () => {
        throw new ConflictException({
          Message: 'Schedule town-t-4f9k2m1q-7 already exists.',
          message: 'Schedule town-t-4f9k2m1q-7 already exists.',
          $metadata: {},
        });
      }),
    );
    await expect(alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() + 2 * longestDelayMs, generation: 7 })).resolves.toBeUndefined();
  });

  it('takes back every schedule of a town, of all generations', async () => {
    const { alarm, schedules } = make([
      answer(ListSchedulesCommand, () => ({ Schedules: [{ Name: 'town-t-4f9k2m1q-7' }, { Name: 'town-t-4f9k2m1q-9' }] })),
      answer(DeleteScheduleCommand, () => ({})),
    ]);
    await alarm.disarm('t-4f9k2m1q');
    expect(schedules.inputsOf(ListSchedulesCommand)).toEqual([{ GroupName: 'towns', NamePrefix: 'town-t-4f9k2m1q-' }]);
    expect(schedules.inputsOf(DeleteScheduleCommand)).toEqual([
      { GroupName: 'towns', Name: 'town-t-4f9k2m1q-7' },
      { GroupName: 'towns', Name: 'town-t-4f9k2m1q-9' },
    ]);
  });

  it('passes other failures on', async () => {
    const { alarm, clock } = make(
      answer(CreateScheduleCommand, () => {
        throw new Error('throttled');
      }),
    );
    await expect(alarm.arm({ townId: 't-4f9k2m1q', atMs: clock.nowMs() + 2 * longestDelayMs, generation: 7 })).rejects.toThrow('throttled');
  });

  it('never rounds a time down', () => {
    expect(atExpression(Date.parse('2026-12-31T23:59:59.001Z'))).toBe('at(2027-01-01T00:00:00)');
  });
});
