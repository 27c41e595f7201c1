// Wake-ups that are due on AWS, from delayed messages and from one-time schedules: each becomes a hint. The pass looks whether the town still exists.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { lambda } from '../api/lambda.ts';
import { hintMessageSchema } from '../contracts/hint.schema.ts';
import type { Ports } from '../ports.ts';

const townOf = (body: string): string => hintMessageSchema.parse(JSON.parse(body)).townId;

/** One hint per town; a message that cannot be read or sent on is reported, tried again, and ends in the dead letters. */
export const createHandler = (ports: Pick<Ports, 'queue' | 'log'>) => async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const failed: string[] = [];
  const hinted = new Set<string>();
  for (const record of event.Records) {
    try {
      const townId = townOf(record.body);
      if (!hinted.has(townId)) await ports.queue.hint(townId);
      hinted.add(townId);
    } catch (error) {
      failed.push(record.messageId);
      ports.log.error('wake_failed', { messageId: record.messageId, error: error instanceof Error ? error.message : 'unknown' });
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

export const handler = lambda(createHandler);
