// Escalations over time in a whole town: raised, told, acknowledged, and closed by the end of what they are about.
import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../test/fakes/ports.ts';
import type { FakePorts } from '../../test/fakes/ports.ts';
import { aConvoy, aLease, aRequest, aRig, aTown, anEscalation, anIssue, rigId, sha, townId } from '../../test/rules/build.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { ConvoyDetails } from '../contracts/convoy.schema.ts';
import type { EscalationCause } from '../contracts/message.schema.ts';
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import { workItem, writesOf } from '../domain/bead-writes.ts';
import { dayEndMs } from '../domain/spending/usage.ts';
import { acknowledge } from '../operations/escalations.ts';
import type { Write } from '../ports.ts';
import { reconcileTown } from './reconcile.ts';

const hour = 3_600_000;
const convoyWith = (more: Partial<ConvoyDetails>): Bead => {
  const made = aConvoy('hq-c001', ['web-a001'], true);
  return made.details.type === 'convoy' ? { ...made, details: { ...made.details, ...more } } : made;
};
const town = async (beads: readonly Bead[]): Promise<FakePorts> => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
  ]);
  const changes = beads.map((after) => ({ after }));
  await ports.store.commit(writesOf(changes, undefined, { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() }));
  return ports;
};
const beadIn = (ports: FakePorts, beadId: string) => ports.store.get('bead', { townId, beadId });
const detailsIn = async (ports: FakePorts, beadId: string) => (await beadIn(ports, beadId))?.details;
const eventsIn = async (ports: FakePorts) => (await ports.store.eventsOf(townId, {}, { limit: 100 })).items;
const workIn = async (ports: FakePorts) => (await ports.store.workOf(townId)).map((item) => `${item.kind} ${item.workId}`);

describe('an escalation that nobody acknowledges', () => {
  it('goes up every four hours, is told again each time, and rests after the third', async () => {
    const ports = await town([anEscalation('hq-esc1', { severity: 'low' })]);
    for (const severity of ['medium', 'high', 'critical'] as const) {
      ports.clock.advance(4 * hour - 1);
      await reconcileTown(ports, townId);
      expect(await detailsIn(ports, 'hq-esc1')).not.toMatchObject({ severity });
      ports.clock.advance(1);
      await reconcileTown(ports, townId);
      expect(await detailsIn(ports, 'hq-esc1')).toMatchObject({ severity });
    }
    ports.clock.advance(100 * hour);
    await reconcileTown(ports, townId);
    expect(await detailsIn(ports, 'hq-esc1')).toMatchObject({ severity: 'critical', rounds: 3 });
    expect((await eventsIn(ports)).filter((event) => event.type === 're_escalated').map((event) => event.new)).toEqual([
      'medium',
      'high',
      'critical',
    ]);
    for (const round of [1, 2, 3]) expect(await beadIn(ports, `hq-esc1.m${round}`)).toMatchObject({ details: { to: 'role:mayor' } });
    expect(await beadIn(ports, 'hq-esc1.m0')).toBeUndefined();
    expect(ports.notified.map(({ notification }) => [notification.severity, notification.round])).toEqual([
      ['high', 2],
      ['critical', 3],
    ]);
  });
  it('is raised once by two passes at the same time', async () => {
    const ports = await town([anEscalation('hq-esc1')]);
    ports.clock.advance(4 * hour);
    await Promise.all([reconcileTown(ports, townId), reconcileTown(ports, townId)]);
    expect((await eventsIn(ports)).filter((event) => event.type === 're_escalated')).toHaveLength(1);
    expect(await detailsIn(ports, 'hq-esc1')).toMatchObject({ rounds: 1 });
  });
});

describe('an escalation that is taken care of', () => {
  it('closes when it is acknowledged, with who and when, and is never raised again', async () => {
    const ports = await town([anEscalation('hq-esc1')]);
    const closed = await acknowledge(ports, { townId, escalationId: 'hq-esc1', actor: 'user:ada', note: 'On it.' });
    expect(closed).toMatchObject({ status: 'closed', details: { acknowledgedBy: 'user:ada', acknowledgedAt: closed.closedAt } });
    expect(await acknowledge(ports, { townId, escalationId: 'hq-esc1', actor: 'user:bob' })).toEqual(closed);
    expect((await workIn(ports)).filter((item) => item.startsWith('escalation'))).toEqual([]);
    ports.clock.advance(100 * hour);
    await reconcileTown(ports, townId);
    const events = await eventsIn(ports);
    expect(events.filter((event) => event.type === 'acknowledged')).toMatchObject([{ actor: 'user:ada', new: 'On it.' }]);
    expect(events.some((event) => event.type === 're_escalated')).toBe(false);
  });
  it('closes by itself when its bead has come to a good end', async () => {
    const about = anIssue('web-a001', { held: true });
    const ports = await town([about, anEscalation('hq-esc1', { aboutBeadId: 'web-a001' })]);
    await reconcileTown(ports, townId);
    expect(await beadIn(ports, 'hq-esc1')).toMatchObject({ status: 'open' });
    await ports.store.commit([{ put: 'bead', item: { ...about, status: 'closed', version: 2 }, when: 'none' }]);
    await reconcileTown(ports, townId);
    expect(await beadIn(ports, 'hq-esc1')).toMatchObject({
      status: 'closed',
      details: { settled: 'web-a001 has come to a good end.' },
    });
  });
});

describe('an escalation whose cause is over', () => {
  const breaker = (ports: FakePorts, failures: number): Write => ({
    put: 'work',
    item: {
      ...workItem(townId, 'breaker', 'model', ports.clock.nowMs(), 's1'),
      data: JSON.stringify({ failures, atMs: ports.clock.nowMs(), error: 'status 500' }),
    },
    when: 'none',
  });
  const settled = async (ports: FakePorts): Promise<unknown> => {
    const details = await detailsIn(ports, 'hq-esc1');
    return details?.type === 'escalation' ? details.settled : undefined;
  };
  const closings = async (ports: FakePorts) =>
    (await eventsIn(ports)).filter((event) => event.type === 'status_changed' && event.actor === 'patrol:H2');

  it('closes when the breaker that it tells of has closed: once, with the reason, also for two passes at the same time', async () => {
    const ports = await town([anEscalation('hq-esc1', { category: 'lifecycle', cause: { of: 'breaker', name: 'model' } })]);
    await ports.store.commit([breaker(ports, 3)]);
    await reconcileTown(ports, townId);
    expect(await beadIn(ports, 'hq-esc1')).toMatchObject({ status: 'open' });
    ports.clock.advance(4 * 60_000);
    await reconcileTown(ports, townId);
    await Promise.all([reconcileTown(ports, townId), reconcileTown(ports, townId)]);
    expect(await beadIn(ports, 'hq-esc1')).toMatchObject({
      status: 'closed',
      details: { settled: 'Nothing speaks against the model endpoint any more.' },
    });
    expect(await closings(ports)).toMatchObject([{ beadId: 'hq-esc1', old: 'open', new: 'closed' }]);
    expect((await workIn(ports)).filter((item) => item.startsWith('escalation'))).toEqual([]);
  });
  it('closes when the runtime that could not be started has outlived its start', async () => {
    const ports = await town([anEscalation('hq-esc1', { cause: { of: 'runtime' } })]);
    const lease = (more: Partial<RuntimeLease>): Write => ({
      put: 'lease',
      item: aLease({ lastReportAtMs: ports.clock.nowMs(), ...more }),
      when: 'none',
    });
    for (const still of [
      lease({ state: 'absent', startFailures: 3 }),
      lease({ state: 'starting', startFailures: 3 }),
      lease({ startFailures: 3 }),
    ]) {
      await ports.store.commit([still]);
      await reconcileTown(ports, townId);
      expect(await settled(ports)).toBeUndefined();
    }
    await ports.store.commit([lease({ startFailures: 0 })]);
    await reconcileTown(ports, townId);
    expect(await settled(ports)).toBe('The runtime works again.');
  });
  it('closes with the day whose hours or budget were used up, and wakes up for it', async () => {
    for (const cause of [{ of: 'hours' }, { of: 'budget', scope: 'town', level: 'stopped', day: '20261121' }] as const) {
      const ports = await town([anEscalation('hq-esc1', { cause, rounds: 3 })]);
      const stored = await ports.store.get('town', { townId });
      if (stored === undefined) throw new Error('no town');
      await ports.store.commit([
        { put: 'town', item: { ...stored, config: { ...stored.config, 'runtime.maxHoursPerDay': 1 } }, when: 'none' },
        { put: 'lease', item: aLease({ state: 'absent', ran: { day: '2026-11-21', ms: hour } }), when: 'none' },
        {
          put: 'work',
          item: { ...workItem(townId, 'spend', '20261121#-', dayEndMs(ports.clock.nowMs()), 's1'), costMicroUsd: 60_000_000, tokens: 1 },
          when: 'none',
        },
      ]);
      const { wakeAtMs = 0 } = await reconcileTown(ports, townId);
      expect(await settled(ports), cause.of).toBeUndefined();
      expect(wakeAtMs).toBeLessThanOrEqual(dayEndMs(ports.clock.nowMs()));
      ports.clock.advance(dayEndMs(ports.clock.nowMs()) - ports.clock.nowMs());
      await reconcileTown(ports, townId);
      expect(await settled(ports), cause.of).toBeDefined();
    }
  });
  it('closes when there is money again, and when the next step of the same budget was told', async () => {
    const about = anIssue('web-a001', {}, { settings: { 'budget.beadUsd': 10 } });
    const cause = { of: 'budget', scope: 'bead#web-a001', level: 'warned' } as const;
    const ports = await town([about, anEscalation('hq-esc1', { aboutBeadId: 'web-a001', cause })]);
    const spent = (usd: number): Write => ({
      put: 'work',
      item: {
        ...workItem(townId, 'budget', 'web-a001', ports.clock.nowMs(), `s${usd}`),
        costMicroUsd: usd * 1_000_000,
        data: '{"bead#web-a001":{"level":"stopped","limit":10000000}}',
      },
      when: 'none',
    });
    await ports.store.commit([spent(8.5)]);
    await reconcileTown(ports, townId);
    expect(await settled(ports)).toBeUndefined();
    await ports.store.commit([spent(10)]);
    await reconcileTown(ports, townId);
    expect(await settled(ports)).toBe('More than this has been said since.');
    const stopped = await town([about, anEscalation('hq-esc1', { aboutBeadId: 'web-a001', cause: { ...cause, level: 'stopped' } })]);
    await stopped.store.commit([
      spent(10),
      { put: 'bead', item: anIssue('web-a001', { version: 2 }, { settings: { 'budget.beadUsd': 50 } }), when: 'none' },
    ]);
    await reconcileTown(stopped, townId);
    expect(await settled(stopped)).toBe('There is money left again.');
  });
  it.each<[string, EscalationCause, Bead, Bead, string]>([
    [
      'a held bead is let go on',
      { of: 'held' },
      anIssue('web-a001', { held: true }),
      anIssue('web-a001', { held: false }),
      'web-a001 was let go on.',
    ],
    [
      'failed members are gone',
      { of: 'members' },
      convoyWith({ failedBeads: 1 }),
      convoyWith({ failedBeads: 0 }),
      'None of its beads is failed any more.',
    ],
    [
      'a stuck convoy moves on',
      { of: 'stuck', closed: 1 },
      convoyWith({ closedBeads: 1 }),
      convoyWith({ closedBeads: 2 }),
      'The convoy has moved on.',
    ],
    [
      'a landing is tried again',
      { of: 'landing', rigId, givenUp: true },
      convoyWith({ landings: [{ rigId, state: 'failed', attempts: 5 }] }),
      convoyWith({ landings: [{ rigId, state: 'waiting', attempts: 0 }] }),
      'Its landing is tried again.',
    ],
    [
      'a review has taken place',
      { of: 'review' },
      aRequest(
        'web-m001',
        { status: 'in_progress' },
        { review: { token: 't', tip: sha('c'), refineryId: 'refinery-1', tokenTaken: false } },
      ),
      aRequest('web-m001', { status: 'closed' }),
      'web-m001 has come to a good end.',
    ],
  ])('closes when %s', async (_name, cause, before, after, reason) => {
    const ports = await town([before, anEscalation('hq-esc1', { aboutBeadId: before.beadId, cause })]);
    await reconcileTown(ports, townId);
    expect(await settled(ports)).toBeUndefined();
    await ports.store.commit([{ put: 'bead', item: { ...after, version: 9 }, when: 'none' }]);
    await reconcileTown(ports, townId);
    expect(await settled(ports)).toBe(reason);
  });
});

describe('the outbox', () => {
  it('tells people of a high escalation once, however many passes there are', async () => {
    const ports = await town([anEscalation('hq-esc1', { severity: 'high' })]);
    await Promise.all([reconcileTown(ports, townId), reconcileTown(ports, townId)]);
    await reconcileTown(ports, townId);
    expect(ports.notified.map(({ notification }) => notification.id)).toEqual([`${townId}.hq-esc1.0.ui-0`]);
    expect(await ports.store.get('once', { townId, mark: 'notify#hq-esc1#0#ui-0' })).toBeDefined();
    expect(await workIn(ports)).not.toContain('notify hq-esc1#0');
  });
  it('says nothing about an escalation that was acknowledged before it was told', async () => {
    const ports = await town([anEscalation('hq-esc1', { severity: 'critical' })]);
    await acknowledge(ports, { townId, escalationId: 'hq-esc1', actor: 'user:ada' });
    await reconcileTown(ports, townId);
    expect(ports.notified).toEqual([]);
    expect(await workIn(ports)).not.toContain('notify hq-esc1#0');
  });
  it('makes every failure an event and tries again with back-off, six times', async () => {
    const base = await town([anEscalation('hq-esc1', { severity: 'high' })]);
    let calls = 0;
    const ports = {
      ...base,
      notifier: {
        send: async () => {
          calls += 1;
          throw new Error('example.com answered with status 500');
        },
      },
    };
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    expect(calls).toBe(1);
    for (let attempt = 2; attempt <= 8; attempt += 1) {
      ports.clock.advance(600_000);
      await reconcileTown(ports, townId);
    }
    expect(calls).toBe(6);
    const failures = (await eventsIn(ports)).filter((event) => event.type === 'notification_failed');
    expect(failures).toHaveLength(6);
    expect(failures[0]).toMatchObject({ beadId: 'hq-esc1', new: 'ui-0: example.com answered with status 500', data: { givenUp: false } });
    expect(failures[5]).toMatchObject({ data: { attempt: 6, givenUp: true } });
  });
});
