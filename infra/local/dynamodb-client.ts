// The client of DynamoDB Local, which makes up for what the jar does other than DynamoDB.
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';

const transactInput = z.object({ TransactItems: z.array(z.record(z.string(), z.object({ TableName: z.string() }).optional())).optional() });
/**
 * DynamoDB Local answers a transaction before its database has committed it (docs/decisions/0004): a kill in the next milliseconds would lose
 * what we were told is done. Its database works in turn, so a read that is answered comes after the commit.
 */
const waitForCommits = (client: DynamoDBClient): void => {
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const answer = await next(call);
      if (context['commandName'] !== 'TransactWriteItemsCommand') return answer;
      const { TransactItems = [] } = transactInput.parse(call.input);
      const TableName = TransactItems.flatMap((item) => Object.values(item).map((part) => part?.TableName)).find(
        (name) => name !== undefined,
      );
      if (TableName !== undefined)
        await client.send(new GetItemCommand({ TableName, Key: { pk: { S: '-' }, sk: { S: '-' } }, ConsistentRead: true }));
      return answer;
    },
    { step: 'initialize', name: 'waitForCommits' },
  );
};

/** Where a DynamoDB Local is, and the access key that opens our database in it. */
export interface DynamoLocalAddress {
  readonly endpoint: string;
  readonly accessKeyId: string;
}

/** The client of DynamoDB Local. Use no other: see `waitForCommits`. */
export const dynamoLocalClient = ({ endpoint, accessKeyId }: DynamoLocalAddress): DynamoDBClient => {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 3,
  });
  waitForCommits(client);
  return client;
};
