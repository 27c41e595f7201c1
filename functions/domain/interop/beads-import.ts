// A record of a Beads JSONL file → a bead of this product. Pure; what a bead cannot say stays in the line, which is kept.
import type { Bead } from '../../contracts/bead.schema.ts';
import { beadsRecordSchema } from '../../contracts/beads-record.schema.ts';
import type { BeadsRecord } from '../../contracts/beads-record.schema.ts';
import type { ForeignLine } from '../../contracts/issue.schema.ts';
import { isDeeperThan, limits, storedTitleSchema } from '../../contracts/primitives.schema.ts';
import type { Principal, Priority } from '../../contracts/primitives.schema.ts';
import { dependencyTypeSchema } from '../../contracts/dependency.schema.ts';
import { newBead } from '../new-bead.ts';

export type ParsedLine = { readonly ok: true; readonly record: BeadsRecord } | { readonly ok: false; readonly message: string };

/** What is wrong with a line is said in words; nothing is thrown. */
export const parseLine = (text: string): ParsedLine => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: 'this is not a JSON object' };
  }
  if (isDeeperThan(value, limits.jsonDepth)) return { ok: false, message: `nested more than ${limits.jsonDepth} levels deep` };
  const parsed = beadsRecordSchema.safeParse(value);
  if (parsed.success) return { ok: true, record: parsed.data };
  const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'the line'}: ${issue.message}`);
  return { ok: false, message: issues.join('; ') };
};

export const priorities: readonly Priority[] = ['critical', 'high', 'medium', 'low', 'low'];
const isoOf = (text: string | null | undefined, otherwise: string): string =>
  text === null || text === undefined ? otherwise : new Date(Date.parse(text)).toISOString();

const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '');
const cutNote = '\n\n(The text is longer; the export has all of it.)';
const withinBytes = (text: string, maxBytes: number): string => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  const head = new TextDecoder().decode(bytes.subarray(0, maxBytes - cutNote.length - 4));
  return `${head.replace(/\uFFFD$/, '')}${cutNote}`;
};

/** The body as it was kept before long ones went to Files. */
export const cutBody = (body: string): string => withinBytes(body, limits.bodyBytes);

/** The texts that an agent must read, under the headings of their keys. */
const bodyOf = (record: BeadsRecord): string => {
  const parts = [
    ['', record.description],
    ['## Design\n\n', record.design],
    ['## Acceptance criteria\n\n', record.acceptance_criteria],
    ['## Notes\n\n', record.notes],
  ] as const;
  const texts = parts.flatMap(([heading, text]) => (text === null || text === undefined || text === '' ? [] : [`${heading}${text}`]));
  return withinBytes(storable(texts.join('\n\n')), limits.wholeBodyBytes);
};

const titleOf = (record: BeadsRecord): string => {
  const parsed = storedTitleSchema.safeParse(record.title.slice(0, limits.titleCharacters));
  return parsed.success ? parsed.data : '(no title)';
};

/** Labels that start with `gt:` are the server's; a file does not get to set them. */
const labelsOf = (record: BeadsRecord): string[] => {
  const fitting = (record.labels ?? []).filter(
    (label) => label !== '' && label.length <= limits.labelCharacters && !label.startsWith('gt:') && label === storable(label),
  );
  return [...new Set(fitting)].slice(0, limits.labelsPerBead);
};

const issueTypeOf = (record: BeadsRecord): string => {
  const text = storable(record.issue_type ?? '').slice(0, 40);
  return text === '' ? 'task' : text;
};

type Ending = Partial<Pick<Bead, 'closedAt' | 'archivedAt' | 'failure'>> & Pick<Bead, 'status' | 'held'>;
const endingOf = (record: BeadsRecord, updatedAt: string): Ending => {
  const own = record.gastown;
  const closedAt = isoOf(record.closed_at, updatedAt);
  const archived = own?.archivedAt === undefined ? {} : { archivedAt: own.archivedAt };
  if (own?.status === 'failed' && own.failure !== undefined)
    return { status: 'failed', held: false, closedAt, failure: own.failure, ...archived };
  if (record.status === 'tombstone') return { status: 'closed', held: false, closedAt, archivedAt: own?.archivedAt ?? closedAt };
  if (record.status === 'closed') return { status: 'closed', held: false, closedAt, ...archived };
  return { status: 'open', held: true, ...archived };
};

export interface ImportScene {
  readonly townId: string;
  readonly rigId: string;
  readonly userId: string;
  readonly actor: Principal;
  /** ISO time for records that name none. */
  readonly at: string;
  /** The bead's id in this town for an id of the file. */
  readonly idOf: (foreignId: string) => string;
  readonly foreign: ForeignLine;
}

/** The bead of a record; open ones are held. Its edges come later, when all beads are there. */
export const beadOfRecord = (record: BeadsRecord, scene: ImportScene): Bead => {
  const createdAt = isoOf(record.created_at, scene.at);
  const updatedAt = isoOf(record.updated_at, createdAt);
  const made = newBead(
    {
      townId: scene.townId,
      beadId: scene.idOf(record.id),
      title: titleOf(record),
      details: {
        type: 'issue',
        issueType: issueTypeOf(record),
        kind: record.gastown?.kind === 'no-code' ? 'no-code' : 'work',
        commits: [],
        foreign: scene.foreign,
      },
      requestedBy: scene.userId,
      createdBy: scene.actor,
      at: createdAt,
    },
    {
      rigId: scene.rigId,
      body: bodyOf(record),
      priority: priorities[record.priority ?? 2] ?? 'medium',
      labels: labelsOf(record),
      metadata: record.gastown?.metadata ?? {},
      ...endingOf(record, updatedAt),
    },
  );
  return { ...made, updatedAt };
};

const workable = new Set(['open', 'in_progress', 'blocked', 'hooked']);
const notForAgents = new Set(['epic', 'gate', 'agent', 'role', 'event', 'message', 'convoy', 'molecule', 'merge-request', 'escalation']);
/** Whether an open record is work that may start when the importer does not want everything held. */
export const mayStart = (record: BeadsRecord, nowMs: number): boolean =>
  workable.has(record.status ?? 'open') &&
  !notForAgents.has(record.issue_type ?? 'task') &&
  record.pinned !== true &&
  record.is_template !== true &&
  record.gastown?.held !== true &&
  !(typeof record.defer_until === 'string' && Date.parse(record.defer_until) > nowMs);

export interface RecordEdge {
  readonly type: string;
  readonly dependsOnId: string;
}
/** Edges of a record that this product can hold, if their other end is there. A bead does not wait for itself. */
export const edgesOfRecord = (record: BeadsRecord, idOf: (foreignId: string) => string): RecordEdge[] => {
  const edges = (record.dependencies ?? []).flatMap((dependency): RecordEdge[] => {
    const type = dependencyTypeSchema.safeParse(dependency.type ?? 'blocks');
    const dependsOnId = idOf(dependency.depends_on_id);
    return type.success && dependsOnId !== idOf(record.id) ? [{ type: type.data, dependsOnId }] : [];
  });
  return [...new Map(edges.map((edge) => [`${edge.type}#${edge.dependsOnId}`, edge])).values()];
};
