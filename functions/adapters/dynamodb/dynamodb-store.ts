// The Store port on one DynamoDB table: which query answers which question. How reads and writes are sent is in read.ts and commit.ts.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { listOf } from '../../domain/bead-lists.ts';
import type { Items, Page, PageRequest, Store } from '../../ports.ts';
import { commitWrites } from './commit.ts';
import { eventSubject, serviceFor } from './entities/service.ts';
import { dueShards } from './entities/work.entity.ts';
import { checkedWrites } from './items.ts';
import { readPass } from './read-pass.ts';
import { readHistory, readTracesBelow } from './read-history.ts';
import { readLeftovers } from './leftovers.ts';
import { keyBehind, queryRows, readAll, readIndexPage, readMany, readOne, readPage } from './read.ts';
import type { ListQuery, Table } from './read.ts';
import { defaultRetryPolicy } from './retries.ts';
import type { RetryPolicy } from './retries.ts';

const townKey = z.object({ townId: z.string() });
const beadKey = z.object({ townId: z.string(), beadId: z.string() });
const eventKey = z.object({ townId: z.string(), eventId: z.string() });
const batchKey = z.object({ townId: z.string(), agentId: z.string(), epoch: z.number(), batchId: z.string() });
const connectionKey = z.object({ connectionId: z.string() });
const dueRow = z.object({ townId: z.string(), dueAtMs: z.number() });

type EventsQuery = Parameters<Store['eventsOf']>[1];

/** The feed lies in the table (strong); the events of a bead or agent come through an index (eventual). */
const eventList = (townId: string, { beadId, agentId, newestFirst }: EventsQuery): ListQuery => {
  const descending = newestFirst === true;
  const subject = eventSubject(beadId ?? '', agentId ?? '');
  if (subject !== '') return { name: 'event', pattern: 'bySubject', of: { townId, subject }, descending };
  return { name: 'event', pattern: 'primary', of: { townId }, descending };
};

const readEvents = async (table: Table, townId: string, query: EventsQuery, page: PageRequest): Promise<Page<Items['event']>> => {
  const { after, beadId, agentId, newestFirst } = query;
  const list = eventList(townId, query);
  const start =
    after === undefined || newestFirst === true
      ? undefined
      : keyBehind(table, { query: list, item: 'event', key: { townId, eventId: after }, sortKey: after });
  const listPage = { query: list, page, after: start };
  const read =
    list.pattern === 'primary' ? await readPage(table, 'event', listPage) : await readIndexPage(table, 'event', eventKey, listPage);
  const inRange = read.items.filter((event) => after === undefined || event.eventId > after);
  const items = inRange.filter(
    (event) => (beadId === undefined || event.beadId === beadId) && (agentId === undefined || event.agentId === agentId),
  );
  const ended = inRange.length < read.items.length;
  return read.cursor === undefined || ended ? { items } : { items, cursor: read.cursor };
};

const dueLists = (): ListQuery[] =>
  Array.from({ length: dueShards }, (_, shard) => ({ name: 'work', pattern: 'due', of: { dueShard: String(shard) } }));

/** Towns in one shard whose work is due; the index is ordered by due time, so reading stops at the first that is not. */
const overdueInShard = async (table: Table, list: ListQuery, atMs: number): Promise<string[]> => {
  const rowsPerCall = 50;
  const towns: string[] = [];
  for await (const row of queryRows(table, list, rowsPerCall)) {
    const { townId, dueAtMs } = dueRow.parse(row);
    if (dueAtMs > atMs) break;
    towns.push(townId);
  }
  return towns;
};
const overdueIn = async (table: Table, atMs: number): Promise<string[]> => {
  const shards = await Promise.all(dueLists().map((list) => overdueInShard(table, list, atMs)));
  return [...new Set(shards.flat())].toSorted();
};

const readConnections = async (table: Table, townId: string): Promise<Items['connection'][]> => {
  const connections: Items['connection'][] = [];
  let cursor: string | undefined;
  do {
    const page = { limit: 100, cursor };
    const read = await readIndexPage(table, 'connection', connectionKey, {
      query: { name: 'connection', pattern: 'byTown', of: { indexedTownId: townId } },
      page,
    });
    connections.push(...read.items);
    cursor = read.cursor;
  } while (cursor !== undefined);
  return connections;
};

const readReady = async (table: Table, query: ListQuery, limit: number): Promise<Items['ready'][]> => {
  const { items } = await readPage(table, 'ready', { query, page: { limit } });
  return [...items];
};

export interface DynamoStoreOptions {
  /** Its retries for calls that get no answer are the SDK's; give it short time-outs. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly retryPolicy?: RetryPolicy;
}

/** Throws what the port says, and `BadCursor`, `StoreMisuse`, `StoredItemInvalid` of store-errors.ts. */
export const createDynamoStore = ({ client, tableName, retryPolicy = defaultRetryPolicy }: DynamoStoreOptions): Store => {
  const table: Table = {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true } }),
    tableName,
    policy: retryPolicy,
  };
  const service = serviceFor(tableName);
  return {
    get: (name, key) => readOne(table, name, key),
    getMany: (name, keys) => readMany(table, name, keys),
    commit: async (writes) => commitWrites(table.client, service, retryPolicy, checkedWrites(writes)),

    townsOf: (ownerId, page) =>
      readIndexPage(table, 'town', townKey, { query: { name: 'town', pattern: 'byOwner', of: { ownerId } }, page }),
    personasOf: (townId) => readAll(table, 'persona', { name: 'persona', pattern: 'primary', of: { townId } }),
    rigsOf: (townId) => readAll(table, 'rig', { name: 'rig', pattern: 'primary', of: { townId } }),
    beadsBy: async ({ townId, type, status, archived = false }, page) => {
      const read = await readIndexPage(table, 'bead', beadKey, {
        query: { name: 'bead', pattern: 'byStatus', of: { townId, type, list: listOf(type, status, archived) }, descending: true },
        page,
      });
      return {
        ...read,
        items: read.items.filter((bead) => bead.type === type && bead.status === status && (bead.archivedAt !== undefined) === archived),
      };
    },
    everyBead: (townId, page) => readPage(table, 'bead', { query: { name: 'bead', pattern: 'primary', of: { townId } }, page }),
    agentsOf: (townId) => readAll(table, 'agent', { name: 'agent', pattern: 'primary', of: { townId } }),
    identitiesOf: (townId) => readAll(table, 'identity', { name: 'identity', pattern: 'primary', of: { townId } }),
    reportsOf: (townId) => readAll(table, 'report', { name: 'report', pattern: 'primary', of: { townId } }),
    dependenciesOf: (townId, beadId) => readAll(table, 'dependency', { name: 'dependency', pattern: 'primary', of: { townId, beadId } }),
    dependentsOf: async (townId, beadId, type) => {
      const of = { townId, dependsOnId: beadId, ...(type === undefined ? {} : { type }) };
      const edges = await readAll(table, 'dependency', { name: 'dependent', pattern: 'primary', of });
      return type === undefined ? edges : edges.filter((edge) => edge.type === type);
    },
    passOf: (townId) => readPass(table, townId),
    workOf: (townId) => readAll(table, 'work', { name: 'work', pattern: 'primary', of: { townId } }),
    readyOf: (townId, rigId, queue, limit) => readReady(table, { name: 'ready', pattern: 'primary', of: { townId, rigId, queue } }, limit),
    slotsOf: (townId) => readAll(table, 'slot', { name: 'slot', pattern: 'primary', of: { townId } }),
    trainsOf: (townId) => readAll(table, 'train', { name: 'train', pattern: 'primary', of: { townId } }),
    commandsOf: async (townId, ids) => {
      const commands = await readMany(
        table,
        'command',
        ids.map((commandId) => ({ townId, commandId })),
      );
      return commands.filter((command) => command !== undefined).filter((command) => command.state === 'queued' || !command.tokenTaken);
    },
    eventsOf: (townId, query, page) => readEvents(table, townId, query, page),
    mayorMessages: (townId, userId, page) =>
      readPage(table, 'mayorMessage', {
        query: { name: 'mayorMessage', pattern: 'primary', of: { townId, userId }, descending: true },
        page,
      }),
    sessionBatches: (townId, agentId, { beadId }, page) =>
      beadId === undefined
        ? readPage(table, 'sessionBatch', { query: { name: 'sessionBatch', pattern: 'primary', of: { townId, agentId } }, page })
        : readIndexPage(table, 'sessionBatch', batchKey, {
            query: { name: 'sessionBatch', pattern: 'byBead', of: { townId, agentId, indexedBeadId: beadId } },
            page,
          }),
    usageOf: (townId, day) => readAll(table, 'usage', { name: 'usage', pattern: 'primary', of: { townId, day } }),
    formulasOf: (townId, page) => readPage(table, 'formula', { query: { name: 'formula', pattern: 'primary', of: { townId } }, page }),
    publishedFormulas: (page) =>
      readPage(table, 'publishedFormula', { query: { name: 'publishedFormula', pattern: 'primary', of: { registry: 'formulas' } }, page }),
    publishedPersonas: (page) =>
      readPage(table, 'publishedPersona', { query: { name: 'publishedPersona', pattern: 'primary', of: { registry: 'personas' } }, page }),
    talliesOf: (townId, period) => readAll(table, 'tally', { name: 'tally', pattern: 'primary', of: { townId, period } }),
    historyOf: (query, limit) => readHistory(table, query, limit),
    tracesBelow: (townId, rigId, folder, limit) => readTracesBelow(table, { townId, rigId, folder }, limit),
    notesOf: (townId, page) =>
      readPage(table, 'note', { query: { name: 'note', pattern: 'primary', of: { townId }, descending: true }, page }),
    connectionsOf: (townId) => readConnections(table, townId),
    overdueTowns: (atMs) => overdueIn(table, atMs),
    everyTown: (page) => readIndexPage(table, 'town', townKey, { query: { name: 'town', pattern: 'everyTown', of: {} }, page }),
    everyTownWithWork: () => overdueIn(table, Number.MAX_SAFE_INTEGER),
    leftoversOf: (townId, limit) => readLeftovers(table, townId, limit),
  };
};
