// What must hold before one bead is made to wait for another. Reads the store, writes nothing.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Dependency, Gate } from '../contracts/dependency.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { isBlocking } from '../domain/dependencies.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { pathBetween, spelledOut } from './dependency-walk.ts';
import { visibleOf } from './visible.ts';

export interface EdgeInput {
  readonly dependsOnId: string;
  readonly type: string;
  readonly gate?: Gate | undefined;
}
export interface EdgeAct {
  readonly townId: string;
  readonly beadId: string;
  readonly actor: Principal;
}
export interface Scene {
  readonly ports: Ports;
  readonly act: EdgeAct;
  readonly bead: Bead;
  readonly edges: readonly Dependency[];
}

/** Beads that end by themselves, so that others can wait for them. A merge request lands with its issue. */
const awaited: readonly Bead['type'][] = ['issue', 'convoy', 'molecule', 'escalation'];
/** The other beads of edges, in order. Throws 422 for one that is not there. */
export const targetsOf = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  { ids, path }: { readonly ids: readonly string[]; readonly path: string },
): Promise<Bead[]> => {
  const read = await ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  const found = await visibleOf(
    ports,
    townId,
    read.flatMap((bead) => bead ?? []),
  );
  const missing = ids.filter((beadId) => !found.some((bead) => bead.beadId === beadId));
  if (missing.length > 0)
    throw unprocessable(`There is no bead ${missing.join(', ')} in this town to depend on.`, [
      { path, message: `unknown: ${missing.join(', ')}` },
    ]);
  return found;
};

/** Only an open issue can be made to wait. */
export const checkWaits = ({ bead }: Scene): void => {
  if (!isIssue(bead)) throw unprocessable(`${bead.beadId} is a ${bead.type.replace('_', ' ')}; only issues wait for other beads.`);
  if (bead.status !== 'open')
    throw conflict(
      `${bead.beadId} is ${bead.status.replace('_', ' ')}: what it waits for can be changed only while it is open. A type that does not block, such as related, is possible at any time.`,
      ['related', 'discovered-from', 'duplicates', 'replies-to'],
    );
};

/** Throws for a bead that never ends by itself, or whose place another has taken. */
export const checkAwaited = (target: Bead): void => {
  if (!awaited.includes(target.type))
    throw unprocessable(
      `${target.beadId} is a ${target.type.replace('_', ' ')}; only issues, convoys, molecules and escalations can be waited for.`,
    );
  if (target.supersededBy !== undefined)
    throw conflict(`${target.beadId} failed and was retried as ${target.supersededBy}; depend on that one.`, [target.supersededBy]);
};

/** Edges that say what the town itself keeps. */
export const keptByTheTown: readonly string[] = ['tracks', 'supersedes'];
/** A type that can be asked for. Throws 422. */
export const checkType = ({ type, gate }: EdgeInput): void => {
  if (keptByTheTown.includes(type))
    throw unprocessable(`Dependencies of type ${type} are kept by the town itself: convoys and retries make them.`);
  if (gate !== undefined && type !== 'waits-for') throw unprocessable('Only waits-for has a gate (all or any).');
};
/** Of a bead that is being made: its parent is named apart, and it cannot wait for itself among its parent's children. Throws 422. */
export const checkNewType = (edge: EdgeInput, parentId: string | undefined): void => {
  checkType(edge);
  if (edge.type === 'parent-child') throw unprocessable('Name the parent of a new bead as parentId (a tool: parent_id).');
  if (edge.type === 'waits-for' && edge.dependsOnId === parentId)
    throw unprocessable(`A child of ${parentId} cannot wait for the children of ${parentId}, of which it is one.`);
};
/** What holds of the other bead alone; a new bead is not waited for, so it closes no circle. Throws 409 and 422. */
export const checkNewTarget = (target: Bead, type: string, asked: readonly EdgeInput[]): void => {
  checkAwaited(target);
  if (type === 'waits-for' && !isIssue(target)) throw unprocessable(`waits-for needs an issue with children; ${target.beadId} is none.`);
  if (type === 'conditional-blocks' && target.status === 'closed')
    throw conflict(`${target.beadId} has succeeded already, so what waits for its failure would never run.`, []);
  const other = asked.find((edge) => edge.dependsOnId === target.beadId && isBlocking(edge.type) && edge.type !== type);
  if (other !== undefined)
    throw unprocessable(`It cannot depend on ${target.beadId} both as ${type} and as ${other.type}: name one of them.`);
};

export const checkTarget = ({ bead, edges }: Scene, target: Bead, type: string): void => {
  checkAwaited(target);
  if (type === 'waits-for' && !isIssue(target)) throw unprocessable(`waits-for needs an issue with children; ${target.beadId} is none.`);
  if (type === 'conditional-blocks' && target.status === 'closed')
    throw conflict(`${target.beadId} has succeeded already, so ${bead.beadId} would never run. Close it instead.`, ['close']);
  const other = edges.find((edge) => edge.dependsOnId === target.beadId && isBlocking(edge.type) && edge.type !== type);
  if (other !== undefined)
    throw conflict(`${bead.beadId} depends on ${target.beadId} already, as ${other.type}; remove that dependency first.`, [other.type]);
};

/** Throws 409 with the circle spelled out. */
export const checkCycle = async ({ ports, act: { townId, beadId } }: Scene, edges: readonly EdgeInput[]): Promise<void> => {
  const behind = await Promise.all(
    edges.map(async ({ dependsOnId, type }) =>
      type === 'waits-for' ? (await ports.store.dependentsOf(townId, dependsOnId, 'parent-child')).map((edge) => edge.beadId) : [],
    ),
  );
  const starts = [...new Set([...edges.map((edge) => edge.dependsOnId), ...behind.flat()])];
  const path = await pathBetween(ports, townId, { starts, goals: new Set([beadId]) });
  if (path !== undefined)
    throw conflict(`They would wait for each other in a circle: ${await spelledOut(ports, townId, [beadId, ...path])}.`);
};

/** What must still hold about the other bead when the edge is written: its end would have told this bead, its removal would have freed it. */
export const targetCheck = (target: Bead): Write => ({
  check: 'bead',
  key: { townId: target.townId, beadId: target.beadId },
  when: { equals: target.status === 'failed' ? { version: target.version } : { status: target.status, deletingAt: undefined } },
});

/** An edge that only tells needs the other bead to be there. */
export const thereCheck = (one: Bead): Write => ({
  check: 'bead',
  key: { townId: one.townId, beadId: one.beadId },
  when: { equals: { createdAt: one.createdAt, deletingAt: undefined } },
});
