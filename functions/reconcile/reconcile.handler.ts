// The reconcile queue's consumer: up to ten hints of several towns, one pass per town. A failing pass never blocks its group.
import type { SQSBatchResponse } from 'aws-lambda';
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { hintMessageSchema } from '../contracts/hint.schema.ts';
import type { Ports } from '../ports.ts';
import { createBackgroundHandler } from './background.ts';
import { reconcileTown } from './reconcile.ts';

const eventSchema = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

const townOf = (body: string): string | undefined => {
  try {
    return hintMessageSchema.safeParse(JSON.parse(body)).data?.townId;
  } catch {
    // Not JSON: a message that nobody of us sent can never be handled; it is dropped.
    return undefined;
  }
};

/** The pass failed: the town is woken again after a wait. A pass of another hint may come sooner, which does no harm. */
const wakeAgain = (ports: Ports, townId: string): Promise<void> => {
  const nowMs = ports.clock.nowMs();
  // The generation only names a schedule, and this wake-up is too near to become one.
  return ports.alarm.arm({ townId, atMs: nowMs + ports.deployment.timings.resendMs, generation: nowMs });
};

/** True when the town's messages are dealt with: passed, or armed to be passed again. */
const passed = async (ports: Ports, townId: string): Promise<boolean> => {
  try {
    await reconcileTown(ports, townId);
    return true;
  } catch (error) {
    ports.log.error('pass_failed', { townId, error: error instanceof Error ? error.name : 'unknown' });
  }
  try {
    await wakeAgain(ports, townId);
    return true;
  } catch (error) {
    ports.log.error('wake_failed', { townId, error: error instanceof Error ? error.name : 'unknown' });
    return false;
  }
};

export const createHandler = (ports: Ports): ((event: unknown) => Promise<SQSBatchResponse>) =>
  createBackgroundHandler('reconcile', eventSchema, ports.log, async ({ Records }) => {
    const byTown = new Map<string, string[]>();
    for (const { messageId, body } of Records) {
      const townId = townOf(body);
      if (townId === undefined) ports.log.warn('hint_unreadable', { messageId });
      else byTown.set(townId, [...(byTown.get(townId) ?? []), messageId]);
    }
    const results = await Promise.all([...byTown].map(async ([townId, messageIds]) => ((await passed(ports, townId)) ? [] : messageIds)));
    return { batchItemFailures: results.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  });

export const handler = lambda(createHandler);
