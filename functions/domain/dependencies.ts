// Edges between beads: which types block, what a new edge looks like, and whether a set of edges closes a cycle. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency, DependencyType } from '../contracts/dependency.schema.ts';

const blocking: readonly DependencyType[] = ['blocks', 'conditional-blocks', 'waits-for'];
/** Types that keep the dependent out of the ready queue until they are resolved; all others only tell. */
export const isBlocking = (type: DependencyType): boolean => blocking.includes(type);

/** A closed blocker is out of the way: an issue closes only when its merge has landed. A failed one stays in the way. */
export const isResolvedBlocker = (blocker: Pick<Bead, 'status'>): boolean => blocker.status === 'closed';

export interface NewEdge {
  readonly townId: string;
  readonly beadId: string;
  readonly dependsOnId: string;
  readonly type: DependencyType;
  /** ISO time. */
  readonly at: string;
}
export const newEdge = ({ townId, beadId, dependsOnId, type, at }: NewEdge, resolved = false): Dependency => ({
  townId,
  beadId,
  dependsOnId,
  type,
  resolved,
  createdAt: at,
});

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
