// A Store that totals the capacity units its calls would take from the table, over any other Store. For the benchmark.
import { z } from 'zod';
import type { ItemName, Items, Page, PassItems, Store, Write } from '../../ports.ts';
import { derivedKeys, entities, indexOnlyAttributes, withoutIndexOnly } from './entities/service.ts';
import type { StoredName } from './entities/service.ts';
import { dueShards } from './entities/work.entity.ts';
import { flatWrite } from './items.ts';
import type { FlatWrite } from './items.ts';
import { commitUnits, readUnits, rowBytes } from './units.ts';
import type { Row, RowChange } from './units.ts';

export interface Units {
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly readCalls: number;
  readonly commits: number;
}
export interface CountedStore {
  readonly store: Store;
  readonly totals: () => Units;
  readonly reset: () => void;
}

const keySchema = z.object({ pk: z.string(), sk: z.string() });
const putSchema = z.object({ Item: z.record(z.string(), z.unknown()) });
const anyTable = { table: 'counted' };

/** The row as the table holds it: with keys, index keys and ElectroDB's marks. */
export const storedRow = (name: StoredName, item: object): Row => {
  const attributes: Record<string, unknown> = { ...item };
  const put = entities[name].put({ ...attributes, ...indexOnlyAttributes(name, attributes) }).params(anyTable);
  return withoutIndexOnly(name, putSchema.parse(put).Item, attributes);
};
const keyText = (keyed: unknown): string => {
  const { pk, sk } = keySchema.parse(keyed);
  return `${pk} ${sk}`;
};
const tableKey = (name: StoredName, attributes: object): string =>
  keyText(entities[name].get({ ...attributes, ...derivedKeys(name, { ...attributes }) }).params<{ Key: unknown }>(anyTable).Key);

const sumOf = (one: unknown, other: unknown): number => (typeof one === 'number' ? one : 0) + (typeof other === 'number' ? other : 0);
const rowAfter = (name: StoredName, write: FlatWrite, before: Row | undefined): Row | undefined => {
  if (write.act !== 'put' && write.act !== 'add') return undefined;
  const row = storedRow(name, write.attributes);
  return { ...row, ...Object.fromEntries((write.numbers ?? []).map((number) => [number, sumOf(row[number], before?.[number])])) };
};

/** Rows that went through this store, to know what a write replaces. A row that was there before counts as new. */
class Shadow {
  private readonly rows = new Map<string, Row>();

  changesOf(write: FlatWrite): RowChange[] {
    const names: StoredName[] = write.name === 'dependency' && write.act !== 'check' ? ['dependency', 'dependent'] : [write.name];
    return names.map((name) => {
      const before = this.rows.get(tableKey(name, write.attributes));
      return { act: write.act === 'check' ? 'check' : 'write', before, after: rowAfter(name, write, before) };
    });
  }

  apply(changes: readonly RowChange[]): void {
    for (const { act, before, after } of changes) {
      if (act === 'check') continue;
      if (after !== undefined) this.rows.set(keyText(after), after);
      else if (before !== undefined) this.rows.delete(keyText(before));
    }
  }
}

/** Bytes that an index carries of an item, near enough: its keys and ids. */
const indexRowBytes = 300;

const bytesOf = (name: ItemName, item: object | undefined): number => (item === undefined ? 0 : rowBytes(storedRow(name, item)));
/** One query reads all of it. */
const passBytes = ({ town, lease, alarm, ...lists }: PassItems): number => {
  const sum = (name: ItemName, items: readonly object[]): number => items.reduce<number>((total, item) => total + bytesOf(name, item), 0);
  return (
    bytesOf('town', town) +
    bytesOf('lease', lease) +
    bytesOf('alarm', alarm) +
    sum('rig', lists.rigs) +
    sum('agent', lists.agents) +
    sum('report', lists.reports) +
    sum('work', lists.work) +
    sum('slot', lists.slots) +
    sum('train', lists.trains) +
    sum('command', lists.commands)
  );
};
/** Units of items that are read one by one. */
const each = (name: ItemName, items: readonly (object | undefined)[]): number =>
  items.reduce<number>((sum, item) => sum + readUnits(bytesOf(name, item), 'strong'), 0);

/** Wraps a store. Retries, and pages of more than 1 MB, are not counted. */
export const countingUnits = (inner: Store): CountedStore => {
  const zero: Units = { readUnits: 0, writeUnits: 0, readCalls: 0, commits: 0 };
  const shadow = new Shadow();
  let totals = zero;
  const reading = (units: number): void => {
    totals = { ...totals, readUnits: totals.readUnits + units, readCalls: totals.readCalls + 1 };
  };

  const listed = async <N extends ItemName>(name: N, call: Promise<readonly Items[N][]>): Promise<readonly Items[N][]> => {
    const items = await call;
    reading(
      readUnits(
        items.reduce((sum, item) => sum + bytesOf(name, item), 0),
        'strong',
      ),
    );
    return items;
  };
  const paged = async <N extends ItemName>(name: N, call: Promise<Page<Items[N]>>): Promise<Page<Items[N]>> => {
    const page = await call;
    reading(
      readUnits(
        page.items.reduce((sum, item) => sum + bytesOf(name, item), 0),
        'strong',
      ),
    );
    return page;
  };
  /** The index first, then each item from the table. */
  const indexed = (name: ItemName, items: readonly object[]): void => {
    reading(readUnits(items.length * indexRowBytes, 'eventual') + each(name, items));
  };
  const indexedPage = async <N extends ItemName>(name: N, call: Promise<Page<Items[N]>>): Promise<Page<Items[N]>> => {
    const page = await call;
    indexed(name, page.items);
    return page;
  };
  const shards = async (call: Promise<readonly string[]>): Promise<readonly string[]> => {
    const towns = await call;
    reading(dueShards * readUnits(0, 'eventual') + readUnits(towns.length * indexRowBytes, 'eventual'));
    return towns;
  };

  const store: Store = {
    get: async (name, key) => {
      const item = await inner.get(name, key);
      reading(each(name, [item]));
      return item;
    },
    getMany: async (name, keys) => {
      const items = await inner.getMany(name, keys);
      if (keys.length > 0) reading(each(name, items));
      return items;
    },
    commit: async (writes: readonly Write[]) => {
      const changes = writes.map(flatWrite).flatMap((write) => shadow.changesOf(write));
      const outcome = await inner.commit(writes);
      if (changes.length > 0)
        totals = {
          ...totals,
          writeUnits: totals.writeUnits + commitUnits(changes, outcome.ok ? 'written' : 'refused'),
          commits: totals.commits + 1,
        };
      if (outcome.ok) shadow.apply(changes);
      return outcome;
    },
    townsOf: (ownerId, page) => indexedPage('town', inner.townsOf(ownerId, page)),
    rigsOf: (townId) => listed('rig', inner.rigsOf(townId)),
    beadsBy: (query, page) => indexedPage('bead', inner.beadsBy(query, page)),
    everyBead: (townId, page) => paged('bead', inner.everyBead(townId, page)),
    agentsOf: (townId) => listed('agent', inner.agentsOf(townId)),
    identitiesOf: (townId) => listed('identity', inner.identitiesOf(townId)),
    reportsOf: (townId) => listed('report', inner.reportsOf(townId)),
    dependenciesOf: (townId, beadId) => listed('dependency', inner.dependenciesOf(townId, beadId)),
    dependentsOf: (townId, beadId, type) => listed('dependency', inner.dependentsOf(townId, beadId, type)),
    passOf: async (townId) => {
      const read = await inner.passOf(townId);
      reading(readUnits(passBytes(read), 'strong'));
      return read;
    },
    workOf: (townId) => listed('work', inner.workOf(townId)),
    readyOf: (townId, rigId, queue, limit) => listed('ready', inner.readyOf(townId, rigId, queue, limit)),
    slotsOf: (townId) => listed('slot', inner.slotsOf(townId)),
    trainsOf: (townId) => listed('train', inner.trainsOf(townId)),
    commandsOf: async (townId, ids) => {
      const commands = await inner.commandsOf(townId, ids);
      if (ids.length > 0) reading(each('command', commands) + (ids.length - commands.length));
      return commands;
    },
    eventsOf: (townId, query, page) =>
      query.beadId === undefined && query.agentId === undefined
        ? paged('event', inner.eventsOf(townId, query, page))
        : indexedPage('event', inner.eventsOf(townId, query, page)),
    mayorMessages: (townId, userId, page) => paged('mayorMessage', inner.mayorMessages(townId, userId, page)),
    sessionBatches: (townId, agentId, query, page) =>
      query.beadId === undefined
        ? paged('sessionBatch', inner.sessionBatches(townId, agentId, query, page))
        : indexedPage('sessionBatch', inner.sessionBatches(townId, agentId, query, page)),
    usageOf: (townId, day) => listed('usage', inner.usageOf(townId, day)),
    formulasOf: (townId, page) => paged('formula', inner.formulasOf(townId, page)),
    publishedFormulas: (page) => paged('publishedFormula', inner.publishedFormulas(page)),
    publishedPersonas: (page) => paged('publishedPersona', inner.publishedPersonas(page)),
    personasOf: (townId) => listed('persona', inner.personasOf(townId)),
    talliesOf: (townId, period) => listed('tally', inner.talliesOf(townId, period)),
    historyOf: (query, limit) => listed('history', inner.historyOf(query, limit)),
    tracesBelow: (townId, rigId, folder, limit) => listed('trace', inner.tracesBelow(townId, rigId, folder, limit)),
    notesOf: (townId, page) => paged('note', inner.notesOf(townId, page)),
    connectionsOf: async (townId) => {
      const connections = await inner.connectionsOf(townId);
      indexed('connection', connections);
      return connections;
    },
    overdueTowns: (atMs) => shards(inner.overdueTowns(atMs)),
    everyTown: (page) => indexedPage('town', inner.everyTown(page)),
    everyTownWithWork: () => shards(inner.everyTownWithWork()),
    leftoversOf: (townId, limit) => inner.leftoversOf(townId, limit),
  };
  return {
    store,
    totals: () => totals,
    reset: () => {
      totals = zero;
    },
  };
};
