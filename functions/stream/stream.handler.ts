// The table's stream: what was written becomes one hint per town and batch, and frames for those who watch.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse } from 'aws-lambda';
import { z } from 'zod';
import { streamedChange } from '../adapters/dynamodb/stream-image.ts';
import type { StreamedChange } from '../adapters/dynamodb/stream-image.ts';
import { lambda } from '../api/lambda.ts';
import type { Ports } from '../ports.ts';
import { pushFrames } from '../realtime/fan-out.ts';
import { createBackgroundHandler } from '../reconcile/background.ts';
import { newsIn, recordHistory } from './history.ts';
import { reactToChanges } from './react.ts';
import type { ItemChange } from './react.ts';

/** DynamoDB's own attribute format; the item inside is parsed by its schema. */
const imageSchema = z
  .record(
    z.string(),
    z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
  )
  .optional();
const recordSchema = z.object({
  eventID: z.string(),
  dynamodb: z.object({ SequenceNumber: z.string(), NewImage: imageSchema, OldImage: imageSchema }),
  /** Set when time-to-live removed the item: nobody did anything. */
  userIdentity: z.object({ type: z.string(), principalId: z.string() }).optional(),
});
const eventSchema = z.object({ Records: z.array(recordSchema) });
type StreamRecord = z.output<typeof recordSchema>;

const isExpiry = ({ userIdentity }: StreamRecord): boolean => userIdentity?.principalId === 'dynamodb.amazonaws.com';

const changeOf = (ports: Pick<Ports, 'log'>, record: StreamRecord): StreamedChange | undefined => {
  if (isExpiry(record)) return undefined;
  try {
    return streamedChange({ newImage: record.dynamodb.NewImage, oldImage: record.dynamodb.OldImage });
  } catch (error) {
    // One unreadable item must not stop the stream of all towns; readers of the item will say what is wrong with it.
    ports.log.error('stream_item_unreadable', { eventId: record.eventID, error: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
};

/** From this one on the batch is taken again. */
const firstOf = (records: readonly StreamRecord[]): DynamoDBBatchResponse['batchItemFailures'] =>
  records.slice(0, 1).map((record) => ({ itemIdentifier: record.dynamodb.SequenceNumber }));
const itemChange = (change: StreamedChange): ItemChange => change;

/** Repeated and late hints are harmless, so a batch that fails is simply taken again from its first record. */
export const createHandler = (ports: Ports): ((event: unknown) => Promise<DynamoDBBatchResponse>) =>
  createBackgroundHandler('stream', eventSchema, ports.log, async ({ Records }) => {
    const changes = Records.flatMap((record) => changeOf(ports, record) ?? []);
    const reaction = reactToChanges(changes.map(itemChange));
    try {
      for (const townId of reaction.towns) await ports.queue.hint(townId, Records.at(-1)?.dynamodb.SequenceNumber);
    } catch (error) {
      ports.log.error('hint_failed', { error: error instanceof Error ? error.name : 'unknown' });
      return { batchItemFailures: firstOf(Records) };
    }
    const recorded = await recordHistory(ports, newsIn(changes.map(itemChange))).then(
      () => true,
      (error: unknown) => {
        ports.log.error('history_failed', { error: error instanceof Error ? error.name : 'unknown' });
        return false;
      },
    );
    // Frames may be lost: whoever watches reads again at the next one.
    await pushFrames(ports, reaction.frames).catch((error: unknown) => {
      ports.log.warn('frames_failed', { error: error instanceof Error ? error.name : 'unknown' });
    });
    return { batchItemFailures: recorded ? [] : firstOf(Records) };
  });

export const handler = lambda(createHandler);
