// A town in which everything waits for a person, for money or for a time costs nothing: no alarm and no sweep makes a pass of it.
import { describe, expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { workItem, writesOf } from '../../functions/domain/bead-writes.ts';
import { dayEndMs } from '../../functions/domain/spending/usage.ts';
import { updateConfig } from '../../functions/operations/change-settings.ts';
import type { Write } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aConvoy, aMail, aRequest, aRig, aTown, anAgent, anEscalation, anIssue, rigId, townId } from './build.ts';

const hour = 3_600_000;
const sweepMs = 600_000;
const convoyWith = (beadId: string, member: string, more: object, bead: Partial<Bead> = {}): Bead => {
  const made = aConvoy(beadId, [member]);
  return { ...made, ...bead, details: { ...made.details, ...more } };
};
const budget = (ports: FakePorts, beadId: string, usd: number): Write => ({
  put: 'work',
  item: { ...workItem(townId, 'budget', beadId, ports.clock.nowMs(), `s-${beadId}`), costMicroUsd: usd * 1_000_000 },
  when: 'none',
});
/** Every way in which something can wait for somebody; nobody has anything to do. */
const waiting: readonly Bead[] = [
  anIssue('web-over', {}, { settings: { 'budget.beadUsd': 10 } }),
  convoyWith('hq-paid', 'web-paid', { settings: { 'budget.convoyUsd': 10 } }),
  anIssue('web-paid', {}, { convoyId: 'hq-paid' }),
  anIssue('web-held', { held: true }),
  anIssue('web-gate', {}, { stepGate: { stepId: 's', title: 'Look', type: 'human', sentence: 'Somebody must look.' } }),
  anIssue('web-revw', { status: 'in_review' }, { latestMergeRequestId: 'web-mreq' }),
  aRequest('web-mreq', {}, { stage: 'held', sourceBeadId: 'web-revw' }),
  anIssue('web-fail', { status: 'failed', failure: { code: 'given_up', message: 'it broke' } }, { convoyId: 'hq-fail' }),
  convoyWith('hq-fail', 'web-fail', { failedBeads: 1 }),
  aConvoy('hq-plan', ['web-plan'], true),
  anIssue('web-plan', {}, { convoyId: 'hq-plan' }),
  aMail('hq-mail', 'queue:nobody'),
];
const town = async (beads: readonly Bead[]): Promise<FakePorts> => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'agent', item: anAgent('toast', { state: 'idle', updatedAt: new Date(ports.clock.nowMs()).toISOString() }), when: 'none' },
  ]);
  const moment = { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() };
  for (const after of beads) await ports.store.commit(writesOf([{ after }], undefined, moment));
  return ports;
};
/** The Mayor reads what it is told at once, and has nothing to do about it. */
const readMail = async ({ store, clock, ids }: FakePorts): Promise<void> => {
  const { items } = await store.beadsBy({ townId, type: 'message', status: 'open' }, { limit: 50 });
  const at = new Date(clock.nowMs()).toISOString();
  for (const before of items) {
    if (before.details.type !== 'message' || before.details.to !== 'role:mayor') continue;
    const after: Bead = { ...before, status: 'closed', version: before.version + 1, details: { ...before.details, deliveredAt: at } };
    await store.commit(writesOf([{ before, after }], undefined, { nowMs: clock.nowMs(), stamp: ids.ulid() }));
  }
};
/** Time goes by: alarms ring and the sweep comes every ten minutes. Returns when there was a pass. */
const live = async (ports: FakePorts, forMs: number): Promise<number[]> => {
  const endMs = ports.clock.nowMs() + forMs;
  const passes: number[] = [];
  const pass = async (): Promise<void> => {
    await reconcileTown(ports, townId);
    passes.push(ports.clock.nowMs());
    await readMail(ports);
  };
  for (let sweepAtMs = ports.clock.nowMs() + sweepMs; ;) {
    const alarm = await ports.store.get('alarm', { townId });
    const rings = alarm !== undefined && alarm.armedAtMs > ports.clock.nowMs() ? alarm.armedAtMs : Number.POSITIVE_INFINITY;
    const nextMs = Math.min(rings, sweepAtMs);
    if (nextMs > endMs) {
      ports.clock.set(endMs);
      return passes;
    }
    ports.clock.set(nextMs);
    if (nextMs === rings) await pass();
    if (nextMs !== sweepAtMs) continue;
    sweepAtMs += sweepMs;
    if ((await ports.store.overdueTowns(nextMs)).includes(townId)) await pass();
  }
};

describe('what waits for a person or for money', () => {
  it('makes no pass in a whole day, in every state in which something can wait', async () => {
    const ports = await town(waiting);
    await ports.store.commit([budget(ports, 'web-over', 12), budget(ports, 'hq-paid', 9.5)]);
    // The rules say what they have to say, then the town comes to rest.
    await live(ports, hour);
    for (const bead of (await ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: 50 })).items)
      await ports.store.commit(
        writesOf([{ before: bead, after: { ...bead, status: 'closed', version: bead.version + 1 } }], undefined, {
          nowMs: ports.clock.nowMs(),
          stamp: ports.ids.ulid(),
        }),
      );
    await live(ports, hour);
    // Alarms that were set for what has ended meanwhile ring once.
    await live(ports, 4 * hour);
    expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'in_progress' }, { limit: 5 })).items).toEqual([]);
    expect(await live(ports, 17 * hour)).toEqual([]);
  });
  it('is raised at its hours when it is an escalation, and makes no other pass', async () => {
    const ports = await town([anEscalation('hq-esc1', { severity: 'low' })]);
    await reconcileTown(ports, townId);
    const beganMs = ports.clock.nowMs();
    const hours = (await live(ports, 23 * hour)).map((atMs) => Math.floor((atMs - beganMs) / hour));
    expect(new Set(hours)).toEqual(new Set([4, 8, 12]));
    expect(hours.length).toBeLessThan(12);
  });
  it('goes on at midnight when it was the money of the day', async () => {
    const ports = await town([anIssue('web-a001')]);
    const midnight = dayEndMs(ports.clock.nowMs());
    await ports.store.commit([
      {
        put: 'work',
        item: { ...workItem(townId, 'spend', '20261121#-', midnight, 's1'), costMicroUsd: 60_000_000, tokens: 1 },
        when: 'none',
      },
    ]);
    const toldMs = ports.clock.nowMs();
    await live(ports, hour);
    // Beside the hours at which people are told again.
    const hours = (await live(ports, midnight - ports.clock.nowMs() - 1)).map((atMs) => Math.floor((atMs - toldMs) / hour));
    expect(hours.filter((each) => ![4, 8, 12].includes(each))).toEqual([]);
    expect((await ports.store.get('bead', { townId, beadId: 'web-a001' }))?.status).toBe('open');
    await live(ports, sweepMs);
    expect((await ports.store.get('bead', { townId, beadId: 'web-a001' }))?.status).toBe('in_progress');
  });
  it('is found by the sweep when somebody frees it and every hint about that is lost', async () => {
    const ports = await town(waiting);
    await ports.store.commit([budget(ports, 'web-over', 12), budget(ports, 'hq-paid', 9.5)]);
    await live(ports, 15 * hour);
    expect(await live(ports, 2 * hour)).toEqual([]);
    await updateConfig(ports, { userId: 'ada', townId, patch: { 'budget.beadUsd': 50 } });
    const request = await ports.store.get('bead', { townId, beadId: 'web-mreq' });
    if (request?.details.type !== 'merge_request') throw new Error('no request');
    const after: Bead = { ...request, version: 2, details: { ...request.details, stage: 'new' } };
    await ports.store.commit(writesOf([{ before: request, after }], undefined, { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() }));
    expect((await live(ports, sweepMs + 1)).length).toBeGreaterThan(0);
    expect((await ports.store.get('bead', { townId, beadId: 'web-mreq' }))?.status).toBe('in_progress');
  });
  it('starts the Mayor at once when there is money again, although its message was resting', async () => {
    const ports = await town([]);
    const midnight = dayEndMs(ports.clock.nowMs());
    const messageId = ports.ids.ulid();
    const at = new Date(ports.clock.nowMs()).toISOString();
    await ports.store.commit([
      {
        put: 'work',
        item: { ...workItem(townId, 'spend', '20261121#-', midnight, 's1'), costMicroUsd: 60_000_000, tokens: 1 },
        when: 'none',
      },
      {
        put: 'mayorMessage',
        item: { townId, userId: 'ada', messageId, role: 'user', text: 'Hi', state: 'queued', at, version: 1 },
        when: 'none',
      },
      { put: 'work', item: workItem(townId, 'mayor', `ada#${messageId}`, ports.clock.nowMs(), 's2'), when: 'none' },
    ]);
    await live(ports, hour);
    expect(await ports.store.get('work', { townId, kind: 'mayor', workId: `ada#${messageId}` })).toMatchObject({ rests: true });
    await updateConfig(ports, { userId: 'ada', townId, patch: { 'budget.dayUsd': 500 } });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('agent', { townId, agentId: 'mayor' })).toMatchObject({ state: 'starting' });
  });
  it('is not touched in a town that is awake', async () => {
    const ports = await town([anIssue('web-over')]);
    await ports.store.commit([budget(ports, 'web-over', 12)]);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('work', { townId, kind: 'queue', workId: `${rigId}#-` })).not.toHaveProperty('rests');
  });
});
