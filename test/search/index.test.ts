import { afterAll, beforeAll, describe } from 'vitest';
import { createTableSearch } from '../../functions/adapters/search/table-search.ts';
import { aTestTable } from '../store/dynamodb.ts';
import type { TestTable } from '../store/dynamodb.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { createLightStore } from '../rules/simulation/light-store.ts';
import { indexContract } from './index-contract.ts';

describe('search on the memory store', () => {
  const index = createTableSearch(createMemoryStore());
  indexContract(() => index);
});
describe('search on the store of simulated towns', () => {
  const index = createTableSearch(createLightStore({ checked: true }));
  indexContract(() => index);
});
describe('search on the table', () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await aTestTable();
  });
  afterAll(() => {
    table.client.destroy();
  });
  indexContract(() => createTableSearch(table.store));
});
