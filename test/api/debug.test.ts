// Seeing inside a town: kept passes and their replay, one bead, the audit, acts by hand, figures; for the owner only.
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId };
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://example.com/a.git' } }),
  );
  const bead = bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId: rig.rigId, title: 'First' } }));
  await reconcileTown(ports, townId);
  const agentId = (await ports.store.get('bead', { townId, beadId: bead.beadId }))?.assigneeAgentId ?? '';
  return { ports, call, params, townId, beadId: bead.beadId, agentId };
};
const passes = async ({ call, params }: Awaited<ReturnType<typeof scene>>): Promise<string[]> =>
  bodyOf('debugPasses', await call('debugPasses', { as: 'ada', params })).items;

describe('a kept pass', () => {
  it('is planned again with the same result; a steady state keeps nothing (L34)', async () => {
    const town = await scene();
    const [passId = ''] = await passes(town);
    const replay = bodyOf('debugReplay', await town.call('debugReplay', { as: 'ada', params: town.params, body: { passId } }));
    expect(replay).toMatchObject({ gone: [], added: [] });
    expect(replay.earlier.map((action) => action.kind)).toContain('dispatch');
    const before = await passes(town);
    const quiet = { ...town.ports, files: { ...town.ports.files, put: async () => Promise.reject(new Error('nothing is to be kept')) } };
    for (let pass = 0; pass < 3; pass += 1) {
      const { done } = await reconcileTown(quiet, town.townId);
      if (done === 0) break;
    }
    expect(await passes(town)).toEqual(before);
  });
  it('holds no task token and no hash of a bootstrap token, and never fails its pass', async () => {
    const town = await scene();
    const { ports, townId } = town;
    const lease = await ports.store.get('lease', { townId });
    expect(lease?.bootstrapTokenHash).toBeDefined();
    await ports.store.commit([{ put: 'work', item: { townId, kind: 'flight', workId: 'web-none', dueAtMs: 0, stamp: 's' }, when: 'none' }]);
    await reconcileTown(ports, townId);
    const texts = await Promise.all(
      (await ports.files.list(`passes/${townId}/`)).map(async (path) => gunzipSync((await ports.files.get(path)) ?? '').toString()),
    );
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text).not.toContain(lease?.bootstrapTokenHash);
    const broken = { ...ports, files: { ...ports.files, put: async () => Promise.reject(new Error('away')) } };
    await ports.store.commit([{ put: 'work', item: { townId, kind: 'flight', workId: 'web-none', dueAtMs: 0, stamp: 's' }, when: 'none' }]);
    expect(await reconcileTown(broken, townId)).toMatchObject({ failed: 0 });
  });
  it('that is not kept is 404', async () => {
    const { call, params } = await scene();
    const passId = '2026-11-21_01KAJ000000000000000000000';
    expect((await call('debugReplay', { as: 'ada', params, body: { passId } })).status).toBe(404);
  });
});

describe('looking into a town', () => {
  it('is for its owner only (L59)', async () => {
    const { call, params, beadId } = await scene();
    for (const id of ['debugPasses', 'listInterventions', 'getMetrics', 'debugPlan'] as const)
      expect([id, (await call(id, { as: 'bob', params })).status]).toEqual([id, 403]);
    expect((await call('debugBead', { as: 'bob', params: { ...params, beadId } })).status).toBe(403);
    expect((await call('debugAudit', { as: 'bob', params, body: {} })).status).toBe(403);
  });
  it('tells everything about one bead', async () => {
    const { call, params, beadId, agentId } = await scene();
    const seen = bodyOf('debugBead', await call('debugBead', { as: 'ada', params: { ...params, beadId } }));
    expect(seen).toMatchObject({
      bead: { beadId, status: 'in_progress' },
      agents: [{ agentId }],
      work: [{ kind: 'flight', workId: beadId }],
    });
    expect(seen.events.map((event) => event.type)).toEqual(expect.arrayContaining(['created', 'dispatched']));
  });
  it('audits page by page and repairs when asked to', async () => {
    const { ports, call, params, townId, beadId } = await scene();
    const bead = await ports.store.get('bead', { townId, beadId });
    if (bead === undefined) throw new Error('no bead');
    await ports.store.commit([{ put: 'bead', item: { ...bead, openBlockers: 3, version: bead.version + 1 }, when: 'none' }]);
    const audit = async (body: object) => bodyOf('debugAudit', await call('debugAudit', { as: 'ada', params, body }));
    expect(await audit({})).toMatchObject({ violations: [{ invariant: 6, subject: beadId }], repaired: 0 });
    expect(await audit({ repair: true })).toMatchObject({ repaired: 1 });
    expect(await audit({})).toMatchObject({ violations: [] });
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ openBlockers: 0 });
  });
  it('leaves to a stopped town what its passes set right when it goes on', async () => {
    const { ports, call, params, townId, beadId } = await scene();
    const bead = await ports.store.get('bead', { townId, beadId });
    if (bead === undefined) throw new Error('no bead');
    await ports.store.commit([{ put: 'bead', item: { ...bead, openBlockers: 3, version: bead.version + 1 }, when: 'none' }]);
    expect((await call('stopTown', { as: 'ada', params, body: {} })).status).toBe(200);
    const audited = bodyOf('debugAudit', await call('debugAudit', { as: 'ada', params, body: { repair: true } }));
    expect(audited).toMatchObject({ violations: [], repaired: 0 });
  });
  it('counts what happened in a window', async () => {
    const { ports, call, params } = await scene();
    const metrics = bodyOf('getMetrics', await call('getMetrics', { as: 'ada', params, query: { window: '1h' } }));
    expect(metrics).toMatchObject({
      complete: true,
      events: { created: 1, dispatched: 1 },
      dispatchWait: { count: 1 },
      now: { inFlight: 1 },
    });
    ports.clock.advance(2 * 3_600_000);
    expect(bodyOf('getMetrics', await call('getMetrics', { as: 'ada', params, query: { window: '1h' } })).events).toEqual({});
  });
});

describe('work about something that is gone', () => {
  it('is dropped once and not tried for ever (L74)', async () => {
    const { ports, townId } = await scene();
    await ports.store.commit([{ put: 'work', item: { townId, kind: 'flight', workId: 'web-none', dueAtMs: 0, stamp: 's' }, when: 'none' }]);
    await reconcileTown(ports, townId);
    expect((await ports.store.workOf(townId)).filter((item) => item.workId === 'web-none')).toEqual([]);
  });
});

describe('an act by hand', () => {
  it('resets an agent: its bead is worked anew, what it still sends is refused', async () => {
    const { ports, call, params, townId, beadId, agentId } = await scene();
    const epoch = (await ports.store.get('agent', { townId, agentId }))?.epoch ?? 0;
    expect((await call('resetAgent', { as: 'ada', params: { ...params, agentId }, body: { reason: 'It runs in circles' } })).status).toBe(
      200,
    );
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ status: 'open', held: false });
    expect(await ports.store.get('agent', { townId, agentId })).toMatchObject({
      state: 'idle',
      epoch: epoch + 1,
      lastExit: 'It runs in circles',
    });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ status: 'in_progress' });
  });
  it('stops an agent: its bead is not started again until it is released', async () => {
    const { ports, call, params, townId, beadId, agentId } = await scene();
    await call('stopAgent', { as: 'ada', params: { ...params, agentId }, body: {} });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ status: 'open', held: true });
    expect((await call('stopAgent', { as: 'ada', params: { ...params, agentId }, body: {} })).status).toBe(409);
    await call('updateBead', { as: 'ada', params: { ...params, beadId }, body: { held: false } });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ status: 'in_progress' });
  });
  it('is recorded with the person, and listed apart from what the town does by itself (L3 and L10)', async () => {
    const { call, params, beadId, agentId } = await scene();
    await call('stopAgent', { as: 'ada', params: { ...params, agentId }, body: { reason: 'Too slow' } });
    await call('failBead', { as: 'ada', params: { ...params, beadId }, body: { reason: 'Not wanted' } });
    const { items } = bodyOf('listInterventions', await call('listInterventions', { as: 'ada', params }));
    expect(items.map(({ type, actor }) => [type, actor])).toEqual([
      ['status_changed', 'user:ada'],
      ['unhooked', 'user:ada'],
      ['rig_connected', 'user:ada'],
    ]);
    expect(items[1]).toMatchObject({ new: 'Too slow', data: { intervention: true, act: 'agent_stop', held: true } });
  });
});
