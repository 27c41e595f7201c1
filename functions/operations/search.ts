// Search over a town's past: what the index finds, as people and agents may see it now.
import type { SearchAnswer, SearchResult, Touched, NoteView } from '../contracts/routes/search.ts';
import type { HistoryDocument, HistoryKind } from '../contracts/search.schema.ts';
import { batchOf, excerptOf, saidIn } from '../domain/search/transcript.ts';
import { wordsOf } from '../domain/search/words.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Ports } from '../ports.ts';
import { aboutBead, metIn, notesById, noteView, touchedViews, visibleBeads } from './touched.ts';

type Reach = Pick<Ports, 'store' | 'search' | 'clock'>;
export interface SearchInput {
  readonly townId: string;
  readonly text: string;
  readonly kind?: HistoryKind | undefined;
  readonly rigId?: string | undefined;
  readonly path?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
/** Folders and beads that "who was here last" looks at. */
const foldersRead = 100;
const touchesShown = 20;
const notesShown = 10;

/** What stands behind the documents: beads by id, texts of transcripts and notes by the id of the document. */
interface Behind {
  readonly beads: ReadonlyMap<string, Bead>;
  readonly texts: ReadonlyMap<string, string>;
}
const behindOf = async (ports: Reach, townId: string, documents: readonly HistoryDocument[]): Promise<Behind> => {
  const of = (kind: HistoryKind): HistoryDocument[] => documents.filter((document) => document.kind === kind);
  const talks = of('transcript').flatMap(({ id }) => {
    const key = batchOf(id);
    return key === undefined ? [] : [{ id, key: { townId, ...key } }];
  });
  const [beads, batches, notes] = await Promise.all([
    visibleBeads(
      ports,
      townId,
      documents.flatMap(({ beadId }) => beadId ?? []),
    ),
    ports.store.getMany(
      'sessionBatch',
      talks.map(({ key }) => key),
    ),
    notesById(
      ports,
      townId,
      of('note').map(({ id }) => id),
    ),
  ]);
  const texts = new Map(notes.map((note) => [note.noteId, note.text]));
  for (const [index, { id }] of talks.entries()) {
    const batch = batches[index];
    if (batch !== undefined) texts.set(id, saidIn(batch.parts).join('\n'));
  }
  return { beads, texts };
};

/** Undefined for what is gone or may not be seen. */
const resultOf = (document: HistoryDocument, { beads, texts }: Behind, words: readonly string[]): SearchResult | undefined => {
  const { kind, id, at, title, beadId, agentId, rigId, files } = document;
  const bead = beadId === undefined ? undefined : beads.get(beadId);
  if (beadId !== undefined && bead === undefined) return undefined;
  const kept = kind === 'transcript' || kind === 'note';
  const text = kept ? texts.get(id) : kind === 'bead' ? bead?.body : undefined;
  if (kept && text === undefined) return undefined;
  return {
    kind,
    id,
    at,
    title: kind === 'bead' && bead !== undefined ? bead.title : title,
    ...(text === undefined || text.trim() === '' ? {} : { excerpt: excerptOf(text, words) }),
    ...(beadId === undefined ? {} : { beadId }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(rigId === undefined ? {} : { rigId }),
    ...(files === undefined ? {} : { files }),
    ...(bead === undefined ? {} : aboutBead(bead)),
  };
};

/** A bead that was handed in twice has two documents: the better one stands for both. */
const withoutRepeats = (documents: readonly HistoryDocument[]): HistoryDocument[] =>
  [...new Map(documents.toReversed().map((document) => [`${document.kind} ${document.id}`, document])).values()].toReversed();

const lastIn = async (ports: Reach, { townId, rigId, path, cursor }: SearchInput): Promise<{ touched: Touched[]; notes: NoteView[] }> => {
  if (path === undefined || cursor !== undefined) return { touched: [], notes: [] };
  const rigIds = rigId === undefined ? (await ports.store.rigsOf(townId)).map((rig) => rig.rigId) : [rigId];
  const met = await Promise.all(
    rigIds.map(async (each) => ({ rigId: each, ...metIn(await ports.search.tracesAt(townId, each, path, foldersRead), [path]) })),
  );
  const views = await Promise.all(
    met.map((each) => touchedViews(ports, { townId, rigId: each.rigId }, each.touches.slice(0, touchesShown))),
  );
  const notes = await notesById(
    ports,
    townId,
    met.flatMap((each) => each.noteIds),
  );
  return {
    touched: views
      .flat()
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
      .slice(0, touchesShown),
    notes: notes.slice(0, notesShown).map(noteView),
  };
};

/** Throws `BadCursor`. */
export const searchTown = async (ports: Reach, input: SearchInput): Promise<SearchAnswer> => {
  const { townId, text, kind, rigId, path, limit, cursor } = input;
  const words = [...new Set(wordsOf(text))].slice(0, 20);
  if (words.length === 0 && path === undefined && kind === undefined && text.trim() !== '')
    return { results: [], touched: [], notes: [], complete: true };
  const [page, last] = await Promise.all([ports.search.find({ townId, words, kind, rigId, path, limit, cursor }), lastIn(ports, input)]);
  const nowSeconds = ports.clock.nowMs() / 1000;
  const documents = withoutRepeats(page.found.map(({ document }) => document)).filter(
    ({ deleteAfterEpochSeconds: end }) => end === undefined || end > nowSeconds,
  );
  const behind = await behindOf(ports, townId, documents);
  return {
    results: documents.flatMap((document) => resultOf(document, behind, words) ?? []),
    ...last,
    complete: page.complete,
    ...(page.searchedTo === undefined ? {} : { searchedTo: page.searchedTo }),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
};
