import { afterAll, beforeAll } from 'vitest';
import { aTestTable } from './dynamodb.ts';
import type { TestTable } from './dynamodb.ts';
import { storeContract } from './store-contract.ts';

let table: TestTable | undefined;
beforeAll(async () => { table = await aTestTable(); });
afterAll(() => { table?.client.destroy(); });

storeContract('the DynamoDB store', () => {
  if (table === undefined) throw new Error('The table is made before the first test.');
  return table.store;
});
