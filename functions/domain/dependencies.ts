// Edges between beads: which types block, what a new edge looks like, and whether a set of edges closes a cycle. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency, Gate } from '../contracts/dependency.schema.ts';
import { isFinal } from './transition.ts';

const blocking: readonly string[] = ['blocks', 'conditional-blocks', 'waits-for'];
/** Types that keep the dependent out of the ready queue until they are resolved; all others, also unknown ones, only tell. */
export const isBlocking = (type: string): boolean => blocking.includes(type);

/**
 * A closed blocker is out of the way: an issue closes only when it is merged. One that is merged into its convoy's branch only stays in the
 * way until that has landed; a failed one stays in the way.
 */
export const isResolvedBlocker = ({ status, details }: Pick<Bead, 'status' | 'details'>): boolean =>
  status === 'closed' && !(details.type === 'issue' && details.awaitsLanding === true);

/** Members of one convoy in one rig build on each other's work on the feature branch. */
export const shareBranch = (one: Bead, other: Bead): boolean =>
  one.details.type === 'issue' &&
  other.details.type === 'issue' &&
  one.details.convoyId !== undefined &&
  one.details.convoyId === other.details.convoyId &&
  one.rigId === other.rigId;

export interface NewEdge {
  readonly townId: string;
  readonly beadId: string;
  readonly dependsOnId: string;
  readonly type: string;
  readonly gate?: Gate | undefined;
  /** ISO time. */
  readonly at: string;
}
export const newEdge = ({ townId, beadId, dependsOnId, type, gate, at }: NewEdge, resolved = false): Dependency => ({
  townId,
  beadId,
  dependsOnId,
  type,
  resolved,
  ...(gate === undefined ? {} : { gate }),
  createdAt: at,
});

/** `free`: the edge no longer blocks. `skip`: it can never be met, the dependent closes. `stay`: it goes on blocking. */
export type EdgeEffect = 'free' | 'skip' | 'stay';

/** Children that count: one that was retried is stood for by its successor, one that is being deleted is gone. */
const counting = (children: readonly Bead[]): Bead[] =>
  children.filter((child) => child.supersededBy === undefined && child.deletingAt === undefined);

/** What waits for the children of a bead goes on when all (or any) are closed; without children the bead stands for itself. */
const gateEffect = (gate: Gate, target: Bead, children: readonly Bead[]): EdgeEffect => {
  const counted = counting(children);
  if (counted.length === 0) return isResolvedBlocker(target) ? 'free' : 'stay';
  const closed = counted.filter(isResolvedBlocker).length;
  return (gate === 'any' ? closed > 0 : closed === counted.length) ? 'free' : 'stay';
};

/** What the state of the other bead means for a blocking edge. `children`: of the other bead, needed for `waits-for` only. */
export const effectOf = (edge: Pick<Dependency, 'type' | 'gate'>, other: Bead, children: readonly Bead[] = []): EdgeEffect => {
  if (edge.type === 'waits-for') return gateEffect(edge.gate ?? 'all', other, children);
  if (edge.type !== 'conditional-blocks') return isResolvedBlocker(other) ? 'free' : 'stay';
  if (!isFinal(other.status)) return 'stay';
  return other.status === 'failed' ? 'free' : 'skip';
};

/** An open bead that waits keeps its children waiting too; an open one that does not wait keeps nobody. */
export const blocksChildren = (bead: Pick<Bead, 'type' | 'status' | 'openBlockers' | 'parentBlocked'>): boolean =>
  bead.type === 'issue' && bead.status === 'open' && (bead.openBlockers > 0 || bead.parentBlocked === true);

/**
 * Beads that this one waits for in one step, for finding cycles: unresolved blockers (also of a failed bead, whose retry will have them),
 * its parent, the members of a convoy, and the bead that took its place. The children behind `waits-for` are the caller's to add.
 */
export const waitsForOf = (bead: Bead, edges: readonly Dependency[]): string[] => {
  if (bead.status === 'closed') return [];
  const next = edges.flatMap((edge) => {
    const counts = isBlocking(edge.type)
      ? !edge.resolved
      : edge.type === 'parent-child' || (edge.type === 'tracks' && bead.type === 'convoy');
    return counts ? [edge.dependsOnId] : [];
  });
  return bead.supersededBy === undefined ? next : [...next, bead.supersededBy];
};

/**
 * A cycle among the nodes 0 … n-1, where `dependsOn[i]` are the nodes that node i waits for. The first node is repeated at the end
 * (`[0, 2, 0]`: 0 waits for 2, which waits for 0). Undefined when there is none.
 */
export const findCycle = (dependsOn: readonly (readonly number[])[]): readonly number[] | undefined => {
  const state = new Map<number, 'open' | 'done'>();
  const path: number[] = [];
  const visit = (node: number): readonly number[] | undefined => {
    if (state.get(node) === 'done') return undefined;
    if (state.get(node) === 'open') return [...path.slice(path.indexOf(node)), node];
    state.set(node, 'open');
    path.push(node);
    for (const next of dependsOn[node] ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    state.set(node, 'done');
    return undefined;
  };
  for (const node of dependsOn.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};
