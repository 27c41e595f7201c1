// The only place that writes edges. An unresolved blocking edge marks the bead it waits for, so that this one's end is told: a bead without the
// mark ends without telling anybody (bead-writes.ts). Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import type { Condition, Write } from '../ports.ts';
import { isIssue } from './bead-writes.ts';
import { isBlocking } from './dependencies.ts';
import { isFinal } from './transition.ts';

/** Its end would be told to nobody although somebody begins to wait for it. What is no issue always tells; what is over has told. */
export const needsMark = (bead: Bead): boolean => isIssue(bead) && !isFinal(bead.status) && bead.awaited !== true;
/** Nothing else about the bead changes, its time neither. Whoever ends it at this moment must read it again. */
export const marked = (bead: Bead): Bead => ({ ...bead, awaited: true, version: bead.version + 1 });

export const waitsOn = (edge: Pick<Dependency, 'type' | 'resolved'>): boolean => isBlocking(edge.type) && !edge.resolved;
export const markWrite = (bead: Bead): Write => ({ put: 'bead', item: marked(bead), when: { equals: { version: bead.version } } });

/**
 * Writes of edges, and the marks they need. `others`: the beads that unresolved blocking edges wait for, as they were read or as they are made
 * in the same transaction. Throws when one of them is missing.
 */
export const edgeWrites = (
  edges: readonly Dependency[],
  others: readonly Bead[] = [],
  when: Condition<Dependency> = { absent: true },
): Write[] => {
  const known = new Map(others.map((bead) => [bead.beadId, bead]));
  const awaited = new Set(edges.filter(waitsOn).map((edge) => edge.dependsOnId));
  const marks = [...awaited].flatMap((beadId) => {
    const other = known.get(beadId);
    if (other === undefined) throw new Error(`An edge to ${beadId} is written without knowing it.`);
    return needsMark(other) ? [markWrite(other)] : [];
  });
  return [...edges.map((item): Write => ({ put: 'dependency', item, when })), ...marks];
};

/** The edge no longer blocks. */
export const resolvedEdge = (edge: Dependency): Write => ({
  put: 'dependency',
  item: { ...edge, resolved: true },
  when: { equals: { resolved: false } },
});

/** New beads and the edges between them: those that others wait for are made with the mark. */
export const withMarks = (beads: readonly Bead[], edges: readonly Dependency[]): Bead[] => {
  const awaited = new Set(edges.filter(waitsOn).map((edge) => edge.dependsOnId));
  return beads.map((bead) => (awaited.has(bead.beadId) && isIssue(bead) ? { ...bead, awaited: true } : bead));
};
