import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableSearch } from '../../functions/adapters/search/table-search.ts';
import { aTestTable } from '../store/dynamodb.ts';
import type { TestTable } from '../store/dynamodb.ts';
import { freshTown } from '../store/contract-items.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { sampleItems } from '../store/sample-items.ts';
import { createLightStore } from '../rules/simulation/light-store.ts';
import { indexContract } from './index-contract.ts';

describe('search on the memory store', () => {
  const index = createTableSearch(createMemoryStore());
  indexContract(() => index);
  it('looks at 4 000 documents at most, then says how far it came and goes on from there', async () => {
    const townId = freshTown();
    const { history } = sampleItems(townId);
    const firstMs = Date.parse(history.at);
    for (let count = 0; count < 4010; count += 1) {
      const title = count === 5 ? 'A purple button' : 'Something else';
      const at = new Date(firstMs + count * 1000).toISOString();
      await index.put({ ...history, at, id: `web-${1000 + count}`, title, words: title.toLowerCase(), version: 1 });
    }
    const first = await index.find({ townId, words: ['purple'], limit: 10 });
    expect(first).toMatchObject({ found: [], complete: false, searchedTo: new Date(firstMs + 10_000).toISOString() });
    const second = await index.find({ townId, words: ['purple'], limit: 10, cursor: first.cursor });
    expect(second).toMatchObject({ found: [{ document: { id: 'web-1005' } }], complete: true });
  });
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
