// Escalations over time in a whole town: raised, told, acknowledged, and closed by the end of what they are about.
import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../test/fakes/ports.ts';
import type { FakePorts } from '../../test/fakes/ports.ts';
import { aRig, aTown, anEscalation, anIssue, townId } from '../../test/rules/build.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { acknowledge } from '../operations/escalations.ts';
import { reconcileTown } from './reconcile.ts';

const hour = 3_600_000;
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
