// Parents and children: a `parent-child` edge and the child's `parentId` say the same and change together.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isIssue, putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { blocksChildren, isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { allowedFrom, isFinal, revised } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { targetsOf } from './dependency-checks.ts';
import { graphWrite } from './graph-version.ts';
import { pathBetween, spelledOut } from './dependency-walk.ts';
import { isoNow, momentOf } from './transact.ts';

/** A bead that may have children: an issue that is not over. Throws 422 or 409. */
export const checkParent = (parent: Bead): void => {
  if (!isIssue(parent)) throw unprocessable(`${parent.beadId} is a ${parent.type.replace('_', ' ')}; only an issue can be a parent.`);
  if (isFinal(parent.status))
    throw conflict(
      `${parent.beadId} is ${parent.status} and gets no new children.`,
      parent.supersededBy === undefined ? [] : [parent.supersededBy],
    );
};

/** The parent as it must be when it gets a child: marked once, and in the state from which the child's own was taken. */
export const parentWrites = (parent: Bead, at: string): { change?: BeadChange; checks: Write[] } => {
  if (parent.hasChildren !== true) return { change: { before: parent, after: revised(parent, { hasChildren: true }, at) }, checks: [] };
  const key = { townId: parent.townId, beadId: parent.beadId };
  return { checks: [{ check: 'bead', key, when: { equals: { version: parent.version } } }] };
};

/** Neither the parent nor anything behind it may wait for the child, nor for what waits for the parent's children. Throws 409. */
const checkFamilyCycle = async (ports: Ports, child: Bead, parent: Bead): Promise<void> => {
  const { townId, beadId } = child;
  const [gates, own] = await Promise.all([
    ports.store.dependentsOf(townId, parent.beadId, 'waits-for'),
    ports.store.dependenciesOf(townId, beadId),
  ]);
  const up = await pathBetween(ports, townId, { starts: [parent.beadId], goals: new Set([beadId]) });
  if (up !== undefined) throw conflict(`They would wait for each other in a circle: ${await spelledOut(ports, townId, [beadId, ...up])}.`);
  const waiting = new Set(gates.filter((edge) => !edge.resolved).map((edge) => edge.beadId));
  if (waiting.size === 0) return;
  const starts = [parent.beadId, ...own.filter((edge) => isBlocking(edge.type) && !edge.resolved).map((edge) => edge.dependsOnId)];
  const round = await pathBetween(ports, townId, { starts, goals: waiting });
  if (round !== undefined)
    throw conflict(
      `They would wait for each other in a circle: ${await spelledOut(ports, townId, [beadId, ...round, beadId])}, because the last one waits for the children of ${parent.beadId}.`,
    );
};

export interface NewChild {
  readonly townId: string;
  readonly beadId: string;
  readonly parentId: string;
  /** Ids of what the new bead waits for. */
  readonly blockers: readonly string[];
}
/**
 * What a bead needs that is created under a parent. Somebody who waits for the children of this parent waits for the new one too, so it
 * may close a circle although nobody knows it yet. Throws 422 or 409.
 */
export const newChild = async (
  ports: Ports,
  { townId, beadId, parentId, blockers }: NewChild,
): Promise<{ fields: Partial<Bead>; changes: BeadChange[]; writes: Write[] }> => {
  const [parent] = await targetsOf(ports, townId, { ids: [parentId], path: 'body.parentId' });
  if (parent === undefined) throw unprocessable(`There is no bead ${parentId} in this town.`);
  checkParent(parent);
  const graph = await graphWrite(ports, townId);
  const waiting = new Set(
    (await ports.store.dependentsOf(townId, parentId, 'waits-for')).filter((edge) => !edge.resolved).map((edge) => edge.beadId),
  );
  const starts = [parentId, ...blockers];
  const round = waiting.size === 0 ? undefined : await pathBetween(ports, townId, { starts, goals: waiting });
  if (round !== undefined)
    throw conflict(
      `They would wait for each other in a circle: ${await spelledOut(ports, townId, round)} → the new bead, because it would be a child of ${parentId}.`,
    );
  const { change, checks } = parentWrites(parent, isoNow(ports));
  const edge = newEdge({ townId, beadId, dependsOnId: parentId, type: 'parent-child', at: isoNow(ports) });
  return {
    fields: { parentId, ...(blocksChildren(parent) ? { parentBlocked: true as const } : {}) },
    changes: change === undefined ? [] : [change],
    writes: [...checks, ...(blockers.length === 0 ? [] : [graph]), ...edgeWrites([edge])],
  };
};

export interface ParentChange {
  readonly bead: Bead;
  /** Absent: the bead has no parent any more. */
  readonly parent: Bead | undefined;
  /** Other fields that change with it. */
  readonly patch?: Partial<Pick<Bead, 'title' | 'body' | 'priority' | 'held' | 'labels' | 'metadata' | 'details'>>;
}

/** The writes that give a bead another parent, or none. Throws 409 for a final bead or a circle, 422 for what cannot be a parent. */
export const setParent = async (
  ports: Ports,
  act: { readonly townId: string; readonly actor: Principal },
  { bead, parent, patch = {} }: ParentChange,
): Promise<Write[]> => {
  if (!isIssue(bead))
    throw unprocessable(`${bead.beadId} is a ${bead.type.replace('_', ' ')}; only issues have a parent that can be changed.`);
  if (bead.details.mergeRequestId !== undefined) throw unprocessable(`${bead.beadId} repairs a merge request and belongs to it.`);
  if (isFinal(bead.status)) throw conflict(`${bead.beadId} is ${bead.status}, and that is final.`, allowedFrom(bead));
  if (parent?.beadId === bead.beadId) throw unprocessable(`${bead.beadId} cannot be its own parent.`);
  const { townId } = act;
  const at = isoNow(ports);
  const moment = momentOf(ports);
  const { parentBlocked: _was, parentId: oldId, ...rest } = bead;
  const graph = await graphWrite(ports, townId);
  const more: Write[] = [];
  if (oldId !== undefined) {
    const key = { townId, beadId: bead.beadId, dependsOnId: oldId, type: 'parent-child' };
    more.push({ remove: 'dependency', key, when: 'none' }, putWork(workItem(townId, 'gate', oldId, moment.nowMs, moment.stamp)));
  }
  const changes: BeadChange[] = [];
  if (parent !== undefined) {
    checkParent(parent);
    await checkFamilyCycle(ports, bead, parent);
    const { change, checks } = parentWrites(parent, at);
    if (change !== undefined) changes.push(change);
    const edge = newEdge({ townId, beadId: bead.beadId, dependsOnId: parent.beadId, type: 'parent-child', at });
    more.push(...checks, graph, ...edgeWrites([edge]));
  }
  const family =
    parent === undefined ? {} : { parentId: parent.beadId, ...(blocksChildren(parent) ? { parentBlocked: true as const } : {}) };
  const after = revised({ ...rest, ...family }, patch, at);
  const event = newEvent(
    { townId, eventId: ports.ids.ulid(), type: parent === undefined ? 'dependency_removed' : 'dependency_added', actor: act.actor, at },
    {
      beadId: bead.beadId,
      ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
      data: {
        type: 'parent-child',
        ...(parent === undefined ? {} : { dependsOnId: parent.beadId }),
        ...(oldId === undefined ? {} : { oldParentId: oldId }),
        changed: ['parentId', ...Object.keys(patch)],
      },
    },
  );
  return writesOf([...changes, { before: bead, after }], event, moment, more);
};
