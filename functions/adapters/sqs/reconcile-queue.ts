// The reconcile queue on SQS FIFO: one message group per town keeps the order of a town and lets towns run side by side.
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { HintMessage } from '../../contracts/hint.schema.ts';
import type { Ids, ReconcileQueue } from '../../ports.ts';

export interface SqsReconcileQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly ids: Pick<Ids, 'ulid'>;
}

export const createSqsReconcileQueue = ({ client, queueUrl, ids }: SqsReconcileQueueOptions): ReconcileQueue => ({
  hint: async (townId, batchId) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ townId } satisfies HintMessage),
        MessageGroupId: townId,
        // One id per hint. With the town or the body as the id, SQS would swallow every further hint for 5 minutes.
        MessageDeduplicationId: batchId === undefined ? ids.ulid() : `batch-${batchId}`,
      }),
    );
  },
});
