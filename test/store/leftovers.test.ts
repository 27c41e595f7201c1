// A deleted town leaves nothing: one item of every kind is put into a town, and what is found is removed until nothing is found.
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unfindable } from '../../functions/adapters/dynamodb/town-partitions.ts';
import type { ItemName, Items, Store, Write } from '../../functions/ports.ts';
import { aTestTable } from './dynamodb.ts';
import type { TestTable } from './dynamodb.ts';
import { freshTown } from './contract-items.ts';
import { createMemoryStore } from './memory-store.ts';
import { sampleItems } from './sample-items.ts';

const putOf = (name: ItemName, items: Items): Write => ({ put: name, item: items[name], when: 'none' }) as Write;
/** What a town has published, and what an organisation or a person has set, is not the town's and stays. */
const ofTheAccount: readonly ItemName[] = ['publishedFormula', 'publishedPersona', 'ownerSettings'];
/** One of every kind; the ticket is a runner's, because a person's belongs to no town. */
const everyKind = (townId: string): Write[] => {
  const items = sampleItems(townId);
  return namesOf(items).map((name) =>
    name === 'ticket' ? { put: 'ticket', item: { ...items.ticket, kind: 'runner', townId }, when: 'none' } : putOf(name, items),
  );
};
const namesOf = (items: Items): ItemName[] => Object.keys(items).filter((name): name is ItemName => name in items);

const emptied = async (store: Store, townId: string): Promise<number> => {
  let removed = 0;
  for (;;) {
    const found = await store.leftoversOf(townId, 40);
    if (found.length === 0) return removed;
    expect((await store.commit(found)).ok).toBe(true);
    removed += found.length;
  }
};
const stillThere = async (store: Store, townId: string): Promise<string[]> => {
  const items = sampleItems(townId);
  const found: string[] = [];
  for (const name of namesOf(items)) if ((await store.get(name, items[name])) !== undefined) found.push(name);
  return found;
};

describe('what a town owns', () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await aTestTable();
  });
  afterAll(() => {
    table.client.destroy();
  });
  /** Two towns with one item of every kind; the first is emptied. What is still there of both. */
  const afterwards = async (store: Store): Promise<{ removed: number; emptied: string[]; neighbour: string[] }> => {
    const [townId, neighbour] = [freshTown(), freshTown()];
    for (const write of [...everyKind(townId), ...everyKind(neighbour)]) expect((await store.commit([write])).ok).toBe(true);
    const removed = await emptied(store, townId);
    return { removed, emptied: await stillThere(store, townId), neighbour: await stillThere(store, neighbour) };
  };
  const kinds = namesOf(sampleItems('t-any1'));
  const expected = {
    removed: kinds.length - 1 - ofTheAccount.length,
    emptied: kinds.filter((name) => name === 'town' || ofTheAccount.includes(name)),
    neighbour: kinds,
  };
  it('is found and removed, every kind of it, in memory', async () => {
    expect(await afterwards(createMemoryStore())).toEqual(expected);
  });
  it('is found and removed, every kind of it, in the table; no row names the town afterwards (L20)', async () => {
    expect(await afterwards(table.store)).toEqual(expected);
    const townId = freshTown();
    for (const write of everyKind(townId)) if (!('put' in write && ofTheAccount.includes(write.put))) await table.store.commit([write]);
    await emptied(table.store, townId);
    await table.store.commit([{ remove: 'town', key: { townId }, when: 'none' }]);
    const { Items: rows = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName, ConsistentRead: true }));
    expect(rows.filter((row) => JSON.stringify(row).includes(townId))).toEqual([]);
  });
  it('can be found by the town for every entity of the table', () => {
    expect(unfindable()).toEqual([]);
  });
  it('is removed behind what leads to it, so that a kill between two calls loses nothing', async () => {
    const townId = freshTown();
    const items = sampleItems(townId);
    for (const name of ['bead', 'dependency', 'agent', 'sessionBatch'] as const) await table.store.commit([putOf(name, items)]);
    const order: string[] = [];
    for (let found = await table.store.leftoversOf(townId, 40); found.length > 0; found = await table.store.leftoversOf(townId, 40)) {
      order.push(...found.map((removal) => removal.remove).toSorted());
      await table.store.commit(found);
    }
    expect(order.indexOf('dependency')).toBeLessThan(order.indexOf('bead'));
    expect(order.indexOf('sessionBatch')).toBeLessThan(order.indexOf('agent'));
    const { Count } = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `TOWN#${townId}#SESSION#toast` } },
      }),
    );
    expect(Count).toBe(0);
  });
});
