// Reads a town for a pass: its work partition and what that names, nothing closed, archived or merely blocked. Strong reads only.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { MayorMessage } from '../contracts/town.schema.ts';
import type { ReadyEntry, Train, WorkItem, WorkKind } from '../contracts/work.schema.ts';
import { isLive } from '../domain/agent-state.ts';
import { isIssue, isMergeRequest } from '../domain/bead-writes.ts';
import { aboutIn } from '../domain/escalations.ts';
import { rigPlaces, townPlaces } from '../domain/plan/places.ts';
import type { ReadyHead, Snapshot } from '../domain/plan/snapshot.ts';
import { triageRequestOf } from '../domain/triage.ts';
import type { Ports, Store } from '../ports.ts';

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value): value is T => value !== undefined);
/** Entries of one queue that are read at most; behind so many backing-off ones nothing is looked for. */
const longestHead = 1000;

/** The first entries of a queue, far enough that `wanted` due ones are among them if there are so many. */
const headOf = async (store: Store, item: WorkItem, wanted: number, nowMs: number): Promise<ReadyHead> => {
  const cut = item.workId.indexOf('#');
  const rigId = item.workId.slice(0, cut);
  const queue = item.workId.slice(cut + 1);
  let entries: readonly ReadyEntry[] = [];
  for (let limit = wanted + 1; ; limit *= 4) {
    entries = await store.readyOf(item.townId, rigId, queue, limit);
    if (entries.length < limit || limit >= longestHead || entries.filter((entry) => entry.notBeforeMs <= nowMs).length >= wanted) break;
  }
  return { rigId, queue, entries };
};

/** Places that a dispatch could take now; the plan decides exactly, this only bounds what is read. */
const freePlaces = (agents: readonly Agent[], rigId: string, limits: { readonly ofRig: number; readonly ofTown: number }): number => {
  const polecats = agents.filter((agent) => agent.role === 'polecat' && isLive(agent));
  return Math.min(limits.ofRig - polecats.filter((agent) => agent.rigId === rigId).length, limits.ofTown - polecats.length);
};

const readBeads = async (store: Store, townId: string, ids: Iterable<string>): Promise<Bead[]> => {
  const unique = [...new Set(ids)];
  return unique.length === 0
    ? []
    : present(
        await store.getMany(
          'bead',
          unique.map((beadId) => ({ townId, beadId })),
        ),
      );
};

const beadKinds: readonly WorkKind[] = ['flight', 'merge', 'mail', 'convoy', 'release', 'budget'];
const namedBeads = (
  work: readonly WorkItem[],
  agents: readonly Agent[],
  trains: readonly Train[],
  ready: readonly ReadyHead[],
): string[] => [
  ...work.filter((item) => beadKinds.includes(item.kind)).map((item) => item.workId),
  ...work.flatMap((item) => (item.kind === 'triage' ? (triageRequestOf(item)?.beadId ?? []) : [])),
  ...work.filter((item) => item.kind === 'escalation').flatMap((item) => aboutIn(item) ?? []),
  ...agents.flatMap((agent) => agent.hookBeadId ?? []),
  ...trains.flatMap((train) => [
    ...train.queued.map((entry) => entry.mergeRequestId),
    ...(train.currentMergeRequestId === undefined ? [] : [train.currentMergeRequestId]),
  ]),
  ...ready.flatMap((head) => [...head.entries.map((entry) => entry.beadId), ...(head.queue === '-' ? [] : [head.queue])]),
];

/** Requests of beads in review, and sources of requests. */
const partnersOf = (beads: readonly Bead[]): string[] =>
  beads.flatMap((bead) => {
    if (isMergeRequest(bead)) return [bead.details.sourceBeadId];
    return isIssue(bead) && bead.details.latestMergeRequestId !== undefined ? [bead.details.latestMergeRequestId] : [];
  });

const readMessages = async (store: Store, townId: string, work: readonly WorkItem[]): Promise<MayorMessage[]> => {
  const keys = work
    .filter((item) => item.kind === 'mayor')
    .map(({ workId }) => {
      const cut = workId.lastIndexOf('#');
      return { townId, userId: workId.slice(0, cut), messageId: workId.slice(cut + 1) };
    });
  return keys.length === 0 ? [] : present(await store.getMany('mayorMessage', keys));
};

/** Undefined when there is no such town. One query, then what the work items name: that is never older than the item that names it. */
export const loadSnapshot = async ({ store, clock }: Pick<Ports, 'store' | 'clock'>, townId: string): Promise<Snapshot | undefined> => {
  const { town, lease, alarm, ...lists } = await store.passOf(townId);
  if (town === undefined) return undefined;
  const { work, rigs, agents, reports, slots, trains } = lists;
  const asked = work.filter((item) => item.kind === 'command').map((item) => item.workId);
  const nowMs = clock.nowMs();
  const queues = work
    .filter((item) => item.kind === 'queue')
    .map((item) => {
      const rigId = item.workId.slice(0, item.workId.indexOf('#'));
      const ofRig = rigPlaces(
        town,
        rigs.find((rig) => rig.rigId === rigId),
      );
      return { item, free: freePlaces(agents, rigId, { ofRig, ofTown: townPlaces(town) }) };
    })
    .filter(({ free }) => free > 0);
  const overBudget = work.filter((item) => item.kind === 'budget').length;
  const [ready, commands, mayorMessages] = await Promise.all([
    // Beads over their budget stay in their queue and must not hide the others.
    Promise.all(queues.map(({ item, free }) => headOf(store, item, free + overBudget, nowMs))),
    asked.length === 0 ? [] : store.commandsOf(townId, asked),
    readMessages(store, townId, work),
  ]);
  const named = await readBeads(store, townId, namedBeads(work, agents, trains, ready));
  const known = new Set(named.map((bead) => bead.beadId));
  const partners = await readBeads(
    store,
    townId,
    partnersOf(named).filter((beadId) => !known.has(beadId)),
  );
  return {
    town,
    rigs,
    work,
    agents,
    reports,
    slots,
    trains,
    ready,
    commands: [...lists.commands, ...commands.filter(({ commandId }) => !lists.commands.some((each) => each.commandId === commandId))],
    mayorMessages,
    beads: [...named, ...partners],
    ...(lease === undefined ? {} : { lease }),
    ...(alarm === undefined ? {} : { alarm }),
  };
};
