import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedRow } from '../../functions/adapters/dynamodb/counting-units.ts';
import { aTestTable } from './dynamodb.ts';
import type { TestTable } from './dynamodb.ts';
import { freshTown } from './contract-items.ts';
import { sampleItems } from './sample-items.ts';
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
  it('reads beads of an older release, whose metadata is a map, and writes them again', async () => {
    const { bead } = sampleItems(freshTown());
    const row = { ...storedRow('bead', bead), metadata: bead.metadata };
    await table.client.send(new PutCommand({ TableName: table.tableName, Item: row }));
    expect(await table.store.get('bead', bead)).toEqual(bead);
    const next = { ...bead, version: 2 };
    expect(await table.store.commit([{ put: 'bead', item: next, when: { equals: { version: 1 } } }])).toEqual({ ok: true });
    expect(await table.store.getMany('bead', [bead])).toEqual([next]);
  });
});
