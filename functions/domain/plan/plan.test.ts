import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aLease,
  aReport,
  aTown,
  anAgent,
  anIssue,
  hooked,
  iso,
  nowMs,
  ofKind,
  otherRigId,
  planOf,
  queued,
  rigId,
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { Snapshot } from './snapshot.ts';

const rigOf = constantFrom(rigId, otherRigId);
const readyBead = record({
  rigId: rigOf,
  priority: constantFrom('low', 'medium', 'high', 'critical'),
  waitMs: constantFrom(0, 0, 0, 45_000),
  attempts: integer({ min: 0, max: 6 }),
});
const liveAgent = record({
  rigId: rigOf,
  state: constantFrom('starting', 'working', 'waiting'),
  reported: constantFrom('working', 'waiting', 'failed', 'nothing'),
});
const scene = record({
  ready: array(readyBead, { maxLength: 12 }),
  live: array(liveAgent, { maxLength: 6 }),
  claimed: array(boolean(), { minLength: 6, maxLength: 6 }),
  idle: array(rigOf, { maxLength: 4 }),
  maxPolecatsPerRig: integer({ min: 3, max: 6 }),
  maxAgents: integer({ min: 6, max: 9 }),
  lease: constantFrom('none', 'live', 'starting', 'absent'),
});
type Scene = typeof scene extends Arbitrary<infer T> ? T : never;

/** A consistent town of the scene: each live agent has its own bead and its own slots. */
const snapshotOf = (drawn: Scene): Partial<Snapshot> => {
  const ready = drawn.ready.map((each, index) =>
    anIssue(
      `web-r${100 + index}`,
      { rigId: each.rigId, priority: each.priority as 'low', dispatchAttempts: each.attempts },
      each.waitMs === 0 ? {} : { notBefore: iso(each.waitMs) },
    ),
  );
  const places = new Map<string, number>();
  const live = drawn.live.flatMap((each, index) => {
    const place = (places.get(each.rigId) ?? 0) + 1;
    if (place > drawn.maxPolecatsPerRig) return [];
    places.set(each.rigId, place);
    return [
      hooked(`live-${index}`, `web-l${100 + index}`, { rigId: each.rigId, state: each.state as 'working', slot: `${each.rigId}#${place}` }),
    ];
  });
  const beads = live.map((agent) =>
    anIssue(agent.hookBeadId ?? '', { rigId: agent.rigId ?? rigId, status: 'in_progress', assigneeAgentId: agent.agentId }),
  );
  const slots = live.flatMap((agent, index) => [
    { townId, slotId: agent.slot ?? '', holder: agent.agentId, claimedAt: iso(), stamp: `s${index}` },
    // Who was given out while all places of rigs fitted into the town has none of these.
    ...(drawn.claimed[index] === false
      ? []
      : [{ townId, slotId: `town#${index + 1}`, holder: `${agent.slot ?? ''}@s${index}`, claimedAt: iso() }]),
  ]);
  const reports = live.flatMap((agent, index) => {
    const state = drawn.live[index]?.reported;
    return state === undefined || state === 'nothing' ? [] : [aReport(agent, { state })];
  });
  const inQueue = queued(ready);
  return {
    town: aTown({ maxPolecatsPerRig: drawn.maxPolecatsPerRig, maxAgents: drawn.maxAgents }),
    agents: [...live, ...drawn.idle.map((id, index) => anAgent(`idle-${index}`, { rigId: id }))],
    reports,
    slots,
    beads: [...ready, ...beads],
    ready: inQueue.ready,
    work: [...inQueue.work, ...beads.map((bead) => work('flight', bead.beadId))],
    ...(drawn.lease === 'none' ? {} : { lease: aLease({ state: drawn.lease as 'live', startedAtMs: nowMs }) }),
  };
};

describe('any plan', () => {
  it('is the same for the same snapshot', () => {
    assert(
      property(scene, (drawn) => {
        expect(planOf(snapshotOf(drawn))).toEqual(planOf(snapshotOf(drawn)));
      }),
      { numRuns: 100 },
    );
  });
  it('gives no bead, agent or place out twice and stays under both caps', () => {
    assert(
      property(scene, (drawn) => {
        const snapshot = snapshotOf(drawn);
        const dispatches = ofKind(planOf(snapshot), 'dispatch');
        const live = (snapshot.agents ?? []).filter((agent) => agent.hookBeadId !== undefined);
        for (const nameOf of [
          (each: (typeof dispatches)[number]) => each.beadId,
          (each: (typeof dispatches)[number]) => each.agentId,
          (each: (typeof dispatches)[number]) => each.claim.slotId,
          (each: (typeof dispatches)[number]) => each.claim.townSlotId ?? each.claim.slotId,
        ]) {
          expect(new Set(dispatches.map(nameOf)).size).toBe(dispatches.length);
        }
        expect(live.length + dispatches.length).toBeLessThanOrEqual(drawn.maxAgents);
        for (const id of [rigId, otherRigId])
          expect([...live, ...dispatches].filter((each) => each.rigId === id).length).toBeLessThanOrEqual(drawn.maxPolecatsPerRig);
      }),
      { numRuns: 200 },
    );
  });
  it('fills every free place as long as beads are due', () => {
    assert(
      property(scene, (drawn) => {
        const snapshot = snapshotOf(drawn);
        const count = ofKind(planOf(snapshot), 'dispatch').length;
        const live = (snapshot.agents ?? []).filter((agent) => agent.hookBeadId !== undefined);
        const possible = [rigId, otherRigId].reduce(
          (sum, id) =>
            sum +
            Math.min(
              drawn.ready.filter((each) => each.rigId === id && each.waitMs === 0 && each.attempts < 5).length,
              drawn.maxPolecatsPerRig - live.filter((agent) => agent.rigId === id).length,
            ),
          0,
        );
        expect(count).toBe(Math.min(possible, drawn.maxAgents - live.length));
      }),
      { numRuns: 200 },
    );
  });
  it('names a time to look again whenever somebody works, a bead backs off, or a runtime is up', () => {
    assert(
      property(scene, (drawn) => {
        const snapshot = snapshotOf(drawn);
        const { actions, wakeAtMs } = planOf(snapshot);
        const waits =
          actions.length > 0 ||
          (snapshot.agents ?? []).some((agent) => agent.hookBeadId !== undefined) ||
          drawn.ready.some((each) => each.waitMs > 0) ||
          drawn.lease === 'live' ||
          drawn.lease === 'starting';
        expect(wakeAtMs !== undefined).toBe(waits);
        expect(wakeAtMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(nowMs);
      }),
      { numRuns: 200 },
    );
  });
});
