// Capacity units of the table from item sizes, by DynamoDB's published rules. Pure; the benchmark multiplies by prices.
// Source: "DynamoDB item sizes and formats" and "DynamoDB read and write operations" in the developer guide.
import { Buffer } from 'node:buffer';
import { tableDefinition } from './table.ts';

export type Row = Readonly<Record<string, unknown>>;

const bytesPerReadUnit = 4_096;
const bytesPerWriteUnit = 1_024;
/** Lists and maps take so much, and each element one more. */
const containerBytes = 3;
const transactionFactor = 2;

const textBytes = (text: string): number => Buffer.byteLength(text);

/** About one byte per two significant digits, and one; negative numbers take one more. */
const numberBytes = (value: number): number => {
  const [mantissa = ''] = String(Math.abs(value)).split('e');
  const digits = mantissa.replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
};

const valueBytes = (value: unknown): number => {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return numberBytes(value);
  if (Array.isArray(value)) return value.reduce((sum: number, element) => sum + 1 + valueBytes(element), containerBytes);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).reduce(
      (sum, [name, element]) => (element === undefined ? sum : sum + 1 + textBytes(name) + valueBytes(element)),
      containerBytes,
    );
  }
  return 1;
};

/** Size of an item: names and values of its top attributes, keys included. */
export const rowBytes = (row: Row): number =>
  Object.entries(row).reduce((sum, [name, value]) => (value === undefined ? sum : sum + textBytes(name) + valueBytes(value)), 0);

export type Consistency = 'strong' | 'eventual';
/** One read call: the bytes of all items it reads together (a query), or of one (get; each key of a batch). Nothing found costs as much as the smallest. */
export const readUnits = (bytes: number, consistency: Consistency): number =>
  Math.max(1, Math.ceil(bytes / bytesPerReadUnit)) * (consistency === 'strong' ? 1 : 0.5);

const plainWriteUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / bytesPerWriteUnit));

const sameValues = (one: Row, other: Row): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What an index holds of a row: its keys and projected attributes; undefined when the row is not in the index. */
const indexEntry = (index: (typeof tableDefinition)['indexes'][number], row: Row | undefined): Row | undefined => {
  if (row === undefined || row[index.partitionKey] === undefined || row[index.sortKey] === undefined) return undefined;
  const names = [tableDefinition.partitionKey, tableDefinition.sortKey, index.partitionKey, index.sortKey, ...index.projected];
  return Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]));
};

/** Entry added or removed: one write. Moved to another key: a removal and a put. Same key: one write when a projected attribute changed, none otherwise. */
export const indexWriteUnits = (before: Row | undefined, after: Row | undefined): number =>
  tableDefinition.indexes.reduce((sum, index) => {
    const [old, fresh] = [indexEntry(index, before), indexEntry(index, after)];
    if (old === undefined || fresh === undefined)
      return sum + [old, fresh].reduce((units, entry) => (entry === undefined ? units : units + plainWriteUnits(rowBytes(entry))), 0);
    if (sameValues(old, fresh)) return sum;
    const moved = old[index.partitionKey] !== fresh[index.partitionKey] || old[index.sortKey] !== fresh[index.sortKey];
    if (moved) return sum + plainWriteUnits(rowBytes(old)) + plainWriteUnits(rowBytes(fresh));
    return sum + plainWriteUnits(Math.max(rowBytes(old), rowBytes(fresh)));
  }, 0);

/** One item of a commit. `after` is undefined for a removal; `check` writes nothing and costs as a write of the item that is there. */
export interface RowChange {
  readonly act: 'write' | 'check';
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

const bytesIn = (row: Row | undefined): number => (row === undefined ? 0 : rowBytes(row));
const tableUnits = ({ act, before, after }: RowChange): number => {
  return plainWriteUnits(act === 'check' ? bytesIn(before) : Math.max(bytesIn(before), bytesIn(after)));
};

/**
 * A transaction prepares and commits each item: twice the units. The guide does not say whether that holds for index writes; DynamoDB Local
 * reports them doubled, so we count the dearer. A refused commit takes the table's units, too.
 */
export const commitUnits = (changes: readonly RowChange[], outcome: 'written' | 'refused'): number => {
  const only = changes.length === 1 ? changes[0] : undefined;
  const factor = only !== undefined && only.act === 'write' ? 1 : transactionFactor;
  const table = changes.reduce((sum, change) => sum + tableUnits(change), 0);
  const indexes = changes.reduce((sum, change) => (change.act === 'write' ? sum + indexWriteUnits(change.before, change.after) : sum), 0);
  return factor * (outcome === 'written' ? table + indexes : table);
};
