// The index of search on the store itself: documents read newest first within a bound, and one item for each folder that was touched.
import { z } from 'zod';
import { historySchema, shelfSchema } from '../../contracts/search.schema.ts';
import type { HistoryDocument, Shelf, Trace } from '../../contracts/search.schema.ts';
import { byFolder, folderOf, withoutSlash, topFolder } from '../../domain/search/files.ts';
import { saysTheSame } from '../../domain/search/document.ts';
import { scoreOf } from '../../domain/search/match.ts';
import { withStep } from '../../domain/search/trace.ts';
import type { Store } from '../../ports.ts';
import type { FoundDocument, HistoryPage, HistoryQuery, SearchIndex, Touch } from '../../search-index.ts';
import { BadCursor, StoreUnavailable } from '../../store-errors.ts';

/** Documents that one search looks at, about 4 MB of the table. */
const documentsPerSearch = 4_000;
const documentsPerRead = 500;
const foldersPerTouch = 12;
const attempts = 5;

const placeSchema = historySchema.pick({ at: true, kind: true, id: true });
type Place = z.infer<typeof placeSchema>;
/** Where each shelf goes on; null: it is at its end. */
const cursorSchema = z.partialRecord(shelfSchema, placeSchema.nullable());
type Cursor = z.infer<typeof cursorSchema>;
const encoded = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');
const decoded = (text: string): Cursor => {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new BadCursor();
  }
};

const orderOf = ({ at, kind, id }: Place): string => `${at}#${kind}#${id}`;
const placeOf = ({ at, kind, id }: Place): Place => ({ at, kind, id });

/** One shelf, read piece by piece. */
class Reader {
  readonly shelf: Shelf;
  private readonly store: Store;
  private readonly townId: string;
  private waiting: HistoryDocument[] = [];
  /** The last document that was looked at. */
  private place: Place | undefined;
  private behind: Place | undefined;
  private ended: boolean;

  constructor(store: Store, townId: string, shelf: Shelf, from: Place | null | undefined) {
    this.store = store;
    this.townId = townId;
    this.shelf = shelf;
    this.place = from ?? undefined;
    this.behind = from ?? undefined;
    this.ended = from === null;
  }

  async next(): Promise<HistoryDocument | undefined> {
    if (this.waiting.length === 0 && !this.ended) {
      const read = await this.store.historyOf({ townId: this.townId, shelf: this.shelf, before: this.behind }, documentsPerRead);
      this.waiting = [...read];
      this.behind = read.at(-1) ?? this.behind;
      this.ended = read.length === 0;
    }
    return this.waiting[0];
  }

  take(): void {
    const taken = this.waiting.shift();
    if (taken !== undefined) this.place = placeOf(taken);
  }

  get position(): Place | null | undefined {
    return this.ended && this.waiting.length === 0 ? null : this.place;
  }
}

const shelvesFor = ({ kind }: HistoryQuery): readonly Shelf[] =>
  kind === undefined ? shelfSchema.options : [kind === 'transcript' ? 'talk' : 'work'];

/** The reader whose next document is the newest of all. */
const newestOf = async (readers: readonly Reader[]): Promise<{ reader: Reader; document: HistoryDocument } | undefined> => {
  let newest: { reader: Reader; document: HistoryDocument } | undefined;
  for (const reader of readers) {
    const document = await reader.next();
    if (document !== undefined && (newest === undefined || orderOf(document) > orderOf(newest.document))) newest = { reader, document };
  }
  return newest;
};

const bestFirst = (one: FoundDocument, other: FoundDocument): number =>
  other.score - one.score || (orderOf(one.document) < orderOf(other.document) ? 1 : -1);

const find = async (store: Store, query: HistoryQuery): Promise<HistoryPage> => {
  const from = query.cursor === undefined ? {} : decoded(query.cursor);
  const readers = shelvesFor(query).map((shelf) => new Reader(store, query.townId, shelf, from[shelf]));
  const found: FoundDocument[] = [];
  let searchedTo: string | undefined;
  for (let looked = 0; ; looked += 1) {
    const next = await newestOf(readers);
    const far = searchedTo === undefined ? {} : { searchedTo };
    if (next === undefined) return { found: found.toSorted(bestFirst), complete: true, ...far };
    if (looked >= documentsPerSearch || found.length >= query.limit) {
      const cursor: Cursor = {};
      for (const { shelf, position } of readers) if (position !== undefined) cursor[shelf] = position;
      return { found: found.toSorted(bestFirst), complete: false, ...far, cursor: encoded(cursor) };
    }
    next.reader.take();
    searchedTo = next.document.at;
    const score = scoreOf(next.document, query);
    if (score > 0) found.push({ document: next.document, score });
  }
};

const put = async (store: Store, document: HistoryDocument): Promise<void> => {
  if (document.version === 1) {
    await store.commit([{ put: 'history', item: document, when: { absent: true } }]);
    return;
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await store.get('history', document);
    if (before !== undefined && (before.version >= document.version || saysTheSame(before, document))) return;
    const when = before === undefined ? ({ absent: true } as const) : { equals: { version: before.version } };
    if ((await store.commit([{ put: 'history', item: document, when }])).ok) return;
  }
  throw new StoreUnavailable('A document of search is being changed by others all the time.');
};
const touchFolder = async (store: Store, touch: Touch, folder: string, names: readonly string[]): Promise<void> => {
  const place = { townId: touch.townId, rigId: touch.rigId, folder };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await store.get('trace', place);
    const after = withStep(place, before, { names, at: touch.at, by: touch.by });
    if (after === undefined) return;
    const when = before === undefined ? ({ absent: true } as const) : { equals: { version: before.version } };
    if ((await store.commit([{ put: 'trace', item: after, when }])).ok) return;
  }
  throw new StoreUnavailable(`What was touched in ${folder} is being changed by others all the time.`);
};

const tracesOf = async (store: Store, place: { townId: string; rigId: string }, folders: readonly string[]): Promise<Trace[]> => {
  const found = await store.getMany(
    'trace',
    [...new Set(folders)].map((folder) => ({ ...place, folder })),
  );
  return found.filter((trace) => trace !== undefined);
};

export const createTableSearch = (store: Store): SearchIndex => ({
  put: (document) => put(store, document),
  get: ({ townId, shelf, at, kind, id }) => store.get('history', { townId, shelf, at, kind, id }),
  remove: async ({ townId, shelf, at, kind, id }) => {
    await store.commit([{ remove: 'history', key: { townId, shelf, at, kind, id }, when: 'none' }]);
  },
  touch: async (touch) => {
    for (const { folder, names } of byFolder(touch.files, foldersPerTouch)) await touchFolder(store, touch, folder, names);
  },
  find: (query) => find(store, query),
  tracesAt: async (townId, rigId, path, limit) => {
    const plain = withoutSlash(path) || topFolder;
    // A path may be a file or a folder: what it is, nobody says.
    const own = await tracesOf(store, { townId, rigId }, path.endsWith('/') ? [plain] : [plain, folderOf(plain)]);
    const below = await store.tracesBelow(townId, rigId, plain, limit);
    return [...own, ...below].slice(0, limit);
  },
  tracesOf: (townId, rigId, folders) => tracesOf(store, { townId, rigId }, folders),
});
