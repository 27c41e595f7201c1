// The port of search: an index of a town's past by words and by files. On AWS and on one machine it is the table (adapters/search).
import type { HistoryDocument, HistoryKind, Trace } from './contracts/search.schema.ts';

export interface HistoryQuery {
  readonly townId: string;
  /** As `wordsOf` makes them; none: everything. */
  readonly words: readonly string[];
  readonly kind?: HistoryKind | undefined;
  readonly rigId?: string | undefined;
  /** Only what touched this file, or something in this folder. */
  readonly path?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface FoundDocument {
  readonly document: HistoryDocument;
  readonly score: number;
}
export interface HistoryPage {
  /** Best first; never more than the limit, and none is left out between two pages. */
  readonly found: readonly FoundDocument[];
  /** Everything that is kept was looked at. */
  readonly complete: boolean;
  /** How far back it looked; absent when there was nothing. */
  readonly searchedTo?: string;
  /** To look further back. */
  readonly cursor?: string;
}
export interface Touch {
  readonly townId: string;
  readonly rigId: string;
  readonly files: readonly string[];
  readonly at: string;
  readonly by: { readonly beadId: string; readonly agentId?: string | undefined } | { readonly noteId: string };
}

export type DocumentKey = Pick<HistoryDocument, 'townId' | 'shelf' | 'at' | 'kind' | 'id'>;

export interface SearchIndex {
  /** The same document again changes nothing; an older version of it never replaces a newer one. Throws `StoreUnavailable`. */
  put(document: HistoryDocument): Promise<void>;
  get(document: DocumentKey): Promise<HistoryDocument | undefined>;
  /** Forgets a document; one that is not there is forgotten already. */
  remove(document: DocumentKey): Promise<void>;
  /** Notes in which folders somebody was, or lays a note there. The same again changes nothing. Bounded: many folders become those above them. */
  touch(touch: Touch): Promise<void>;
  /** Newest documents first, within a bound of how much is read. Throws `BadCursor`. */
  find(query: HistoryQuery): Promise<HistoryPage>;
  /** What is known of the path, its folder, and what is below it; at most `limit` folders. */
  tracesAt(townId: string, rigId: string, path: string, limit: number): Promise<readonly Trace[]>;
  /** What is known of exactly these folders. */
  tracesOf(townId: string, rigId: string, folders: readonly string[]): Promise<readonly Trace[]>;
}
