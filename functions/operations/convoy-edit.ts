// Changes of a convoy by people and the Mayor: its plan while it is staged, its members, its landing, its end. What a plan waits for inside is
// edited as the dependencies of its beads.
import type { z } from 'zod';
import type { Bead } from '../contracts/bead.schema.ts';
import type { ConvoyDetails } from '../contracts/convoy.schema.ts';
import { limits } from '../contracts/primitives.schema.ts';
import type { convoysRoutes } from '../contracts/routes/convoys.ts';
import { isIssue, putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { countMembers } from '../domain/convoy/progress.ts';
import { isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal, revised, transition } from '../domain/transition.ts';
import { counted } from '../domain/words.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { checkVersion } from '../api/serve.ts';
import { beadOf } from './access.ts';
import type { ConvoyAct } from './convoy-start.ts';
import { convoyWillWait } from './convoy-circle.ts';
import { convoyOf, convoyView, membersOf } from './convoys.ts';
import type { ConvoyBead, ConvoyView } from './convoys.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export type ConvoyPatch = z.infer<(typeof convoysRoutes.updateConvoy)['body']>;

interface Change {
  readonly details: ConvoyDetails;
  readonly title?: string;
  /** What the event says. */
  readonly data: Readonly<Record<string, string | number | string[]>>;
  readonly others?: readonly BeadChange[];
  readonly more?: readonly Write[];
}
/** Reads, decides and writes the convoy with its event; its members are counted again. Throws 404, 409. */
const changed = async (
  ports: Ports,
  { townId, convoyId, actor }: ConvoyAct,
  decide: (convoy: ConvoyBead, at: string) => Promise<Change | undefined> | Change | undefined,
): Promise<ConvoyView> => {
  await transact(ports, 'The convoy', async () => {
    const convoy = await convoyOf(ports, townId, convoyId);
    if (isFinal(convoy.status)) throw conflict(`${convoyId} is ${convoy.status}, and that is final.`, []);
    const at = isoNow(ports);
    const change = await decide(convoy, at);
    if (change === undefined) return { writes: [], result: undefined };
    const { details, title = convoy.title, data, others = [], more = [] } = change;
    const moment = momentOf(ports);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor, at },
      { beadId: convoyId, convoyId, data: { ...data } },
    );
    const count = putWork(workItem(townId, 'convoy', convoyId, moment.nowMs, moment.stamp));
    const changes = [{ before: convoy, after: revised(convoy, { title, details }, at) }, ...others];
    return { writes: writesOf(changes, event, moment, [count, ...more]), result: undefined };
  });
  return convoyView(ports, townId, convoyId);
};

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && new Set([...one, ...other]).size === one.length;

/** Name, and while it is a plan also the order of its beads and how it is merged. */
export const updateConvoy = (
  ports: Ports,
  act: ConvoyAct & { readonly patch: ConvoyPatch; readonly ifMatch?: number | undefined },
): Promise<ConvoyView> =>
  changed(ports, act, (convoy) => {
    const { title, mergeMode, memberIds, series, budgetUsd } = act.patch;
    checkVersion(act.ifMatch, convoy.version);
    if (!convoy.details.staged && (mergeMode !== undefined || memberIds !== undefined))
      throw conflict(`${convoy.beadId} has started: its merge mode and the order of its beads are those of its plan.`, ['title', 'series']);
    if (memberIds !== undefined && !isSameSet(memberIds, convoy.details.memberIds))
      throw unprocessable('The order must name every bead of the convoy once; beads are added and removed by themselves.', [
        { path: 'body.memberIds', message: 'not the same beads' },
      ]);
    const details: ConvoyDetails = {
      ...convoy.details,
      ...(mergeMode === undefined ? {} : { mergeMode }),
      ...(memberIds === undefined ? {} : { memberIds }),
      ...(series === undefined ? {} : { series }),
      ...(budgetUsd === undefined ? {} : { settings: { ...convoy.details.settings, 'budget.convoyUsd': budgetUsd } }),
    };
    return {
      details,
      ...(title === undefined ? {} : { title }),
      data: { changed: Object.entries(act.patch).flatMap(([key, value]) => (value === undefined ? [] : [key])) },
    };
  });

const checkRoom = (convoy: ConvoyBead, bead: Bead): void => {
  const { memberIds, landings = [], closing } = convoy.details;
  if (closing !== undefined) throw conflict(`${convoy.beadId} is being cancelled.`, []);
  if (memberIds.length >= limits.convoyMembers) throw conflict(`A convoy has at most ${limits.convoyMembers} beads.`, []);
  const landing = landings.find((each) => each.rigId === bead.rigId);
  if (landing !== undefined && landing.state !== 'waiting')
    throw conflict(`The work of ${convoy.beadId} for this rig is landing or has landed; let the bead be worked by itself.`, []);
};

/** An open bead of no convoy becomes a member. Throws 404, 409, 422. */
export const addConvoyBead = (ports: Ports, act: ConvoyAct & { readonly beadId: string }): Promise<ConvoyView> =>
  changed(ports, act, async (convoy, at) => {
    const bead = await beadOf(ports, act.townId, act.beadId);
    if (!isIssue(bead)) throw unprocessable('Only issues can be members of a convoy.', [{ path: 'body.beadId', message: 'not an issue' }]);
    if (bead.details.convoyId === convoy.beadId) return undefined;
    if (bead.details.convoyId !== undefined)
      throw conflict(`${bead.beadId} belongs to ${bead.details.convoyId}; remove it there first.`, []);
    if (bead.status !== 'open') throw conflict(`${bead.beadId} is ${bead.status.replace('_', ' ')}; only open beads can be added.`, []);
    checkRoom(convoy, bead);
    const graph = await convoyWillWait(ports, convoy, bead);
    const { targetBranch: _target, branch: _branch, baseSha: _base, ...details } = bead.details;
    const position = convoy.details.memberIds.length;
    const after = revised(bead, { held: false, details: { ...details, convoyId: convoy.beadId, position } }, at);
    return {
      details: {
        ...convoy.details,
        memberIds: [...convoy.details.memberIds, bead.beadId],
        totalBeads: convoy.details.totalBeads + 1,
      },
      data: { added: bead.beadId },
      others: [{ before: bead, after }],
      more: [
        graph,
        ...edgeWrites([newEdge({ townId: act.townId, beadId: convoy.beadId, dependsOnId: bead.beadId, type: 'tracks', at })], [], 'none'),
      ],
    };
  });

/** Dependents within the convoy that one removal frees at most: each is a bead, an edge and its queue. */
const mostFreed = 12;
/** Members that waited for the removed one go on without it. */
const freedMembers = async (ports: Ports, convoy: ConvoyBead, bead: Bead): Promise<{ changes: BeadChange[]; writes: Write[] }> => {
  const { townId } = bead;
  const members = new Set(convoy.details.memberIds);
  const edges = (await ports.store.dependentsOf(townId, bead.beadId)).filter(
    (edge) => isBlocking(edge.type) && !edge.resolved && members.has(edge.beadId),
  );
  if (edges.length > mostFreed)
    throw conflict(
      `${counted(edges.length, 'bead')} of the convoy wait for ${bead.beadId}; take some of these dependencies away first.`,
      [],
    );
  const changes: BeadChange[] = [];
  const writes: Write[] = [];
  for (const edge of edges) {
    const before = await ports.store.get('bead', { townId, beadId: edge.beadId });
    writes.push({ remove: 'dependency', key: edge, when: { equals: { resolved: false } } });
    if (before === undefined || isFinal(before.status)) continue;
    changes.push({ before, after: revised(before, { openBlockers: Math.max(0, before.openBlockers - 1) }, isoNow(ports)) });
  }
  return { changes, writes };
};

/** The bead leaves the convoy; an open one is held, so that nobody works on it before a person says so. Throws 404, 409. */
export const removeConvoyBead = (ports: Ports, act: ConvoyAct & { readonly beadId: string }): Promise<ConvoyView> =>
  changed(ports, act, async (convoy, at) => {
    if (!convoy.details.memberIds.includes(act.beadId)) return undefined;
    const bead = await beadOf(ports, act.townId, act.beadId);
    if (!isIssue(bead)) throw unprocessable('Only issues are members of a convoy.', []);
    if (bead.status === 'in_progress' || bead.status === 'in_review')
      throw conflict(`${bead.beadId} is ${bead.status.replace('_', ' ')}; give it up first, or let it finish.`, ['fail']);
    if (bead.status === 'closed') throw conflict(`${bead.beadId} is done: its work is part of the convoy.`, []);
    const { convoyId: _convoy, position: _position, ...details } = bead.details;
    const freed = await freedMembers(ports, convoy, bead);
    const memberIds = convoy.details.memberIds.filter((beadId) => beadId !== bead.beadId);
    return {
      details: { ...convoy.details, memberIds, totalBeads: Math.max(0, convoy.details.totalBeads - 1) },
      data: { removed: bead.beadId },
      others: [{ before: bead, after: revised(bead, { held: bead.status === 'open', details }, at) }, ...freed.changes],
      more: [
        {
          remove: 'dependency',
          key: { townId: act.townId, beadId: convoy.beadId, dependsOnId: bead.beadId, type: 'tracks' },
          when: 'none',
        },
        ...freed.writes,
      ],
    };
  });

/** Members that can never start without the failed ones. */
const waitingFor = async (ports: Ports, failed: readonly Bead[], unfinished: readonly Bead[]): Promise<Set<string>> => {
  const gone = new Set(failed.map((bead) => bead.beadId));
  const edges = await Promise.all(unfinished.map((bead) => ports.store.dependenciesOf(bead.townId, bead.beadId)));
  for (let grew = true; grew;) {
    grew = false;
    for (const [index, bead] of unfinished.entries()) {
      const lost = edges[index]?.some((edge) => isBlocking(edge.type) && !edge.resolved && gone.has(edge.dependsOnId)) === true;
      if (!lost || gone.has(bead.beadId)) continue;
      gone.add(bead.beadId);
      grew = true;
    }
  }
  return gone;
};

/**
 * Lands without what has failed (and what can never start without it), or tries a landing again that was given up. Throws 404, and 409 for a
 * convoy that has failed beads and is not told to land without them.
 */
export const landConvoy = (ports: Ports, act: ConvoyAct & { readonly withoutFailed: boolean }): Promise<ConvoyView> =>
  changed(ports, act, async (convoy) => {
    const { details } = convoy;
    if (details.staged) throw conflict(`${convoy.beadId} is a plan; start it first.`, ['start']);
    const count = countMembers(details, await membersOf(ports, convoy));
    if (count.failed.length > 0 && !act.withoutFailed)
      throw conflict(`${counted(count.failed.length, 'bead')} of it failed: retry or drop them, or say withoutFailed: true.`, []);
    const left = count.failed.length === 0 ? new Set<string>() : await waitingFor(ports, count.failed, count.unfinished);
    const landings = details.landings?.map((landing) => {
      const { nextAt: _next, ...rest } = landing;
      return landing.state === 'failed'
        ? { ...rest, state: 'waiting' as const, attempts: 0 }
        : landing.state === 'waiting'
          ? rest
          : landing;
    });
    return {
      details: {
        ...details,
        ...(landings === undefined ? {} : { landings }),
        ...(left.size === 0 ? {} : { leftOutIds: [...new Set([...(details.leftOutIds ?? []), ...left])] }),
      },
      data: { landing: 'asked', leftOut: [...left] },
    };
  });

/** Ends a convoy. Members that are not finished are given up with it when `cancelMembers` says so. Throws 404, and 409 that names them. */
export const closeConvoy = async (
  ports: Ports,
  act: ConvoyAct & { readonly reason: string; readonly cancelMembers: boolean },
): Promise<ConvoyView> => {
  const { townId, convoyId, actor, reason } = act;
  await transact(ports, 'The convoy', async () => {
    const convoy = await convoyOf(ports, townId, convoyId);
    if (isFinal(convoy.status) || convoy.details.closing !== undefined) return { writes: [], result: undefined };
    const { unfinished } = countMembers({ memberIds: convoy.details.memberIds }, await membersOf(ports, convoy));
    if (unfinished.length > 0 && !act.cancelMembers)
      throw conflict(
        `${convoyId} still has ${counted(unfinished.length, 'bead')} that must finish: ${unfinished
          .slice(0, 3)
          .map((bead) => bead.beadId)
          .join(', ')}${unfinished.length > 3 ? ', …' : ''}. Say cancelMembers: true (a tool: cancel_members) to give them up.`,
        [],
      );
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const ending = { details: { ...convoy.details, closing: { reason, by: actor, at } } };
    const closed = transition(convoy, { status: 'closed' }, at);
    const after = unfinished.length > 0 || !closed.ok ? revised(convoy, ending, at) : { ...closed.bead, ...ending };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'status_changed', actor, at },
      { beadId: convoyId, convoyId, old: convoy.status, new: after.status, data: { reason, cancelling: unfinished.length } },
    );
    const count = putWork(workItem(townId, 'convoy', convoyId, moment.nowMs, moment.stamp));
    return { writes: writesOf([{ before: convoy, after }], event, moment, [count]), result: undefined };
  });
  return convoyView(ports, townId, convoyId);
};
