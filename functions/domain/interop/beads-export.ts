// A bead → a record of a Beads JSONL file. What came from such a file goes out as it came, but for what has changed since. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { BeadsRecord } from '../../contracts/beads-record.schema.ts';
import type { Dependency } from '../../contracts/dependency.schema.ts';
import type { Priority } from '../../contracts/primitives.schema.ts';
import { isIssue } from '../bead-writes.ts';
import { beadOfRecord, cutBody, edgesOfRecord, priorities } from './beads-import.ts';
import type { RecordEdge } from './beads-import.ts';

type Out = Record<string, unknown>;
const numberOf = (priority: Priority): number => priorities.indexOf(priority);
const edgeKey = ({ type, dependsOnId }: RecordEdge): string => `${type}#${dependsOnId}`;

const statusOf = (bead: Bead): string => {
  if (bead.status === 'failed') return 'closed';
  if (bead.status === 'in_review') return 'in_progress';
  return bead.status === 'open' && bead.openBlockers > 0 ? 'blocked' : bead.status;
};
const closeReasonOf = (bead: Bead): string | undefined => bead.failure?.message;

const dependencyOut = (id: string, edge: Dependency, nameOf: (beadId: string) => string): Out => ({
  issue_id: id,
  depends_on_id: nameOf(edge.dependsOnId),
  type: edge.type,
  created_at: edge.createdAt,
});

/** Everything of the bead that the format has no key for; the server's own secrets are not in a presented bead. */
const ownFields = (bead: Bead): Out => {
  const { title, body, bodyFile, priority, labels, createdAt, updatedAt, closedAt, beadId, townId, ...rest } = bead;
  const { foreign: _line, ...details } = isIssue(bead) ? bead.details : { ...bead.details, foreign: undefined };
  void [title, body, bodyFile, priority, labels, createdAt, updatedAt, closedAt, beadId, townId];
  return { ...rest, ...(isIssue(bead) ? { kind: bead.details.kind } : {}), details };
};

export interface ExportScene {
  /** Edges of the bead: what it depends on. */
  readonly edges: readonly Dependency[];
  /** The id that another bead has in the file. */
  readonly nameOf: (beadId: string) => string;
}

/** A bead that did not come from a file. `bead` is presented. */
export const nativeRecord = (bead: Bead, { edges, nameOf }: ExportScene): Out => {
  const closeReason = closeReasonOf(bead);
  return {
    id: bead.beadId,
    title: bead.title,
    ...(bead.body === '' ? {} : { description: bead.body }),
    status: statusOf(bead),
    priority: numberOf(bead.priority),
    issue_type: isIssue(bead) ? bead.details.issueType : bead.type.replace('_', '-'),
    ...(bead.assigneeAgentId === undefined ? {} : { assignee: bead.assigneeAgentId }),
    created_at: bead.createdAt,
    created_by: bead.createdBy,
    updated_at: bead.updatedAt,
    ...(bead.closedAt === undefined ? {} : { closed_at: bead.closedAt }),
    ...(closeReason === undefined ? {} : { close_reason: closeReason }),
    ...(bead.labels.length === 0 ? {} : { labels: bead.labels }),
    ...(edges.length === 0 ? {} : { dependencies: edges.map((edge) => dependencyOut(bead.beadId, edge, nameOf)) }),
    gastown: ownFields(bead),
  };
};

export interface ForeignScene extends ExportScene {
  readonly idOf: (foreignId: string) => string;
  /** Whether a bead is in the town: an edge whose other end never was there has not been removed. */
  readonly exists: (beadId: string) => boolean;
}

/** Fields of the record that no longer say what the bead says; `undefined` takes a key away. */
const changedFields = (record: BeadsRecord, bead: Bead, cameAs: Bead): Out => {
  const changed: Out = {};
  if (bead.title !== cameAs.title) changed['title'] = bead.title;
  if (bead.body !== cameAs.body && bead.body !== cutBody(cameAs.body))
    // The body holds all of these under their headings.
    Object.assign(changed, { description: bead.body, design: undefined, acceptance_criteria: undefined, notes: undefined });
  if (bead.priority !== cameAs.priority) changed['priority'] = numberOf(bead.priority);
  if (bead.labels.join('\n') !== cameAs.labels.join('\n')) {
    const kept = (record.labels ?? []).filter((label) => !cameAs.labels.includes(label));
    changed['labels'] = [...kept, ...bead.labels];
  }
  if (bead.status !== cameAs.status) {
    const reason = closeReasonOf(bead);
    Object.assign(changed, { status: statusOf(bead), closed_at: bead.closedAt });
    if (reason !== undefined) changed['close_reason'] = reason;
  }
  return changed;
};

const changedDependencies = (record: BeadsRecord, bead: Bead, scene: ForeignScene): Out => {
  const present = new Set(scene.edges.map(edgeKey));
  const came = edgesOfRecord(record, scene.idOf);
  const removed = new Set(came.filter((edge) => !present.has(edgeKey(edge)) && scene.exists(edge.dependsOnId)).map(edgeKey));
  const cameKeys = new Set(came.map(edgeKey));
  const added = scene.edges.filter((edge) => !cameKeys.has(edgeKey(edge)));
  if (removed.size === 0 && added.length === 0) return {};
  const kept = (record.dependencies ?? []).filter(
    (dependency) => !removed.has(edgeKey({ type: dependency.type ?? 'blocks', dependsOnId: scene.idOf(dependency.depends_on_id) })),
  );
  return { dependencies: [...kept, ...added.map((edge) => dependencyOut(record.id, edge, scene.nameOf))] };
};

/** Undefined when nothing has changed since the import: then the line goes out as it came. */
export const foreignRecord = (record: BeadsRecord, bead: Bead, scene: ForeignScene): Out | undefined => {
  if (!isIssue(bead) || bead.details.foreign === undefined) return undefined;
  const cameAs = beadOfRecord(record, {
    townId: bead.townId,
    rigId: bead.rigId ?? '',
    userId: bead.requestedBy,
    actor: bead.createdBy,
    at: bead.createdAt,
    idOf: scene.idOf,
    foreign: bead.details.foreign,
  });
  const changed = { ...changedFields(record, bead, cameAs), ...changedDependencies(record, bead, scene) };
  if (Object.keys(changed).length === 0) return undefined;
  const merged: Out = { ...record, ...changed, updated_at: bead.updatedAt };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
};
