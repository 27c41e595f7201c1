// Whether what an import would show waits for itself: among its own beads, or through beads that are in the town already. Writes nothing.
import type { Dependency } from '../contracts/dependency.schema.ts';
import { waitsOn } from '../domain/edges.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { pathBetween } from './dependency-walk.ts';

interface Imported {
  readonly edges: readonly Dependency[];
  readonly isImported: (beadId: string) => boolean;
}
type Waits = ReadonlyMap<string, ReadonlySet<string>>;

/** What each bead of the import waits for in one step: its blockers, its parent, and the imported children behind `waits-for`. */
const waitsOf = ({ edges }: Imported): Map<string, Set<string>> => {
  const isParent = ({ type }: Dependency): boolean => type === 'parent-child';
  const children = Map.groupBy(edges.filter(isParent), ({ dependsOnId }) => dependsOnId);
  const waits = new Map<string, Set<string>>();
  for (const edge of edges.filter((each) => waitsOn(each) || isParent(each))) {
    const others = waits.get(edge.beadId) ?? new Set<string>();
    others.add(edge.dependsOnId);
    if (edge.type === 'waits-for') for (const { beadId } of children.get(edge.dependsOnId) ?? []) others.add(beadId);
    waits.set(edge.beadId, others);
  }
  return waits;
};

/** Ids that wait for each other in a circle; empty when there is none. */
const inCircles = (known: Waits): string[] => {
  const waits = new Map([...known].map(([beadId, others]) => [beadId, new Set(others)]));
  for (let freed = true; freed;) {
    freed = false;
    for (const [beadId, others] of waits) {
      for (const other of others) if (!waits.has(other)) others.delete(other);
      if (others.size > 0) continue;
      waits.delete(beadId);
      freed = true;
    }
  }
  return [...waits.keys()].toSorted();
};

/** Beads of the town that an imported one waits for, however many imported ones are between. */
const outsideOf = (waits: Waits, { isImported }: Imported, beadId: string): string[] => {
  const seen = new Set([beadId]);
  for (const each of seen) if (isImported(each)) for (const other of waits.get(each) ?? []) seen.add(other);
  return [...seen].filter((each) => !isImported(each));
};

/** Imported children of beads in the town that wait for somebody who waits for these children. */
const throughTheTown = async (ports: Pick<Ports, 'store'>, townId: string, imported: Imported, waits: Waits): Promise<string[]> => {
  const childrenBehind = async (beadIds: readonly string[]): Promise<string[]> =>
    (await Promise.all(beadIds.map((beadId) => ports.store.dependentsOf(townId, beadId, 'parent-child'))))
      .flat()
      .map((edge) => edge.beadId);
  const awaited = new Set(imported.edges.flatMap(({ type, dependsOnId }) => (type === 'waits-for' ? [dependsOnId] : [])));
  const outer = imported.edges.filter(({ type, dependsOnId }) => type === 'parent-child' && !imported.isImported(dependsOnId));
  const found: string[] = [];
  for (const [parentId, edges] of Map.groupBy(outer, ({ dependsOnId }) => dependsOnId)) {
    const goals = new Set((await ports.store.dependentsOf(townId, parentId, 'waits-for')).filter(waitsOn).map(({ beadId }) => beadId));
    if (goals.size === 0) continue;
    const outside = [...new Set(edges.flatMap(({ beadId }) => outsideOf(waits, imported, beadId)))];
    const starts = [...outside, ...(await childrenBehind(outside.filter((each) => awaited.has(each))))];
    if ((await pathBetween(ports, townId, { starts, goals })) !== undefined) found.push(...edges.map(({ beadId }) => beadId));
  }
  return found;
};

/** Throws 422 naming beads that would wait for each other in a circle. */
export const checkCircles = async (ports: Pick<Ports, 'store'>, townId: string, imported: Imported): Promise<void> => {
  const waits = waitsOf(imported);
  const own = inCircles(waits);
  const circle = own.length > 0 ? own : await throughTheTown(ports, townId, imported, waits);
  if (circle.length === 0) return;
  throw unprocessable(
    `Some beads wait for each other in a circle, so the import is not shown: ${circle.slice(0, 10).join(', ')}. Correct the file and import it anew.`,
  );
};
