// Who was in a folder last: what is added to the item of one folder, within one unit of the table. Pure.
import type { Trace } from '../../contracts/search.schema.ts';
import { bytesOf } from './words.ts';

const traceBytes = 980;
const keyBytes = 150;
const namesKept = 12;
const notesKept = 8;
/** Two years after somebody was there last. */
const keptSeconds = 2 * 365 * 24 * 60 * 60;

export interface Step {
  readonly names: readonly string[];
  readonly at: string;
  readonly by: { readonly beadId: string; readonly agentId?: string | undefined } | { readonly noteId: string };
}
type Place = Pick<Trace, 'townId' | 'rigId' | 'folder'>;
type TouchEntry = Trace['touches'][number];

const newest = (entries: readonly TouchEntry[]): TouchEntry[] =>
  entries.toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));

/** The oldest go first; at least one entry stays. */
const fitted = (trace: Trace): Trace => {
  const touches = [...trace.touches];
  const notes = [...trace.notes];
  const size = (): number => bytesOf(JSON.stringify({ ...trace, touches, notes })) + 2 * bytesOf(trace.folder) + keyBytes;
  while (size() > traceBytes && touches.length > 1) touches.pop();
  while (size() > traceBytes && notes.length > 1) notes.pop();
  const [only] = touches;
  return { ...trace, notes, touches: size() > traceBytes && only !== undefined ? [{ ...only, files: [] }] : touches };
};

const touched = (touches: readonly TouchEntry[], step: Step): readonly TouchEntry[] => {
  if (!('beadId' in step.by)) return touches;
  const { beadId, agentId } = step.by;
  const earlier = touches.find((entry) => entry.beadId === beadId);
  if (earlier !== undefined && earlier.at >= step.at) return touches;
  const files = step.names.length > namesKept ? [] : [...step.names];
  const entry: TouchEntry = { beadId, ...(agentId === undefined ? {} : { agentId }), at: step.at, files };
  return newest([entry, ...touches.filter((other) => other.beadId !== beadId)]).slice(0, 20);
};

/** The folder's item with the step; undefined when it is in it already. */
export const withStep = (place: Place, before: Trace | undefined, step: Step): Trace | undefined => {
  const touches = touched(before?.touches ?? [], step);
  const notes = before?.notes ?? [];
  const { by } = step;
  const noted =
    'noteId' in by && !notes.some((note) => note.noteId === by.noteId)
      ? [{ noteId: by.noteId, files: [...step.names] }, ...notes].slice(0, notesKept)
      : notes;
  if (before !== undefined && touches === before.touches && noted === before.notes) return undefined;
  const seconds = Math.floor(Date.parse(step.at) / 1000);
  return fitted({
    ...place,
    touches: [...touches],
    notes: [...noted],
    version: (before?.version ?? 0) + 1,
    deleteAfterEpochSeconds: Math.max(before?.deleteAfterEpochSeconds ?? 0, seconds + keptSeconds),
  });
};
