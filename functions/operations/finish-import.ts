// The end of an import: the edges between its beads, then the commit that shows them all. Killed anywhere, the last part can be sent again.
import type { Bead } from '../contracts/bead.schema.ts';
import type { BeadsRecord } from '../contracts/beads-record.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import { isIssue, putWork, withoutDoubles, workItem, writesOf } from '../domain/bead-writes.ts';
import { blocksChildren, effectOf, isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites, waitsOn } from '../domain/edges.ts';
import { edgesOfRecord, parseLine } from '../domain/interop/beads-import.ts';
import { newEvent } from '../domain/new-bead.ts';
import { revised } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { targetCheck } from './dependency-checks.ts';
import { idOfForeign, partReader } from './foreign-lines.ts';
import type { ImportData } from './foreign-lines.ts';
import { checkCircles } from './import-circles.ts';
import { isoNow, momentOf } from './transact.ts';

export interface Finish {
  readonly townId: string;
  readonly importId: string;
  readonly item: WorkItem;
  readonly data: ImportData;
}
interface Imported {
  readonly bead: Bead;
  readonly record: BeadsRecord;
}
/** An edge is two items, and the check of the work item one. */
const edgesPerCommit = 45;
const beadsPerCommit = 25;

/** The ids that the kept parts of an import name. */
export const idsOfImport = async (
  ports: Pick<Ports, 'files'>,
  townId: string,
  importId: string,
  parts: readonly number[],
): Promise<string[]> => {
  const reader = partReader(ports, townId);
  const ids: string[] = [];
  for (const part of parts)
    for (const line of await reader.lines(importId, part)) {
      const parsed = parseLine(line);
      if (parsed.ok) ids.push(idOfForeign(parsed.record.id));
    }
  return [...new Set(ids)];
};

/** The beads that this import has written, with their records. */
const importedOf = async (ports: Ports, { townId, importId, data }: Finish): Promise<Map<string, Imported>> => {
  const reader = partReader(ports, townId);
  const ids = await idsOfImport(ports, townId, importId, data.parts);
  const beads = await ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  const imported = new Map<string, Imported>();
  for (const bead of beads) {
    const foreign = bead !== undefined && isIssue(bead) ? bead.details.foreign : undefined;
    const line = foreign?.importId === importId ? await reader.lineOf(foreign) : undefined;
    const parsed = line === undefined ? undefined : parseLine(line);
    if (bead !== undefined && parsed?.ok === true) imported.set(bead.beadId, { bead, record: parsed.record });
  }
  return imported;
};

interface Family {
  readonly edges: readonly Dependency[];
  readonly beads: ReadonlyMap<string, Bead>;
}
/** Edges whose both ends are there. */
const familyOf = async (ports: Ports, townId: string, imported: ReadonlyMap<string, Imported>): Promise<Family> => {
  const wanted = [...imported.values()].flatMap(({ bead, record }) => edgesOfRecord(record, idOfForeign).map((edge) => ({ bead, edge })));
  const outside = [...new Set(wanted.map(({ edge }) => edge.dependsOnId))].filter((beadId) => !imported.has(beadId));
  const found = await ports.store.getMany(
    'bead',
    outside.map((beadId) => ({ townId, beadId })),
  );
  const beads = new Map([...imported.values()].map(({ bead }) => [bead.beadId, bead]));
  for (const bead of found) if (bead !== undefined) beads.set(bead.beadId, bead);
  const parentOf = new Map(
    wanted.flatMap(({ bead, edge }) => (edge.type === 'parent-child' ? [[bead.beadId, edge.dependsOnId] as const] : [])),
  );
  const children = Map.groupBy(parentOf.keys(), (beadId) => parentOf.get(beadId) ?? '');
  const edges = wanted.flatMap(({ bead, edge }): Dependency[] => {
    const other = beads.get(edge.dependsOnId);
    if (other === undefined) return [];
    const kids = (children.get(edge.dependsOnId) ?? []).flatMap((beadId) => beads.get(beadId) ?? []);
    const resolved = isBlocking(edge.type) && effectOf({ type: edge.type }, other, kids) === 'free';
    return [newEdge({ townId, beadId: bead.beadId, dependsOnId: edge.dependsOnId, type: edge.type, at: bead.createdAt }, resolved)];
  });
  return { edges, beads };
};

/** The beads as their edges make them. */
const related = (imported: ReadonlyMap<string, Imported>, { edges, beads }: Family, at: string): { before: Bead; after: Bead }[] => {
  const byBead = Map.groupBy(edges, (edge) => edge.beadId);
  const awaited = new Set(edges.filter(waitsOn).map((edge) => edge.dependsOnId));
  const parents = new Set(edges.filter((edge) => edge.type === 'parent-child').map((edge) => edge.dependsOnId));
  const waitingOf = (beadId: string): number => (byBead.get(beadId) ?? []).filter((edge) => isBlocking(edge.type) && !edge.resolved).length;
  const parentOf = (beadId: string): string | undefined => byBead.get(beadId)?.find((edge) => edge.type === 'parent-child')?.dependsOnId;
  const isBlockedBy = (parentId: string | undefined): boolean => {
    if (parentId === undefined) return false;
    const parent = beads.get(parentId);
    if (parent === undefined) return false;
    if (!imported.has(parentId)) return blocksChildren(parent);
    return parent.status === 'open' && (waitingOf(parentId) > 0 || isBlockedBy(parentOf(parentId)));
  };
  return [...imported.values()].flatMap(({ bead }) => {
    const parentId = parentOf(bead.beadId);
    const openBlockers = bead.status === 'open' ? waitingOf(bead.beadId) : 0;
    const patch: Partial<Bead> = {
      ...(awaited.has(bead.beadId) && bead.awaited !== true ? { awaited: true as const } : {}),
      ...(openBlockers === bead.openBlockers ? {} : { openBlockers }),
      ...(parentId === undefined || parentId === bead.parentId ? {} : { parentId }),
      ...(parents.has(bead.beadId) && bead.hasChildren !== true ? { hasChildren: true as const } : {}),
      ...(bead.status === 'open' && bead.parentBlocked !== true && isBlockedBy(parentId) ? { parentBlocked: true as const } : {}),
    };
    return Object.keys(patch).length === 0 ? [] : [{ before: bead, after: { ...revised(bead, patch, at), updatedAt: bead.updatedAt } }];
  });
};

/** Commits in parts, each only while the import is this caller's. Throws 409 when it is not. */
const commitParts = async (ports: Ports, { townId, item }: Finish, writes: readonly Write[], most: number): Promise<void> => {
  const key = { townId, kind: item.kind, workId: item.workId };
  for (let start = 0; start < writes.length; start += most) {
    const outcome = await ports.store.commit([
      { check: 'work', key, when: { equals: { stamp: item.stamp } } },
      ...writes.slice(start, start + most),
    ]);
    if (!outcome.ok) throw conflict('Something else changed these beads at the same moment; send the last part again.');
  }
};

/** A bead that was there before may end at this very moment: the edge is written only while it has not. */
const waitForOther = async (ports: Ports, finish: Finish, edge: Dependency): Promise<void> => {
  const other = await ports.store.get('bead', { townId: finish.townId, beadId: edge.dependsOnId });
  if (other === undefined || (edge.type !== 'waits-for' && effectOf({ type: edge.type }, other) === 'free'))
    throw conflict(`${edge.dependsOnId} has just ended; send the last part again.`);
  const writes = withoutDoubles([...edgeWrites([edge], [other], 'none'), targetCheck(other)]);
  await commitParts(ports, finish, writes, writes.length);
};

/** Parents that were there before are told that they have children now. */
const outerParents = ({ edges, beads }: Family, imported: ReadonlyMap<string, Imported>, at: string): { before: Bead; after: Bead }[] => {
  const ids = new Set(
    edges.filter((edge) => edge.type === 'parent-child' && !imported.has(edge.dependsOnId)).map((edge) => edge.dependsOnId),
  );
  return [...ids].flatMap((beadId) => {
    const before = beads.get(beadId);
    return before === undefined || before.hasChildren === true ? [] : [{ before, after: revised(before, { hasChildren: true }, at) }];
  });
};

/** They become due with the transaction that shows everything. */
const mostGates = 80;
/** Makes the edges, then shows everything at once. Throws 422 naming beads that wait for each other in a circle; 409: send it again. */
export const finishImport = async (ports: Ports, finish: Finish): Promise<void> => {
  const { townId, importId, item, data } = finish;
  const imported = await importedOf(ports, finish);
  const family = await familyOf(ports, townId, imported);
  await checkCircles(ports, townId, { edges: family.edges, isImported: (beadId) => imported.has(beadId) });
  const at = isoNow(ports);
  const moment = momentOf(ports);
  const outer = family.edges.filter((edge) => waitsOn(edge) && !imported.has(edge.dependsOnId));
  const inner = family.edges.filter((edge) => !outer.includes(edge));
  const gates = [...new Set(outer.flatMap((edge) => (edge.type === 'waits-for' ? [edge.dependsOnId] : [])))];
  if (gates.length > mostGates)
    throw unprocessable(`An import may wait for the children of at most ${mostGates} beads that are in the town already.`);
  const known = [...family.beads.values()].map((bead): Bead => (imported.has(bead.beadId) ? { ...bead, awaited: true } : bead));
  await commitParts(ports, finish, edgeWrites(inner, known, 'none'), edgesPerCommit);
  for (const edge of outer) await waitForOther(ports, finish, edge);
  const changes = related(imported, family, at).map(({ before, after }): Write => ({
    put: 'bead',
    item: after,
    when: { equals: { version: before.version } },
  }));
  await commitParts(ports, finish, changes, beadsPerCommit);
  for (const change of outerParents(family, imported, at))
    await commitParts(ports, finish, writesOf([change], undefined, moment), beadsPerCommit);
  const event = newEvent(
    { townId, eventId: ports.ids.ulid(), type: 'created', actor: `user:${data.userId}`, at },
    { rigId: data.rigId, new: `${imported.size} beads imported`, data: { import: importId, beads: imported.size, parts: data.parts } },
  );
  const starts: Write[] = data.hold
    ? []
    : [
        putWork({
          ...workItem(townId, 'import', importId, moment.nowMs, moment.stamp),
          data: JSON.stringify({ parts: data.parts, next: 0 }),
        }),
      ];
  const outcome = await ports.store.commit([
    { remove: 'work', key: { townId, kind: item.kind, workId: item.workId }, when: { equals: { stamp: item.stamp } } },
    { put: 'event', item: event, when: 'none' },
    ...starts,
    // Their children may all be closed already, or have closed while the import was hidden.
    ...gates.map((beadId) => putWork(workItem(townId, 'gate', beadId, moment.nowMs, moment.stamp))),
  ]);
  if (!outcome.ok) throw conflict('Another part of this import came at the same moment; send the last part again.');
};
