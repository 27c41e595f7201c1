// Finds what a town still owns, whatever kind it is of: partition by partition, an item before the one that leads to it.
import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { keyAttributesOf } from '../../domain/bead-writes.ts';
import type { ItemName, Removal } from '../../ports.ts';
import { StoreMisuse, StoredItemInvalid } from '../../store-errors.ts';
import type { Row, Table } from './read.ts';
import { withRetries } from './retries.ts';
import { tableDefinition } from './table.ts';
import { fixedPartitions, indexPartitions, partitionsBehind } from './town-partitions.ts';

/** Partitions that are asked at once. */
const atOnce = 20;

const rowsIn = async (table: Table, partition: string, limit: number): Promise<Row[]> => {
  const { Items } = await withRetries(table.policy, () =>
    table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': tableDefinition.partitionKey },
        ExpressionAttributeValues: { ':pk': partition },
        ConsistentRead: true,
        Limit: limit,
      }),
    ),
  );
  return Items ?? [];
};

const keysSchema = z.array(z.object({ pk: z.string(), sk: z.string() }));
/** What an index names, read from the table itself: the index may be late. */
const rowsOfIndex = async (table: Table, index: string, partition: string, limit: number): Promise<Row[]> => {
  const definition = tableDefinition.indexes.find(({ name }) => name === index);
  if (definition === undefined) throw new StoreMisuse(`There is no index ${index}.`);
  const { Items } = await withRetries(table.policy, () =>
    table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: index,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': definition.partitionKey },
        ExpressionAttributeValues: { ':pk': partition },
        Limit: Math.min(limit, 100),
      }),
    ),
  );
  const keys = keysSchema.parse(Items ?? []);
  if (keys.length === 0) return [];
  const { Responses } = await withRetries(table.policy, () =>
    table.client.send(new BatchGetCommand({ RequestItems: { [table.tableName]: { Keys: keys, ConsistentRead: true } } })),
  );
  return Responses?.[table.tableName] ?? [];
};

/** ElectroDB writes the name of the entity on each item. */
const entityMark = '__edb_e__';
const isItemName = (name: string): name is ItemName => name in keyAttributesOf;
const removalOf = (row: Row): Removal => {
  const mark = row[entityMark];
  const name = mark === 'dependent' ? 'dependency' : mark;
  if (typeof name !== 'string' || !isItemName(name))
    throw new StoredItemInvalid(`An item of unknown kind ${String(mark)} is in the table.`);
  const key = Object.fromEntries(keyAttributesOf[name].map((attribute) => [attribute, row[attribute]]));
  // The attributes that make the key of this name, read from an item of this name.
  return { remove: name, key, when: 'none' } as Removal;
};

/** The first rows of those partitions that hold any. */
const firstFilled = async (table: Table, partitions: readonly string[], limit: number): Promise<Row[]> => {
  for (let start = 0; start < partitions.length; start += atOnce) {
    const found = await Promise.all(partitions.slice(start, start + atOnce).map((partition) => rowsIn(table, partition, limit)));
    const rows = found.flat();
    if (rows.length > 0) return rows.slice(0, limit);
  }
  return [];
};

const distinct = (removals: readonly Removal[]): Removal[] => [
  ...new Map(removals.map((removal) => [JSON.stringify([removal.remove, removal.key]), removal])).values(),
];

/** The town itself, and the item by which the sweep finds a town that is being removed. */
export const staysToTheEnd = (removal: Removal): boolean =>
  removal.remove === 'town' || (removal.remove === 'work' && removal.key.kind === 'removal');

/** See `Store.leftoversOf`. */
export const readLeftovers = async (table: Table, townId: string, limit: number): Promise<readonly Removal[]> => {
  const nowMs = Date.now();
  for (const { index, partition } of indexPartitions(townId)) {
    const rows = await rowsOfIndex(table, index, partition, limit);
    if (rows.length > 0) return distinct(rows.map(removalOf));
  }
  for (const partition of fixedPartitions(townId)) {
    const rows = await rowsIn(table, partition, limit);
    const behind = [...new Set(rows.flatMap((row) => partitionsBehind(townId, row, nowMs)))];
    const hidden = await firstFilled(table, behind, limit);
    const found = distinct((hidden.length > 0 ? hidden : rows).map(removalOf)).filter((removal) => !staysToTheEnd(removal));
    if (found.length > 0) return found;
  }
  return [];
};
