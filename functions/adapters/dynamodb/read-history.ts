// How the table gives what search reads: documents from a place in time backwards, and the folders below one.
import type { Items, Store } from '../../ports.ts';
import { storedItem } from './items.ts';
import { keyBehind, queryPage } from './read.ts';
import type { ListQuery, Table } from './read.ts';

/** One call; the table ends it at 1 MB at the latest. */
export const readHistory = async (
  table: Table,
  { townId, shelf, before }: Parameters<Store['historyOf']>[0],
  limit: number,
): Promise<Items['history'][]> => {
  const query: ListQuery = { name: 'history', pattern: 'primary', of: { townId, shelf }, descending: true };
  const startKey =
    before === undefined
      ? undefined
      : keyBehind(table, {
          query,
          item: 'history',
          key: { townId, shelf, at: before.at, kind: before.kind, id: before.id },
          sortKey: `${before.at}#${before.kind}#${before.id}`,
        });
  const { rows } = await queryPage(table, query, { startKey, limit });
  return rows.map((row) => storedItem('history', row));
};

/** Names below a folder begin with it and a slash; the key before the first of them is not a folder of its own. */
export const readTracesBelow = async (
  table: Table,
  { townId, rigId, folder }: { readonly townId: string; readonly rigId: string; readonly folder: string },
  limit: number,
): Promise<Items['trace'][]> => {
  const query: ListQuery = { name: 'trace', pattern: 'primary', of: { townId, rigId } };
  const start = `${folder}/`;
  const startKey =
    folder === '.'
      ? undefined
      : keyBehind(table, { query, item: 'trace', key: { townId, rigId, folder: start }, sortKey: `${rigId}#${start}` });
  const { rows } = await queryPage(table, query, { startKey, limit });
  const traces = rows.map((row) => storedItem('trace', row));
  return traces.filter((trace) => (folder === '.' ? trace.folder !== '.' : trace.folder.startsWith(start)));
};
