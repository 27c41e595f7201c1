import { afterAll, beforeAll, describe } from 'vitest';
import { aTestTable } from './dynamodb.ts';
import type { TestTable } from './dynamodb.ts';
import { storeContract } from './store-contract.ts';

describe('the DynamoDB store', () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await aTestTable();
  });
  afterAll(() => {
    table.client.destroy();
  });
  storeContract(() => table.store);
});
