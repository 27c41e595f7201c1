// B1: ready beads get an agent now, as far as slots allow; fair across rigs and queues. B2: a bead that has used up its attempts fails.
import type { Agent } from '../../contracts/agent.schema.ts';
import type { ReadyEntry } from '../../contracts/work.schema.ts';
import { isParked } from '../agent-state.ts';
import { isConvoy, isReady } from '../bead-writes.ts';
import { isBranchOf } from '../convoy/branches.ts';
import type { Claim, Findings } from './action.ts';
import { findings } from './action.ts';
import { breakerGate } from './breakers.ts';
import { moneyGate } from './budgets.ts';
import type { MoneyGate } from './budgets.ts';
import { freePolecatName, polecatSlotId, townSlotId } from './names.ts';
import { attemptsOf, rigPlaces, townPlaces } from './places.ts';
import type { ReadyHead } from './snapshot.ts';
import { servedBeadId } from '../spending/usage.ts';
import type { View } from './view.ts';

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
/** Town-wide places that nobody holds, in order. */
const freeTownSlots = (view: View): Pick<Claim, 'townSlotId' | 'townSlotWas'>[] => {
  const bySlot = new Map(view.snapshot.slots.map((slot) => [slot.slotId, slot.holder]));
  const free: Pick<Claim, 'townSlotId' | 'townSlotWas'>[] = [];
  for (let number = 1; number <= townPlaces(view.snapshot.town); number += 1) {
    const slotId = townSlotId(number);
    const holder = bySlot.get(slotId);
    if (holder === undefined) free.push({ townSlotId: slotId });
    else if (!heldTownSlot(view, holder)) free.push({ townSlotId: slotId, townSlotWas: holder });
  }
  return free;
};
/** Numbers of a rig's places that nobody holds, in order. */
export const freeRigSlots = (taken: ReadonlySet<string>, rigId: string, maxPolecats: number): string[] => {
  const free: string[] = [];
  for (let number = 1; number <= maxPolecats; number += 1)
    if (!taken.has(polecatSlotId(rigId, number))) free.push(polecatSlotId(rigId, number));
  return free;
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

const idlePolecats = (view: View, rigId: string): Agent[] =>
  view.snapshot.agents.filter(
    (agent) =>
      agent.role === 'polecat' && (agent.state === 'idle' || isParked(agent)) && agent.hookBeadId === undefined && agent.rigId === rigId,
  );

interface Desk {
  readonly view: View;
  readonly rigSlots: Map<string, string[]>;
  readonly townSlots: Pick<Claim, 'townSlotId' | 'townSlotWas'>[];
  readonly idle: Map<string, Agent[]>;
  readonly names: Set<string>;
}

/** The agent that knows the branch already, else the one that did what this bead waited for, else a resting one, else a new one. */
const agentFor = (desk: Desk, rigId: string, beadId: string): { agentId: string; agentName: string } => {
  const details = desk.view.issue(beadId)?.details;
  const resting = desk.idle.get(rigId) ?? [];
  const places = [
    resting.findIndex((agent) => isBranchOf(details?.branch, agent.agentId, beadId)),
    resting.findIndex((agent) => agent.agentId === details?.preferAgentId),
    resting.findIndex(() => true),
  ];
  const isAvoided = (place: number): boolean => place < 0 || resting[place]?.agentId === details?.avoidAgentId;
  const place = places.find((each) => !isAvoided(each)) ?? resting.findIndex((_agent, index) => !isAvoided(index));
  const [agent] = place < 0 ? [] : resting.splice(place, 1);
  if (agent !== undefined) return { agentId: agent.agentId, agentName: agent.name };
  const { agentId, name } = freePolecatName(desk.names);
  desk.names.add(agentId);
  return { agentId, agentName: name };
};

const deskOf = (view: View): Desk => {
  const taken = new Set(view.snapshot.slots.map((slot) => slot.slotId));
  const { town, rigs } = view.snapshot;
  return {
    view,
    townSlots: freeTownSlots(view),
    rigSlots: new Map(rigs.map((rig) => [rig.rigId, freeRigSlots(taken, rig.rigId, rigPlaces(town, rig))])),
    idle: new Map(rigs.map((rig) => [rig.rigId, idlePolecats(view, rig.rigId)])),
    names: new Set(view.snapshot.agents.map((agent) => agent.agentId)),
  };
};

const runningQueues = (view: View, money: MoneyGate, found: Found): { queues: Queue[]; runningOfRig: Map<string, number> } => {
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
      entries: dueEntries(view, head, money, found),
      running: runningOfQueue.get(`${head.rigId}#${head.queue}`) ?? 0,
    }));
  return { queues, runningOfRig };
};

export const dispatchRules = (view: View): Findings => {
  const found = findings();
  const gate = breakerGate(view);
  const money = moneyGate(view);
  const desk = deskOf(view);
  const { queues, runningOfRig } = runningQueues(view, money, found);
  let allowed = money.town === undefined ? gate.dispatches : 0;
  if (view.snapshot.ready.length > 0) found.waits.push(...money.waits);
  if (queues.some((queue) => queue.entries.length > 0)) found.waits.push(...gate.waits);
  for (let open = queues; allowed > 0 && desk.townSlots.length > 0;) {
    open = open.filter((queue) => (desk.rigSlots.get(queue.rigId)?.length ?? 0) > 0);
    const queue = nextQueue(open, runningOfRig);
    const entry = queue?.entries.shift();
    if (queue === undefined || entry === undefined) break;
    const slotId = desk.rigSlots.get(queue.rigId)?.shift();
    const town = desk.townSlots.shift();
    if (slotId === undefined || town === undefined) break;
    const agent = agentFor(desk, queue.rigId, entry.beadId);
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
      sentence: `${entry.beadId} goes to ${agent.agentName}.`,
    });
  }
  return found;
};
