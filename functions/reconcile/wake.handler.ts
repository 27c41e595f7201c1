// The wake queue's consumer: a wake-up that is due becomes a hint. Whether the town still exists is the first thing that its pass reads.
import type { SQSBatchResponse } from 'aws-lambda';
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { hintMessageSchema } from '../contracts/hint.schema.ts';
import type { Ports } from '../ports.ts';
import { createBackgroundHandler } from './background.ts';

const eventSchema = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

const hinted = async (ports: Pick<Ports, 'queue' | 'log'>, messageId: string, body: string): Promise<boolean> => {
  try {
    const message = hintMessageSchema.safeParse(JSON.parse(body));
    if (message.success) await ports.queue.hint(message.data.townId);
    else ports.log.warn('wake_unreadable', { messageId });
    return true;
  } catch (error) {
    ports.log.error('wake_failed', { messageId, error: error instanceof Error ? error.name : 'unknown' });
    return error instanceof SyntaxError;
  }
};

export const createHandler = (ports: Pick<Ports, 'queue' | 'log'>): ((event: unknown) => Promise<SQSBatchResponse>) =>
  createBackgroundHandler('wake', eventSchema, ports.log, async ({ Records }) => {
    const failed: string[] = [];
    for (const { messageId, body } of Records) if (!(await hinted(ports, messageId, body))) failed.push(messageId);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });

export const handler = lambda(createHandler);
