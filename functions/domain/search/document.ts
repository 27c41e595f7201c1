// Makes the documents of search from what happened. Each fits one unit of the table. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import { historySchema } from '../../contracts/search.schema.ts';
import type { HistoryDocument, HistoryKind, Note, Shelf } from '../../contracts/search.schema.ts';
import type { TownEvent } from '../../contracts/event.schema.ts';
import { isIssue } from '../bead-writes.ts';
import { pathsWithin } from './files.ts';
import { bytesOf, distinctWithin } from './words.ts';

/** A write unit is 1024 bytes; the keys repeat what is in the document. */
const documentBytes = 980;
const keyBytes = 110;
const titleBytes = 200;
const filesBytes = 280;
const filesNamed = 20;

interface Facts extends Omit<HistoryDocument, 'words' | 'title' | 'files'> {
  readonly title: string;
  readonly files?: readonly string[] | undefined;
}
const cut = (text: string, maxBytes: number): string => {
  const characters = Array.from(text.replaceAll(/\s+/g, ' ').trim()).slice(0, maxBytes);
  while (bytesOf(characters.join('')) > maxBytes) characters.pop();
  return characters.join('');
};

/** Paths as a document, or an event about them, has room for. */
export const namedFiles = (files: readonly string[]): string[] => pathsWithin(files, filesNamed, filesBytes);

/** Words of the first texts come before those of later ones. */
export const documentOf = ({ title, files = [], ...facts }: Facts, texts: readonly string[]): HistoryDocument => {
  const named = namedFiles(files);
  const plain = { ...facts, title: cut(title, titleBytes), ...(named.length === 0 ? {} : { files: named }) };
  const taken = bytesOf(JSON.stringify(plain)) + bytesOf(`${facts.at}${facts.kind}${facts.id}`) + keyBytes;
  return { ...plain, words: distinctWithin([title, ...texts], Math.max(0, documentBytes - taken)) };
};

const shelfOf = (kind: HistoryKind): Shelf => (kind === 'transcript' ? 'talk' : 'work');
const ofBead = (bead: Bead, kind: HistoryKind, at: string): Omit<Facts, 'title'> => ({
  townId: bead.townId,
  shelf: shelfOf(kind),
  at,
  kind,
  id: bead.beadId,
  beadId: bead.beadId,
  ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
  version: bead.version,
});

/** Mail is between two; a merge request and a molecule say what their issue says. */
const askedTypes: readonly Bead['type'][] = ['issue', 'convoy', 'escalation'];
/** What was asked for; undefined for beads that are not searched. */
export const askedDocument = (bead: Bead): HistoryDocument | undefined => {
  if (!askedTypes.includes(bead.type) || (isIssue(bead) && bead.details.kind === 'step')) return undefined;
  return documentOf({ ...ofBead(bead, 'bead', bead.createdAt), title: bead.title }, [
    bead.labels.join(' '),
    bead.beadId,
    bead.body.slice(0, 20_000),
  ]);
};

const subjectOf = (message: string): string => message.split('\n', 1)[0] ?? '';
/** What became of an issue: what was done, in which commits and files, or why it failed; undefined as long as there is nothing to say. */
export const resultDocument = (bead: Bead, files: readonly string[] = []): HistoryDocument | undefined => {
  if (!isIssue(bead)) return undefined;
  const { commits, doneSummary, pushed } = bead.details;
  const reason = bead.failure?.message;
  const said = doneSummary ?? reason;
  if (commits.length === 0 && said === undefined) return undefined;
  const kind = commits.length > 0 || pushed !== undefined ? 'commit' : 'event';
  const subjects = commits.toReversed().map((commit) => subjectOf(commit.message));
  const at = pushed?.at ?? bead.startedAt ?? bead.createdAt;
  const agent = bead.assigneeAgentId === undefined ? {} : { agentId: bead.assigneeAgentId };
  const title = subjects[0] ?? said ?? bead.title;
  return documentOf({ ...ofBead(bead, kind, at), ...agent, title, files }, [
    ...subjects,
    said ?? '',
    bead.title,
    commits.map((commit) => commit.sha.slice(0, 12)).join(' '),
  ]);
};

/** What search keeps of a bead. */
export const documentsOf = (bead: Bead): HistoryDocument[] =>
  [askedDocument(bead), resultDocument(bead)].filter((document) => document !== undefined);

const spoken = (event: TownEvent): string | undefined => {
  const text = (name: string): string | undefined => {
    const value = event.data[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  switch (event.type) {
    case 'comment':
      return text('text');
    case 'triage_resolved':
      return text('notes');
    case 'rework_requested':
    case 'merge_failed':
    case 'pr_feedback':
    case 'dispatch_failed':
      return event.new ?? text('reason') ?? text('message');
    default:
      return undefined;
  }
};
/** What was said or went wrong; undefined for events without words of their own. */
export const eventDocument = (event: TownEvent): HistoryDocument | undefined => {
  const text = spoken(event);
  if (text === undefined) return undefined;
  const { townId, at, beadId, agentId, rigId, deleteAfterEpochSeconds } = event;
  const about = {
    ...(deleteAfterEpochSeconds === undefined ? {} : { deleteAfterEpochSeconds }),
    ...(beadId === undefined ? {} : { beadId }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(rigId === undefined ? {} : { rigId }),
  };
  return documentOf({ townId, shelf: 'work', at, kind: 'event', id: event.eventId, ...about, title: text, version: 1 }, [
    event.type.replaceAll('_', ' '),
  ]);
};

export const noteDocument = (note: Note): HistoryDocument => {
  const { townId, at, rigId, beadId, paths, text, deleteAfterEpochSeconds } = note;
  const agentId = note.by.startsWith('agent:') ? { agentId: note.by.slice('agent:'.length) } : {};
  return documentOf(
    {
      townId,
      shelf: 'work',
      at,
      kind: 'note',
      id: note.noteId,
      rigId,
      ...(beadId === undefined ? {} : { beadId }),
      ...agentId,
      title: text,
      files: paths,
      version: 1,
      deleteAfterEpochSeconds,
    },
    [paths.join(' ')],
  );
};

/** A bead changes often without saying anything new. */
export const saysTheSame = (one: HistoryDocument, other: HistoryDocument): boolean =>
  JSON.stringify({ ...historySchema.parse(one), version: 0 }) === JSON.stringify({ ...historySchema.parse(other), version: 0 });
