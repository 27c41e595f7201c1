// B1: ready beads get an agent now, as far as slots allow; fair across rigs and queues. B2: a bead that has used up its attempts fails.
import type { ReadyEntry } from '../../contracts/work.schema.ts';
import { isConvoy, isReady } from '../bead-writes.ts';
import type { Claim, Findings } from './action.ts';
import { findings } from './action.ts';
import { breakerGate } from './breakers.ts';
import { moneyGate } from './budgets.ts';
import type { MoneyGate } from './budgets.ts';
import { polecatSlotId, townSlotId } from './names.ts';
import { attemptsOf, rigPlaces, townPlaces } from './places.ts';
import { seriesIn } from './series.ts';
import type { Series } from './series.ts';
import type { ReadyHead } from './snapshot.ts';
import { servedBeadId } from '../spending/usage.ts';
import type { View } from './view.ts';
import { agentFor, crowdOf } from './who.ts';

const allQueues = '-';
type Found = ReturnType<typeof findings>;

/** Beads of a convoy that is still being written, planned only, or held are not given out. */
export const queueIsOpen = (view: View, queue: string): boolean => {
  if (queue === allQueues) return true;
  const convoy = view.bead(queue);
  return (
    convoy !== undefined &&
    isConvoy(convoy) &&
    convoy.status !== 'failed' &&
    !convoy.details.staged &&
    convoy.details.closing === undefined &&
    !convoy.held &&
    !view.hasWork('batch', queue)
  );
};

const heldTownSlot = (view: View, holder: string): boolean =>
  view.snapshot.slots.some((slot) => `${slot.slotId}@${slot.stamp ?? ''}` === holder);
type TownClaim = Required<Pick<Claim, 'townSlotId'>> & Pick<Claim, 'townSlotWas'>;
const rigSlots = (view: View): string[] =>
  view.snapshot.slots.map(({ slotId }) => slotId).filter((slotId) => !slotId.startsWith(townSlotId('')));

/** All places of rigs that are held or can be claimed together are no more than the town may have: its own limit needs no claims. */
const townHasRoomForAll = (view: View): boolean => {
  const { town, rigs } = view.snapshot;
  const places = new Set(rigSlots(view));
  for (const rig of rigs)
    for (let number = 1; number <= rigPlaces(town, rig) && places.size <= townPlaces(town); number += 1)
      places.add(polecatSlotId(rig.rigId, number));
  return places.size <= townPlaces(town);
};
/**
 * Town-wide places that nobody holds, in order; undefined when none need be claimed. Everybody who holds a place of a rig counts: also who holds
 * one beyond a cap that was lowered, and who was given out while no town-wide place needed to be claimed.
 */
const freeTownSlots = (view: View): TownClaim[] | undefined => {
  if (townHasRoomForAll(view)) return undefined;
  const bySlot = new Map(view.snapshot.slots.map((slot) => [slot.slotId, slot.holder]));
  const places = townPlaces(view.snapshot.town);
  const free: TownClaim[] = [];
  for (let number = 1; number <= places; number += 1) {
    const slotId = townSlotId(number);
    const holder = bySlot.get(slotId);
    if (holder === undefined) free.push({ townSlotId: slotId });
    else if (!heldTownSlot(view, holder)) free.push({ townSlotId: slotId, townSlotWas: holder });
  }
  return free.slice(0, Math.max(0, places - rigSlots(view).length));
};
/** Numbers of a rig's places that nobody holds, in order; as above. */
const freeRigSlots = (taken: ReadonlySet<string>, rigId: string, places: number): string[] => {
  const free: string[] = [];
  for (let number = 1; number <= places; number += 1) if (!taken.has(polecatSlotId(rigId, number))) free.push(polecatSlotId(rigId, number));
  const held = [...taken].filter((slotId) => slotId.startsWith(polecatSlotId(rigId, ''))).length;
  return free.slice(0, Math.max(0, places - held));
};

/** Entries that can be given out now; what cannot is dropped, failed, or waited for. */
const dueEntries = (view: View, head: ReadyHead, money: MoneyGate, found: Found): ReadyEntry[] =>
  head.entries.filter((entry) => {
    const bead = view.issue(entry.beadId);
    if (bead === undefined || !isReady(bead)) {
      found.actions.push({
        rule: 'B1',
        kind: 'drop-ready',
        subject: entry.beadId,
        beadId: entry.beadId,
        rigId: entry.rigId,
        queue: entry.queue,
        order: entry.order,
        sentence: `${entry.beadId} is not ready any more.`,
      });
      return false;
    }
    if (view.rig(entry.rigId) === undefined) {
      found.actions.push({
        rule: 'B12',
        kind: 'give-up',
        subject: bead.beadId,
        beadId: bead.beadId,
        sentence: `${bead.beadId} belongs to a repository that is not connected any more: it fails.`,
      });
      return false;
    }
    if (bead.dispatchAttempts >= attemptsOf({ town: view.snapshot.town, rig: view.rig(bead.rigId), bead })) {
      found.actions.push({
        rule: 'B2',
        kind: 'exhaust',
        subject: bead.beadId,
        beadId: bead.beadId,
        sentence: `${bead.beadId} has used its ${bead.dispatchAttempts} attempts and fails.`,
      });
      return false;
    }
    // It stays in its queue: a raised budget lets it go on.
    if (money.bead(servedBeadId(bead)) !== undefined) return false;
    if (entry.notBeforeMs > view.nowMs) found.waits.push(entry.notBeforeMs);
    return entry.notBeforeMs <= view.nowMs;
  });

interface Queue {
  readonly rigId: string;
  readonly queue: string;
  readonly entries: ReadyEntry[];
  running: number;
}

/** Fewest running first: rig, then queue, then the order of the first entry. */
const nextQueue = (queues: readonly Queue[], runningOfRig: ReadonlyMap<string, number>): Queue | undefined => {
  const rank = (queue: Queue): readonly [number, number, string] => [
    runningOfRig.get(queue.rigId) ?? 0,
    queue.running,
    queue.entries[0]?.order ?? '',
  ];
  const before = (one: Queue, other: Queue): boolean => {
    const [rigs, runs, order] = rank(one);
    const [otherRigs, otherRuns, otherOrder] = rank(other);
    if (rigs !== otherRigs) return rigs < otherRigs;
    return runs === otherRuns ? order < otherOrder : runs < otherRuns;
  };
  let best: Queue | undefined;
  for (const queue of queues) if (queue.entries.length > 0 && (best === undefined || before(queue, best))) best = queue;
  return best;
};

interface Desk {
  readonly rigSlots: Map<string, string[]>;
  readonly townSlots: TownClaim[] | undefined;
}

const deskOf = (view: View): Desk => {
  const taken = new Set(view.snapshot.slots.map((slot) => slot.slotId));
  const { town, rigs } = view.snapshot;
  return {
    townSlots: freeTownSlots(view),
    rigSlots: new Map(rigs.map((rig) => [rig.rigId, freeRigSlots(taken, rig.rigId, rigPlaces(town, rig))])),
  };
};

interface Gates {
  readonly money: MoneyGate;
  readonly series: Series;
}
const waitsForSeries = (series: Series, { queue, rigId }: Pick<ReadyHead, 'queue' | 'rigId'>): boolean =>
  series.isBusy(queue) && series.of(queue, rigId) !== undefined;

const runningQueues = (view: View, { money, series }: Gates, found: Found): { queues: Queue[]; runningOfRig: Map<string, number> } => {
  const runningOfRig = new Map<string, number>();
  const runningOfQueue = new Map<string, number>();
  for (const agent of view.liveAgents) {
    const bead = view.issue(agent.hookBeadId);
    if (bead?.rigId === undefined) continue;
    const queue = `${bead.rigId}#${bead.details.convoyId ?? allQueues}`;
    runningOfRig.set(bead.rigId, (runningOfRig.get(bead.rigId) ?? 0) + 1);
    runningOfQueue.set(queue, (runningOfQueue.get(queue) ?? 0) + 1);
  }
  const queues = view.snapshot.ready
    .filter((head) => queueIsOpen(view, head.queue) && money.rig(head.rigId) === undefined && money.bead(head.queue) === undefined)
    .map((head) => ({
      rigId: head.rigId,
      queue: head.queue,
      entries: waitsForSeries(series, head) ? [] : dueEntries(view, head, money, found),
      running: runningOfQueue.get(`${head.rigId}#${head.queue}`) ?? 0,
    }));
  return { queues, runningOfRig };
};

export const dispatchRules = (view: View): Findings => {
  const found = findings();
  const gate = breakerGate(view);
  const money = moneyGate(view);
  const desk = deskOf(view);
  const series = seriesIn(view);
  const crowd = crowdOf(view, series);
  const { queues, runningOfRig } = runningQueues(view, { money, series }, found);
  let allowed = money.town === undefined ? gate.dispatches : 0;
  if (view.snapshot.ready.length > 0) found.waits.push(...money.waits);
  if (queues.some((queue) => queue.entries.length > 0)) found.waits.push(...gate.waits);
  for (let open = queues; allowed > 0 && desk.townSlots?.length !== 0;) {
    open = open.filter((queue) => (desk.rigSlots.get(queue.rigId)?.length ?? 0) > 0);
    const queue = nextQueue(open, runningOfRig);
    const entry = queue?.entries.shift();
    if (queue === undefined || entry === undefined) break;
    const agent = waitsForSeries(series, queue) ? undefined : agentFor(crowd, { ...queue, beadId: entry.beadId });
    if (agent === undefined) continue;
    const inSeries = series.of(queue.queue, queue.rigId);
    const slotId = desk.rigSlots.get(queue.rigId)?.shift();
    const town = desk.townSlots?.shift();
    if (slotId === undefined) break;
    series.begin(queue.queue);
    queue.running += 1;
    runningOfRig.set(queue.rigId, (runningOfRig.get(queue.rigId) ?? 0) + 1);
    allowed -= 1;
    found.actions.push({
      rule: 'B1',
      kind: 'dispatch',
      subject: entry.beadId,
      beadId: entry.beadId,
      rigId: queue.rigId,
      ...agent,
      claim: { slotId, ...town },
      ...(gate.probes.length === 0 ? {} : { probes: gate.probes }),
      ...(inSeries === undefined ? {} : { series: { afterBeadId: inSeries.afterBeadId } }),
      sentence: `${entry.beadId} goes to ${agent.agentName}.`,
    });
  }
  return found;
};
