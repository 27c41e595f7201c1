// Deleting a town over the API: gone at once for everybody, removed behind it, and never half.
import { describe, expect, it } from 'vitest';
import type { Ports, Store, TownRuntime, Write } from '../../functions/ports.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { explainBead } from '../../functions/operations/explain.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { StoreUnavailable } from '../../functions/store-errors.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { anAgent, anIssue } from '../rules/build.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { bodyOf, client } from './call.ts';

const gitUrl = 'https://example.com/a.git';
const stoppable = (): TownRuntime => {
  let running = true;
  return {
    start: async () => 'ref',
    status: async () => (running ? 'running' : 'stopped'),
    stop: async () => {
      running = false;
    },
    stopTown: async () => 'gone',
    removeTown: async () => 'gone',
  };
};
const busyTown = async (overrides: Partial<Ports> = {}) => {
  const ports = fakePorts({ runtime: stoppable(), ...overrides });
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId };
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl, credential: { username: 'ada', password: 'pw' } } }),
  );
  const first = await call('sling', {
    as: 'ada',
    params,
    body: { rigId: rig.rigId, title: 'First' },
    headers: { 'idempotency-key': 'k1' },
  });
  const { beadId } = bodyOf('sling', first);
  await call('sling', { as: 'ada', params, body: { rigId: rig.rigId, title: 'Second', dependsOn: [beadId] } });
  await call('sayToMayor', { as: 'ada', params, body: { text: 'Hello' } });
  await ports.files.put(`towns/${townId}/transcripts/a`, new Uint8Array([1]));
  await reconcileTown(ports, townId);
  return { ports, call, params, townId, rigId: rig.rigId, beadId };
};
const left = async (ports: FakePorts, townId: string): Promise<unknown> => ({
  town: await ports.store.get('town', { townId }),
  items: await ports.store.leftoversOf(townId, 100),
  alarms: ports.alarms.filter((wake) => wake.townId === townId),
  file: await ports.files.get(`towns/${townId}/transcripts/a`),
});
const nothing = { town: undefined, items: [], alarms: [], file: undefined };
const confirm = { confirm: 'Harbour' };

describe('deleting a town', () => {
  it('asks for its name and is only for its owner', async () => {
    const { call, params } = await busyTown();
    expect((await call('deleteTown', { as: 'ada', params, body: { confirm: 'Harbor' } })).status).toBe(422);
    expect((await call('deleteTown', { as: 'bob', params, body: confirm })).status).toBe(403);
    expect((await call('getTown', { as: 'ada', params })).status).toBe(200);
  });
  it('is gone for everybody at once, and nothing of it is left in the end (L20)', async () => {
    const { ports, call, params, townId, rigId } = await busyTown();
    expect((await call('deleteTown', { as: 'ada', params, body: confirm })).status).toBe(202);
    for (const id of ['getTown', 'getConfig', 'listBeads', 'listEvents', 'snapshot', 'debugPlan'] as const)
      expect([id, (await call(id, { as: 'ada', params })).status]).toEqual([id, 404]);
    expect((await call('sling', { as: 'ada', params, body: { rigId, title: 'Late' } })).status).toBe(404);
    expect((await call('deleteTown', { as: 'ada', params, body: confirm })).status).toBe(404);
    expect(bodyOf('listTowns', await call('listTowns', { as: 'ada' })).items).toEqual([]);
    await reconcileTown(ports, townId);
    // The sweep still finds it: a lost hint does not keep a half-removed town.
    expect(await ports.store.everyTownWithWork()).toEqual([townId]);
    ports.clock.advance(ports.deployment.timings.passGapMs);
    await reconcileTown(ports, townId);
    expect(await left(ports, townId)).toEqual(nothing);
    expect(await ports.store.everyTownWithWork()).toEqual([]);
  });
  it('removes what requests still wrote that had begun before', async () => {
    const { ports, call, params, townId } = await busyTown();
    await call('deleteTown', { as: 'ada', params, body: confirm });
    await reconcileTown(ports, townId);
    await ports.store.commit([
      { put: 'once', item: { townId, mark: 'late', createdAt: '2026-11-21T10:00:00.000Z', deleteAfterEpochSeconds: 1 }, when: 'none' },
    ]);
    ports.clock.advance(ports.deployment.timings.passGapMs);
    await reconcileTown(ports, townId);
    expect(await left(ports, townId)).toEqual(nothing);
  });
  it('goes on when it is killed at any step', async () => {
    for (let step = 1; step < 30; step += 1) {
      const inner = createMemoryStore();
      let commitsLeft = Number.POSITIVE_INFINITY;
      const commit = async (writes: readonly Write[]) => {
        commitsLeft -= 1;
        if (commitsLeft < 0) throw new StoreUnavailable('killed');
        return inner.commit(writes);
      };
      const store: Store = { ...inner, commit };
      const { ports, call, params, townId } = await busyTown({ store });
      await call('deleteTown', { as: 'ada', params, body: confirm });
      ports.clock.advance(ports.deployment.timings.passGapMs);
      commitsLeft = step;
      await reconcileTown(ports, townId).catch(() => undefined);
      const wasKilled = commitsLeft < 0;
      commitsLeft = Number.POSITIVE_INFINITY;
      await reconcileTown(ports, townId);
      expect(await left(ports, townId)).toEqual(nothing);
      if (!wasKilled) return;
    }
    throw new Error('thirty commits were not enough');
  });
  it('waits for the runtime to be gone before it removes anything', async () => {
    let stopping = true;
    const runtime: TownRuntime = { ...stoppable(), stopTown: async () => 'gone', removeTown: async () => (stopping ? 'stopping' : 'gone') };
    const { ports, call, params, townId, beadId } = await busyTown({ runtime });
    await call('deleteTown', { as: 'ada', params, body: confirm });
    ports.clock.advance(ports.deployment.timings.passGapMs);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId })).toBeDefined();
    stopping = false;
    await reconcileTown(ports, townId);
    expect(await left(ports, townId)).toEqual(nothing);
  });
});

describe('disconnecting a repository', () => {
  it('is refused while beads are unfinished, with their names', async () => {
    const { call, params, rigId } = await busyTown();
    const answer = await call('deleteRig', { as: 'ada', params: { ...params, rigId } });
    expect(answer.status).toBe(409);
    expect(JSON.stringify(answer.body)).toContain('First');
  });
  it('does not mind a bead that is being removed at this moment', async () => {
    const { call, params, rigId, beadId } = await busyTown();
    expect((await call('deleteBead', { as: 'ada', params: { ...params, beadId }, query: { force: 'true' } })).status).toBe(202);
    expect((await call('deleteRig', { as: 'ada', params: { ...params, rigId }, query: { force: 'true' } })).status).toBe(200);
  });
  it('gives them up when forced, keeps them readable, and frees its prefix', async () => {
    const { ports, call, params, rigId, beadId, townId } = await busyTown();
    expect((await call('deleteRig', { as: 'ada', params: { ...params, rigId }, query: { force: 'true' } })).status).toBe(200);
    expect((await call('getRig', { as: 'ada', params: { ...params, rigId } })).status).toBe(404);
    expect(await ports.store.get('bead', { townId, beadId })).toMatchObject({ status: 'failed', failure: { code: 'given_up' } });
    expect((await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl, prefix: 'web' } })).status).toBe(201);
  });
  it('keeps what its agents were, so that no epoch of theirs is used twice', async () => {
    const { ports, call, params, rigId, townId } = await busyTown();
    const beforeRemoval = { ...anAgent('toast', { epoch: 7 }), townId, rigId };
    await ports.store.commit([{ put: 'agent', item: beforeRemoval, when: 'none' }]);
    expect((await call('deleteRig', { as: 'ada', params: { ...params, rigId }, query: { force: 'true' } })).status).toBe(200);
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toBeUndefined();
    expect(await ports.store.get('identity', { townId, agentId: 'toast' })).toMatchObject({ epochs: 7 });
  });
  it('fails what was made while it was being disconnected, with the reason, and says so before', async () => {
    const { ports, call, params, rigId, townId } = await busyTown();
    expect((await call('deleteRig', { as: 'ada', params: { ...params, rigId }, query: { force: 'true' } })).status).toBe(200);
    const late = anIssue('web-b001', { townId, rigId });
    await ports.store.commit(writesOf([{ after: late }], undefined, { nowMs: ports.clock.nowMs(), stamp: 's' }));
    const { reasons } = await explainBead(ports, townId, 'web-b001');
    expect(reasons.map(({ code }) => code)).toEqual(['rig_gone']);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId: 'web-b001' })).toMatchObject({
      status: 'failed',
      failure: { code: 'rig_gone', message: 'Its repository was disconnected from the town.' },
    });
    await reconcileTown(ports, townId);
    expect((await ports.store.workOf(townId)).map(({ kind }) => kind)).not.toContain('queue');
  });
});
