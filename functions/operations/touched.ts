// Who was in a path last and why, and the notes that lie there.
import type { NoteView, Touched } from '../contracts/routes/search.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Note, Trace } from '../contracts/search.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { documentsOf } from '../domain/search/document.ts';
import { folderOf, topFolder, withoutSlash } from '../domain/search/files.ts';
import type { Ports } from '../ports.ts';
import { visibleOf } from './visible.ts';

const whyCharacters = 400;
/** What there is to say about the bead behind something that was found. */
export const aboutBead = (bead: Bead): { beadTitle: string; beadStatus: Bead['status']; why?: string } => {
  const said = (isIssue(bead) ? bead.details.doneSummary : undefined) ?? bead.failure?.message;
  return {
    beadTitle: bead.title,
    beadStatus: bead.status,
    ...(said === undefined ? {} : { why: said.slice(0, whyCharacters).toWellFormed() }),
  };
};

/** The beads that everybody may see, by id. */
export const visibleBeads = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Bead>> => {
  const beads = await ports.store.getMany(
    'bead',
    [...new Set(ids)].map((beadId) => ({ townId, beadId })),
  );
  const visible = await visibleOf(
    ports,
    townId,
    beads.filter((bead) => bead !== undefined),
  );
  return new Map(visible.map((bead) => [bead.beadId, bead]));
};

/** Before a bead is removed: what search keeps of it goes first, so that a kill between leaves nothing that nobody finds. */
export const forgetDocuments = async (ports: Pick<Ports, 'search'>, bead: Bead): Promise<void> => {
  for (const document of documentsOf(bead)) await ports.search.remove(document);
};

export const noteView = ({ townId: _town, deleteAfterEpochSeconds, ...note }: Note): NoteView => ({
  ...note,
  expiresAt: new Date(deleteAfterEpochSeconds * 1000).toISOString(),
});
/** Notes by id that are still there, newest first. */
export const notesById = async (ports: Pick<Ports, 'store' | 'clock'>, townId: string, ids: readonly string[]): Promise<Note[]> => {
  const notes = await ports.store.getMany(
    'note',
    [...new Set(ids)].map((noteId) => ({ townId, noteId })),
  );
  return notes
    .filter((note) => note !== undefined)
    .filter((note) => note.deleteAfterEpochSeconds * 1000 > ports.clock.nowMs())
    .toSorted((one, other) => (one.noteId < other.noteId ? 1 : -1));
};

/** Whether names in a folder are about the path; no names: the folder as a whole. */
const concerns = (folder: string, names: readonly string[], path: string): boolean => {
  const plain = withoutSlash(path) || topFolder;
  if (plain === topFolder || folder === plain || folder.startsWith(`${plain}/`)) return true;
  if (names.length === 0) return folder === topFolder || folder === folderOf(plain) || plain.startsWith(`${folder}/`);
  return folder === folderOf(plain) && names.includes(plain.slice(plain.lastIndexOf('/') + 1));
};
const fullPaths = (folder: string, names: readonly string[]): string[] => {
  const start = folder === topFolder ? '' : `${folder}/`;
  return names.length === 0 ? [start || './'] : names.map((name) => `${start}${name}`);
};

export interface Met {
  readonly touches: readonly {
    readonly beadId: string;
    readonly agentId?: string | undefined;
    readonly at: string;
    readonly files: string[];
  }[];
  readonly noteIds: readonly string[];
}
/** What of the traces is about one of the paths: one entry for each bead, newest first. */
export const metIn = (traces: readonly Trace[], paths: readonly string[]): Met => {
  const touches = new Map<string, { beadId: string; agentId?: string; at: string; files: string[] }>();
  const noteIds = new Set<string>();
  for (const { folder, touches: entries, notes } of traces) {
    for (const { beadId, agentId, at, files } of entries) {
      if (!paths.some((path) => concerns(folder, files, path))) continue;
      const known = touches.get(beadId) ?? { beadId, ...(agentId === undefined ? {} : { agentId }), at, files: [] };
      known.files.push(...fullPaths(folder, files));
      touches.set(beadId, known);
    }
    for (const note of notes) if (paths.some((path) => concerns(folder, note.files, path))) noteIds.add(note.noteId);
  }
  return {
    touches: [...touches.values()].toSorted((one, other) => (one.at < other.at ? 1 : -1)),
    noteIds: [...noteIds],
  };
};

/** Touches of visible beads with what there is to say about them; the paths that were asked for come first. */
export const touchedViews = async (
  ports: Pick<Ports, 'store'>,
  place: { readonly townId: string; readonly rigId: string },
  touches: Met['touches'],
): Promise<Touched[]> => {
  const beads = await visibleBeads(
    ports,
    place.townId,
    touches.map(({ beadId }) => beadId),
  );
  return touches.flatMap((touch) => {
    const bead = beads.get(touch.beadId);
    return bead === undefined ? [] : [{ rigId: place.rigId, ...touch, ...aboutBead(bead) }];
  });
};
