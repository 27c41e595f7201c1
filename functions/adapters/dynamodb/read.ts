// Reads of single items, batches, whole prefixes and pages. ElectroDB makes keys and parameters; this module sends them.
import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { ItemName, Items, Keys, Page, PageRequest } from '../../ports.ts';
import { BadCursor, StoreMisuse, StoreUnavailable } from '../../store-errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { derivedKeys, entities } from './entities/service.ts';
import type { StoredName } from './entities/service.ts';
import { identityOf, storedItem } from './items.ts';
import { tableDefinition } from './table.ts';
import { backOff, withRetries } from './retries.ts';
import type { RetryPolicy } from './retries.ts';

export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly policy: RetryPolicy;
}
export type Row = Readonly<Record<string, unknown>>;

/** What to list: an access pattern of an entity with the attributes of its partition and the head of its sort key. */
export interface ListQuery {
  readonly name: StoredName;
  readonly pattern: string;
  readonly of: Readonly<Record<string, string>>;
  readonly descending?: boolean;
}
type TableKey = Record<string, string>;

const itemKeySchema = z.object({ pk: z.string(), sk: z.string() });
export const keyOf = (table: Table, name: ItemName, key: object): { pk: string; sk: string } => {
  const attributes: Record<string, unknown> = { ...key };
  const { Key } = entities[name].get({ ...attributes, ...derivedKeys(name, attributes) }).params({ table: table.tableName });
  return itemKeySchema.parse(Key);
};

/** Strong. */
export const readOne = async <N extends ItemName>(table: Table, name: N, key: Keys[N]): Promise<Items[N] | undefined> => {
  const Key = keyOf(table, name, key);
  const { Item } = await withRetries(table.policy, () =>
    table.client.send(new GetCommand({ TableName: table.tableName, Key, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : storedItem(name, Item);
};

/** DynamoDB's limit of keys per batch read. */
const keysPerBatch = 100;

const readBatch = async (table: Table, keys: readonly TableKey[]): Promise<Row[]> => {
  const rows: Row[] = [];
  let wanted: readonly TableKey[] = keys;
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt >= table.policy.attempts) throw new StoreUnavailable('The table keeps leaving keys of a batch read undone.');
    if (attempt > 0) await backOff(table.policy, attempt);
    const RequestItems = { [table.tableName]: { Keys: [...wanted], ConsistentRead: true } };
    const { Responses, UnprocessedKeys } = await withRetries(table.policy, () => table.client.send(new BatchGetCommand({ RequestItems })));
    const got = Responses?.[table.tableName] ?? [];
    rows.push(...got);
    // A batch may stop at 16 MB; as long as it moves on, it is not throttled.
    if (got.length > 0) attempt = 0;
    wanted = z.array(itemKeySchema).parse(UnprocessedKeys?.[table.tableName]?.Keys ?? []);
  }
  return rows;
};

/** Strong; in the order of the keys. */
export const readMany = async <N extends ItemName>(table: Table, name: N, keys: readonly Keys[N][]): Promise<(Items[N] | undefined)[]> => {
  const distinct = new Map(keys.map((key) => [identityOf(name, key), key]));
  const tableKeys = [...distinct.values()].map((key) => keyOf(table, name, key));
  const chunks = Array.from({ length: Math.ceil(tableKeys.length / keysPerBatch) }, (_, index) =>
    tableKeys.slice(index * keysPerBatch, (index + 1) * keysPerBatch),
  );
  const rows = (await Promise.all(chunks.map((chunk) => readBatch(table, chunk)))).flat();
  const byIdentity = new Map(rows.map((row) => [identityOf(name, row), storedItem(name, row)]));
  return keys.map((key) => byIdentity.get(identityOf(name, key)));
};

const queryParamsSchema = z.object({
  IndexName: z.string().optional(),
  KeyConditionExpression: z.string(),
  ExpressionAttributeNames: z.record(z.string(), z.string()),
  ExpressionAttributeValues: z.record(z.string(), z.string()),
});
type QueryParams = z.infer<typeof queryParamsSchema>;
const paramsOf = (table: Table, { name, pattern, of }: ListQuery): QueryParams => {
  const query = entities[name].query[pattern];
  if (query === undefined) throw new StoreMisuse(`${name} has no access pattern ${pattern}.`);
  return queryParamsSchema.parse(query(of).params({ table: table.tableName }));
};

export interface RowPage {
  readonly rows: readonly Row[];
  readonly lastKey: TableKey | undefined;
}
/** One call. Strong on the table itself, eventual on an index. */
export const queryPage = async (
  table: Table,
  query: ListQuery,
  from: { readonly startKey: TableKey | undefined; readonly limit: number | undefined },
): Promise<RowPage> => {
  const params = paramsOf(table, query);
  const { Items: rows, LastEvaluatedKey } = await withRetries(table.policy, () =>
    table.client.send(
      new QueryCommand({
        ...params,
        TableName: table.tableName,
        ConsistentRead: params.IndexName === undefined,
        ScanIndexForward: query.descending !== true,
        ExclusiveStartKey: from.startKey,
        Limit: from.limit,
      }),
    ),
  );
  return { rows: rows ?? [], lastKey: LastEvaluatedKey === undefined ? undefined : tableKeySchema.parse(LastEvaluatedKey) };
};

/** Every row of a query, page by page, until it ends or the caller stops. */
export async function* queryRows(table: Table, query: ListQuery, pageSize?: number, firstKey?: TableKey): AsyncGenerator<Row> {
  let startKey = firstKey;
  do {
    const { rows, lastKey } = await queryPage(table, query, { startKey, limit: pageSize });
    yield* rows;
    startKey = lastKey;
  } while (startKey !== undefined);
}

/** Every row of a whole partition; strong. */
export const readPartition = async (table: Table, pk: string): Promise<Row[]> => {
  const rows: Row[] = [];
  let startKey: TableKey | undefined;
  do {
    const { Items: page, LastEvaluatedKey } = await withRetries(table.policy, () =>
      table.client.send(
        new QueryCommand({
          TableName: table.tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ConsistentRead: true,
          ExclusiveStartKey: startKey,
        }),
      ),
    );
    rows.push(...(page ?? []));
    startKey = LastEvaluatedKey === undefined ? undefined : tableKeySchema.parse(LastEvaluatedKey);
  } while (startKey !== undefined);
  return rows;
};

/** All items of a table query; strong. */
export const readAll = async <N extends ItemName>(table: Table, item: N, query: ListQuery): Promise<Items[N][]> => {
  const items: Items[N][] = [];
  for await (const row of queryRows(table, query)) items.push(storedItem(item, row));
  return items;
};

const tableKeySchema = z.record(z.string().regex(/^(gsi\d)?[ps]k$/), z.string().min(1));
const keyInRow = (row: Row, indexName: string | undefined): TableKey => {
  const fields = [
    'pk',
    'sk',
    ...tableDefinition.indexes.flatMap(({ name, partitionKey, sortKey }) => (name === indexName ? [partitionKey, sortKey] : [])),
  ];
  return tableKeySchema.parse(Object.fromEntries(fields.map((field) => [field, row[field]])));
};

const startKeyIn = (list: string, cursor: string): TableKey => {
  const parsed = tableKeySchema.safeParse(parsedJson(decodeCursor(list, cursor)));
  if (!parsed.success) throw new BadCursor();
  return parsed.data;
};
const parsedJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new BadCursor();
  }
};
/** DynamoDB refuses a start key outside the query; only a forged cursor makes one. */
const orBadCursor = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationException') throw new BadCursor();
    throw error;
  }
};

export interface ListPage {
  readonly query: ListQuery;
  readonly page: PageRequest;
  /** Start behind this key when there is no cursor. */
  readonly after?: TableKey | undefined;
}
/** Rows of one page and the cursor of the next. One row more than asked is read, so that the last page has no cursor. */
export const pageRows = async (table: Table, { query, page, after }: ListPage): Promise<{ rows: readonly Row[]; cursor?: string }> => {
  const list = JSON.stringify([query.name, query.pattern, Object.values(query.of), query.descending === true]);
  const startKey = page.cursor === undefined ? after : startKeyIn(list, page.cursor);
  const call = queryPage(table, query, { startKey, limit: page.limit + 1 });
  const { rows, lastKey } = await (page.cursor === undefined ? call : orBadCursor(call));
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next = rows.length > page.limit && last !== undefined ? keyInRow(last, paramsOf(table, query).IndexName) : lastKey;
  return next === undefined ? { rows: shown } : { rows: shown, cursor: encodeCursor(list, JSON.stringify(next)) };
};

/** A page of items that lie in the table itself. */
export const readPage = async <N extends ItemName>(table: Table, item: N, listPage: ListPage): Promise<Page<Items[N]>> => {
  const { rows, cursor } = await pageRows(table, listPage);
  const items = rows.map((row) => storedItem(item, row));
  return cursor === undefined ? { items } : { items, cursor };
};

const keyFrom = <N extends ItemName>(parser: z.ZodType<Keys[N]>, row: Row): Keys[N] => parser.parse(row);
/** A page of an index: the index says which items, the table says what they are now. Items that vanished meanwhile are left out. */
export const readIndexPage = async <N extends ItemName>(
  table: Table,
  item: N,
  key: z.ZodType<Keys[N]>,
  listPage: ListPage,
): Promise<Page<Items[N]>> => {
  const { rows, cursor } = await pageRows(table, listPage);
  const found = await readMany(
    table,
    item,
    rows.map((row) => keyFrom(key, row)),
  );
  const items = found.filter((one) => one !== undefined);
  return cursor === undefined ? { items } : { items, cursor };
};

/** The start key that means: behind this sort key. It need not exist. */
export const keyBehind = (
  table: Table,
  { query, item, key, sortKey }: { readonly query: ListQuery; readonly item: ItemName; readonly key: object; readonly sortKey: string },
): TableKey => {
  const { IndexName, ExpressionAttributeValues } = paramsOf(table, query);
  const base = keyOf(table, item, key);
  const index = tableDefinition.indexes.find(({ name }) => name === IndexName);
  const partition = ExpressionAttributeValues[':pk'];
  if (index === undefined || partition === undefined) return base;
  return { ...base, [index.partitionKey]: partition, [index.sortKey]: sortKey };
};
