// A table of its own in the vitest run's DynamoDB Local, for one test file.
import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { z } from 'zod';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import { dynamoLocalClient } from '../../infra/local/dynamodb-client.ts';
import { ensureTable } from '../../infra/local/dynamodb-table.ts';
import type { Store } from '../../functions/ports.ts';

const addressSchema = z.object({ endpoint: z.string(), accessKeyId: z.string() });

export interface TestTable {
  readonly tableName: string;
  readonly client: DynamoDBClient;
  readonly store: Store;
}

/** Starts DynamoDB Local when this is the first to ask (3 to 8 s). Use in beforeAll; destroy the client in afterAll. */
export const aTestTable = async (): Promise<TestTable> => {
  const response = await fetch(inject('dynamoLocalBroker'));
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  const client = dynamoLocalClient(addressSchema.parse(JSON.parse(answer)));
  const tableName = `test-${randomUUID()}`;
  await ensureTable(client, tableName);
  return { tableName, client, store: createDynamoStore({ client, tableName }) };
};
