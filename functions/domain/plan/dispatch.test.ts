import { describe, expect, it } from 'vitest';
import {
  aConvoy,
  aLease,
  aRig,
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
  said,
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import type { Slot } from '../../contracts/work.schema.ts';

const slot = (slotId: string, holder: string, stamp?: string) => ({
  townId,
  slotId,
  holder,
  claimedAt: iso(),
  ...(stamp === undefined ? {} : { stamp }),
});
const dispatched = (planned: ReturnType<typeof planOf>): string[] =>
  ofKind(planned, 'dispatch').map((action) => `${action.beadId}→${action.agentId}`);

describe('B1, giving out ready beads', () => {
  it('B1 gives the most urgent first, then the oldest', () => {
    const beads = [anIssue('web-b001'), anIssue('web-b002', { priority: 'critical' }), { ...anIssue('web-b003'), createdAt: iso(-1000) }];
    const planned = planOf({ town: aTown({ maxPolecatsPerRig: 2 }), beads, ...queued(beads) });
    expect(dispatched(planned)).toEqual(['web-b002→toast', 'web-b003→maple']);
    expect(said(planned)).toContain(`R1 start-runtime ${townId}`);
  });
  it('B1 takes the resting worker that knows the branch before any other', () => {
    const bead = anIssue('web-b001', {}, { branch: 'gt/maple/web-b001' });
    const agents = [anAgent('birch'), anAgent('maple'), anAgent('toast', { rigId: otherRigId })];
    expect(dispatched(planOf({ agents, beads: [bead], ...queued([bead]) }))).toEqual(['web-b001→maple']);
  });
  it('B1 makes up a name beyond the pool when all are taken', () => {
    const names = [
      'toast',
      'maple',
      'birch',
      'shadow',
      'clover',
      'ember',
      'sage',
      'dusk',
      'flint',
      'coral',
      'slate',
      'reed',
      'thorn',
      'pike',
      'moss',
      'wren',
      'blaze',
      'gale',
      'drift',
      'lark',
    ];
    const beads = [anIssue('web-b001')];
    expect(
      ofKind(planOf({ agents: names.map((name) => anAgent(name, { rigId: otherRigId })), beads, ...queued(beads) }), 'dispatch'),
    ).toMatchObject([{ agentId: 'polecat-21', agentName: 'Polecat-21' }]);
  });
  it('B1 never goes above the cap of a rig or of the town', () => {
    const here = Array.from({ length: 4 }, (_, index) => anIssue(`web-b00${index}`));
    const there = Array.from({ length: 4 }, (_, index) => anIssue(`api-b00${index}`, { rigId: otherRigId }));
    const beads = [...here, ...there];
    expect(dispatched(planOf({ town: aTown({ maxPolecatsPerRig: 2 }), beads, ...queued(beads) }))).toHaveLength(4);
    expect(dispatched(planOf({ town: aTown({ maxPolecatsPerRig: 2, maxAgents: 3 }), beads, ...queued(beads) }))).toHaveLength(3);
    expect(
      dispatched(
        planOf({
          town: aTown({ maxPolecatsPerRig: 2 }),
          slots: [slot(`${rigId}#1`, 'toast'), slot(`${rigId}#2`, 'maple')],
          agents: [],
          beads: here,
          ...queued(here),
        }),
      ),
    ).toEqual([]);
  });
  it('B12 fails what belongs to a repository that is not connected any more', () => {
    const bead = anIssue('web-b001', { rigId: 'r-gone0001' });
    const planned = planOf({ beads: [bead], ...queued([bead]) });
    expect(said(planned)).toEqual(['B12 give-up web-b001']);
  });
  it('B1 counts who has a place beyond a cap that was lowered', () => {
    const bead = anIssue('web-b001');
    const beads = [bead];
    const far = [slot(`${rigId}#3`, 'toast', 'S1'), slot('town#4', `${rigId}#3@S1`)];
    const agents = [hooked('toast', 'web-b009', { slot: `${rigId}#3` })];
    const town = (limits: { maxPolecatsPerRig: number; maxAgents: number }) =>
      dispatched(planOf({ town: aTown(limits), slots: far, agents, beads, ...queued(beads) }));
    expect(town({ maxPolecatsPerRig: 1, maxAgents: 9 })).toEqual([]);
    expect(town({ maxPolecatsPerRig: 9, maxAgents: 1 })).toEqual([]);
    expect(town({ maxPolecatsPerRig: 2, maxAgents: 2 })).toEqual(['web-b001→maple']);
  });
  it('B1 shares places between rigs and between queues of a rig', () => {
    const convoy = aConvoy('hq-c001', ['web-c001', 'web-c002']);
    const single = [anIssue('web-b001', { priority: 'critical' }), anIssue('web-b002', { priority: 'critical' })];
    const members = [anIssue('web-c001', {}, { convoyId: 'hq-c001' }), anIssue('web-c002', {}, { convoyId: 'hq-c001' })];
    const there = [anIssue('api-b001', { rigId: otherRigId, priority: 'low' })];
    const beads = [...single, ...members, ...there];
    const planned = planOf({ town: aTown({ maxAgents: 3 }), beads: [...beads, convoy], ...queued(beads) });
    expect(
      dispatched(planned)
        .map((text) => text.slice(0, 8))
        .toSorted(),
    ).toEqual(['api-b001', 'web-b001', 'web-c001']);
  });
  it('B1 keeps beads of a staged convoy and of an unfinished batch back', () => {
    const member = anIssue('web-c001', {}, { convoyId: 'hq-c001' });
    const inQueue = queued([member]);
    expect(dispatched(planOf({ beads: [member, aConvoy('hq-c001', ['web-c001'], true)], ...inQueue }))).toEqual([]);
    expect(
      dispatched(
        planOf({
          beads: [member, aConvoy('hq-c001', ['web-c001'])],
          ready: inQueue.ready,
          work: [...inQueue.work, work('batch', 'hq-c001', { dueAtMs: nowMs + 1000 })],
        }),
      ),
    ).toEqual([]);
    expect(dispatched(planOf({ beads: [member, aConvoy('hq-c001', ['web-c001'])], ...inQueue }))).toEqual(['web-c001→toast']);
  });
  it('B1 waits for a bead that backs off, and wakes for it', () => {
    const bead = anIssue('web-b001', {}, { notBefore: iso(60_000) });
    expect(planOf({ beads: [bead], ...queued([bead]) })).toEqual({ actions: [], wakeAtMs: nowMs + 60_000 });
    expect(dispatched(planOf({ beads: [bead], ...queued([bead]) }, nowMs + 60_000))).toEqual(['web-b001→toast']);
  });
  it('B1 drops an entry whose bead has moved on, and an empty queue', () => {
    const bead = anIssue('web-b001');
    const inQueue = queued([bead]);
    expect(said(planOf({ beads: [{ ...bead, held: true }], ...inQueue }))).toEqual(['B1 drop-ready web-b001']);
    expect(said(planOf({ ready: [{ rigId, queue: '-', entries: [] }], work: inQueue.work }))).toEqual([`W1 drop-work queue#${rigId}#-`]);
  });
  it('B1 keeps a queue that was not read because no place is free', () => {
    expect(said(planOf({ work: [work('queue', `${rigId}#-`)] }))).toEqual([]);
  });
  it('B1 claims no town-wide place as long as all places of rigs fit into the town, and counts who works without one when they do not any more', () => {
    const ready = [anIssue('web-b001'), anIssue('web-b002'), anIssue('web-b003')];
    const toast = hooked('toast', 'web-b009', { slot: `${rigId}#1` });
    const busy = anIssue('web-b009', { status: 'in_progress', assigneeAgentId: 'toast' });
    const claims = (limits: Parameters<typeof aTown>[0], more: { rigs?: Rig[]; slots?: Slot[] } = {}) =>
      ofKind(
        planOf({
          town: aTown(limits),
          slots: [slot(`${rigId}#1`, 'toast', 's1')],
          agents: [toast],
          beads: [...ready, busy],
          ...queued(ready),
          lease: aLease(),
          rigs: [aRig()],
          ...more,
        }),
        'dispatch',
      ).map(({ claim }) => claim);
    const roomy = { maxPolecatsPerRig: 3, maxAgents: 3 };
    expect(claims(roomy)).toEqual([{ slotId: `${rigId}#2` }, { slotId: `${rigId}#3` }]);
    // A rig was connected, or the town's limit lowered: one works already, so two of three places are left, or one of two.
    expect(claims(roomy, { rigs: [aRig(), aRig(otherRigId)] })).toEqual([
      { slotId: `${rigId}#2`, townSlotId: 'town#1' },
      { slotId: `${rigId}#3`, townSlotId: 'town#2' },
    ]);
    expect(claims({ maxPolecatsPerRig: 3, maxAgents: 2 })).toEqual([{ slotId: `${rigId}#2`, townSlotId: 'town#1' }]);
    // Places that are held count though the rig's limit was lowered below them.
    const held = [4, 5].map((number) => slot(`${rigId}#${number}`, `old-${number}`, 's0'));
    expect(claims(roomy, { slots: [slot(`${rigId}#1`, 'toast', 's1'), ...held] })).toEqual([]);
  });
  it('B1 frees a slot whose agent does not hold it, and takes over a town-wide place whose claim has ended', () => {
    const bead = anIssue('web-b001');
    const slots = [slot(`${rigId}#1`, 'toast', 's1'), slot('town#1', `${rigId}#1@s1`), slot('town#2', `${rigId}#2@s0`)];
    const toast = hooked('toast', 'web-b002', { slot: `${rigId}#1` });
    const busy = anIssue('web-b002', { status: 'in_progress', assigneeAgentId: 'toast' });
    const planned = planOf({
      town: aTown({ maxAgents: 2 }),
      slots,
      agents: [toast],
      beads: [bead, busy],
      ...queued([bead]),
      lease: aLease(),
    });
    expect(ofKind(planned, 'dispatch')).toMatchObject([
      { claim: { slotId: `${rigId}#2`, townSlotId: 'town#2', townSlotWas: `${rigId}#2@s0` } },
    ]);
    expect(said(planOf({ slots: [slot(`${rigId}#1`, 'toast')], agents: [anAgent('toast')] }))).toEqual([`B1 free-slot ${rigId}#1`]);
  });
});

describe('B1, who gets a bead', () => {
  const resting = [anAgent('birch'), anAgent('maple'), anAgent('shadow', { state: 'parked' })];
  const given = (details: Parameters<typeof anIssue>[2]) => {
    const bead = anIssue('web-b001', {}, details);
    return dispatched(planOf({ agents: resting, beads: [bead], ...queued([bead]) }));
  };
  it('B1 prefers the agent that did what the bead waited for, if it is free', () => {
    expect(given({ preferAgentId: 'maple' })).toEqual(['web-b001→maple']);
    expect(given({ preferAgentId: 'toast' })).toEqual(['web-b001→birch']);
  });
  it('B1 prefers the agent of the branch above all, and takes a parked one as well as an idle one', () => {
    expect(given({ branch: 'gt/shadow/web-b001', preferAgentId: 'maple' })).toEqual(['web-b001→shadow']);
  });
  it('B1 never gives a bead to the agent from which it was taken', () => {
    expect(given({ branch: 'gt/birch/web-b001', avoidAgentId: 'birch' })).toEqual(['web-b001→maple']);
    const bead = anIssue('web-b001', {}, { avoidAgentId: 'birch' });
    expect(dispatched(planOf({ agents: [anAgent('birch')], beads: [bead], ...queued([bead]) }))).toEqual(['web-b001→toast']);
  });
});

describe('B2 and B3, when to stop trying', () => {
  it('B2 fails a bead that has used up its attempts', () => {
    const bead = anIssue('web-b001', { dispatchAttempts: 5 });
    expect(said(planOf({ beads: [bead], ...queued([bead]) }))).toEqual(['B2 exhaust web-b001']);
  });
  it('B3 gives out nothing while a breaker is open, then one bead to try', () => {
    const beads = [anIssue('web-b001'), anIssue('web-b002')];
    const inQueue = queued(beads);
    const breaker = work('breaker', 'model', {
      dueAtMs: nowMs + 60_000,
      data: JSON.stringify({ failures: 3, atMs: nowMs, error: 'refused' }),
    });
    const scene = { beads, ready: inQueue.ready, work: [...inQueue.work, breaker] };
    const closed = planOf(scene);
    expect(dispatched(closed)).toEqual([]);
    expect(closed.wakeAtMs).toBe(nowMs + 60_000);
    expect(ofKind(planOf(scene, nowMs + 60_000), 'dispatch')).toMatchObject([{ beadId: 'web-b001', probes: [breaker] }]);
  });
  it.each([
    ['ended well', {}, ['B3 close-breaker model']],
    ['was lost', { lastExit: 'refused' }, []],
    ['never came to work', { lastActivityAt: undefined }, []],
    ['started before the failure', { startedAt: iso(-90_000) }, []],
  ])('B3 counts failures in a row only: after them an agent %s', (_name, ending, expected) => {
    const breaker = work('breaker', 'model', {
      dueAtMs: nowMs,
      data: JSON.stringify({ failures: 2, atMs: nowMs - 60_000, error: 'refused' }),
    });
    const { lastActivityAt, ...rest } = { startedAt: iso(-30_000), lastActivityAt: iso(-10_000), ...ending };
    const agent = anAgent('toast', { state: 'idle', ...rest, ...(lastActivityAt === undefined ? {} : { lastActivityAt }) });
    expect(said(planOf({ agents: [agent], work: [breaker] }))).toEqual(expected);
  });
  it.each(['model', 'git', 'infrastructure', 'capacity'])('B3 has a breaker for %s', (workId) => {
    const bead = anIssue('web-b001');
    const inQueue = queued([bead]);
    const open = work('breaker', workId, { dueAtMs: nowMs + 60_000, data: JSON.stringify({ failures: 3, atMs: nowMs, error: 'no' }) });
    expect(dispatched(planOf({ beads: [bead], ready: inQueue.ready, work: [...inQueue.work, open] }))).toEqual([]);
  });
  it('B3 does not mind one or two failures', () => {
    const beads = [anIssue('web-b001'), anIssue('web-b002')];
    const inQueue = queued(beads);
    const breaker = work('breaker', 'model', {
      dueAtMs: nowMs + 60_000,
      data: JSON.stringify({ failures: 2, atMs: nowMs, error: 'refused' }),
    });
    expect(dispatched(planOf({ beads, ready: inQueue.ready, work: [...inQueue.work, breaker] }))).toHaveLength(2);
  });
});
