// Notes that agents leave on files for those who come after them: written once, bounded, forgotten after half a year.
import type { NoteView } from '../contracts/routes/search.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { Note } from '../contracts/search.schema.ts';
import { noteDocument } from '../domain/search/document.ts';
import { byFolder } from '../domain/search/files.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { notesById, noteView } from './touched.ts';
import { isoNow } from './transact.ts';

type Reach = Pick<Ports, 'store' | 'search' | 'clock' | 'ids'>;
export interface NoteInput {
  readonly townId: string;
  readonly rigId: string;
  readonly paths: readonly string[];
  readonly text: string;
  readonly by: Principal;
  readonly beadId?: string | undefined;
}
/** The oldest goes for one more. */
export const notesPerTown = 500;
const keptSeconds = 180 * 24 * 60 * 60;
const foldersPerNote = 10;
const removedAtOnce = 50;

const forget = async (ports: Pick<Ports, 'store' | 'search'>, note: Note): Promise<void> => {
  await ports.search.remove(noteDocument(note));
  await ports.store.commit([{ remove: 'note', key: { townId: note.townId, noteId: note.noteId }, when: 'none' }]);
};

const makeRoom = async (ports: Reach, townId: string): Promise<void> => {
  const notes: Note[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Note> = await ports.store.notesOf(townId, { limit: 100, cursor });
    notes.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && notes.length < notesPerTown + removedAtOnce);
  for (const note of notes.slice(notesPerTown - 1)) await forget(ports, note);
};

const sameNote = (note: Note, input: NoteInput): boolean =>
  note.text === input.text && note.by === input.by && JSON.stringify(note.paths) === JSON.stringify(input.paths);

/** The note that says this already, when a call is repeated. */
const known = async (ports: Reach, input: NoteInput): Promise<Note | undefined> => {
  const folders = byFolder(input.paths, foldersPerNote).map(({ folder }) => folder);
  const traces = await ports.search.tracesOf(input.townId, input.rigId, folders);
  const notes = await notesById(
    ports,
    input.townId,
    traces.flatMap((trace) => trace.notes.map(({ noteId }) => noteId)),
  );
  return notes.find((note) => sameNote(note, input));
};

/** Stores a note and lays it on its files. The same note again is the one that is there. */
export const leaveNote = async (ports: Reach, input: NoteInput): Promise<Note> => {
  const there = await known(ports, input);
  if (there !== undefined) return there;
  await makeRoom(ports, input.townId);
  const at = isoNow(ports);
  const note: Note = {
    townId: input.townId,
    noteId: ports.ids.ulid(),
    rigId: input.rigId,
    paths: [...input.paths],
    text: input.text,
    by: input.by,
    ...(input.beadId === undefined ? {} : { beadId: input.beadId }),
    at,
    deleteAfterEpochSeconds: Math.floor(Date.parse(at) / 1000) + keptSeconds,
  };
  await ports.store.commit([{ put: 'note', item: note, when: { absent: true } }]);
  await ports.search.put(noteDocument(note));
  await ports.search.touch({ townId: note.townId, rigId: note.rigId, files: note.paths, at, by: { noteId: note.noteId } });
  return note;
};

export const listNotes = async (ports: Pick<Ports, 'store'>, townId: string, page: PageRequest): Promise<Page<NoteView>> => {
  const { items, cursor } = await ports.store.notesOf(townId, page);
  return { items: items.map(noteView), ...(cursor === undefined ? {} : { cursor }) };
};

/** Throws 404. What lies on the files leads to nothing afterwards. */
export const removeNote = async (ports: Pick<Ports, 'store' | 'search'>, townId: string, noteId: string): Promise<void> => {
  const note = await ports.store.get('note', { townId, noteId });
  if (note === undefined) throw notFound(`There is no note ${noteId} in this town.`);
  await forget(ports, note);
};
