// Finds whether beads wait for each other in a circle, by walking what they wait for. Bounded: a town may have very many beads.
import type { Bead } from '../contracts/bead.schema.ts';
import { waitsForOf } from '../domain/dependencies.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';

/** Beads that one walk looks at. */
export const mostBeadsWalked = 2000;
/** Edge lists that are read side by side. */
const atOnce = 25;

type Reader = Pick<Ports, 'store'>;

const idsBehind = async ({ store }: Reader, bead: Bead): Promise<string[]> => {
  const { townId, beadId } = bead;
  const edges = await store.dependenciesOf(townId, beadId);
  const gates = edges.filter((edge) => edge.type === 'waits-for' && !edge.resolved);
  const children = await Promise.all(gates.map((edge) => store.dependentsOf(townId, edge.dependsOnId, 'parent-child')));
  return [...waitsForOf(bead, edges), ...children.flat().map((edge) => edge.beadId)];
};

const levelBehind = async (ports: Reader, townId: string, ids: readonly string[]): Promise<{ from: string; to: string }[]> => {
  const steps: { from: string; to: string }[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const keys = ids.slice(start, start + atOnce).map((beadId) => ({ townId, beadId }));
    const beads = (await ports.store.getMany('bead', keys)).flatMap((bead) => bead ?? []);
    const found = await Promise.all(beads.map(async (bead) => (await idsBehind(ports, bead)).map((to) => ({ from: bead.beadId, to }))));
    steps.push(...found.flat());
  }
  return steps;
};

const pathTo = (goal: string, cameFrom: ReadonlyMap<string, string | undefined>): string[] => {
  const path: string[] = [];
  for (let at: string | undefined = goal; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
  return path;
};

/**
 * The shortest way from one of `starts` to one of `goals`, each bead waiting for the next; undefined when there is none. Strong reads.
 * Throws 422 when more beads lie behind the starts than are looked at.
 */
export const pathBetween = async (
  ports: Reader,
  townId: string,
  { starts, goals }: { readonly starts: readonly string[]; readonly goals: ReadonlySet<string> },
): Promise<readonly string[] | undefined> => {
  const cameFrom = new Map<string, string | undefined>(starts.map((start) => [start, undefined]));
  let level = [...cameFrom.keys()];
  const reached = level.find((beadId) => goals.has(beadId));
  if (reached !== undefined) return [reached];
  while (level.length > 0) {
    if (cameFrom.size > mostBeadsWalked)
      throw unprocessable(
        `More than ${mostBeadsWalked} beads wait behind ${starts.join(', ')}, so it cannot be told whether this closes a circle. Remove dependencies that are not needed any more, or depend on a convoy instead.`,
      );
    const next: string[] = [];
    for (const { from, to } of await levelBehind(ports, townId, level)) {
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, from);
      if (goals.has(to)) return pathTo(to, cameFrom);
      next.push(to);
    }
    level = next;
  }
  return undefined;
};

const titleCharacters = 60;
/** `web-1 "First" → web-2 "Second" → web-1 "First"`. */
export const spelledOut = async ({ store }: Reader, townId: string, path: readonly string[]): Promise<string> => {
  const beads = await store.getMany(
    'bead',
    path.map((beadId) => ({ townId, beadId })),
  );
  return path.map((beadId, index) => `${beadId} "${(beads[index]?.title ?? '').slice(0, titleCharacters)}"`).join(' → ');
};
