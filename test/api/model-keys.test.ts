// Keys of models: through the API into the secrets, from there to the runner, and nowhere else.
import { describe, expect, it } from 'vitest';
import { desired } from '../../functions/operations/desired.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import type { Ports, Secrets, Store } from '../../functions/ports.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { aLease, anAgent, anIssue, at, townId, townWith } from '../tools/town.ts';
import { bodyOf, client, inSection } from './call.ts';

const key = 'sk-live-abcdefgh12345678';
const otherKey = 'sk-live-zyxwvuts87654321';
const route = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', apiKey: key, model: 'large' } as const;
const params = { townId };

interface Drawer extends Secrets {
  readonly values: Map<string, string>;
  /** How often a secret was read. */
  readonly reads: () => number;
}
const drawer = (more: Partial<Secrets> = {}): Drawer => {
  const values = new Map<string, string>();
  let reads = 0;
  return {
    values,
    reads: () => reads,
    put: async (name, value) => {
      values.set(name, value);
    },
    get: async (name) => {
      reads += 1;
      return values.get(name);
    },
    remove: async (name) => {
      values.delete(name);
    },
    removePrefix: async (prefix) => {
      for (const name of values.keys()) if (name.startsWith(prefix)) values.delete(name);
    },
    ...more,
  };
};

/** A town with a worker at work, its secrets, and a client. */
const scene = async (overrides: Partial<Ports> = {}, secrets: Drawer = drawer()) => {
  const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] }, fakePorts({ secrets, ...overrides }));
  const call = client(ports);
  const configure = (models: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) =>
    call('updateConfig', { as: 'ada', params, body: inSection('models', models), headers });
  return { ports, secrets, call, configure };
};
const storedModels = async (ports: FakePorts, id = townId) => (await ports.store.get('town', { townId: id }))?.config;
const desiredNow = (ports: FakePorts) => desired(ports, aLease());
const modelNow = async (ports: FakePorts) => (await desiredNow(ports)).assignments[0]?.model;
/** Refuses what changes this town's item, once `armed`. */
const stubborn = (refuse: (store: Store, writes: Parameters<Store['commit']>[0]) => ReturnType<Store['commit']>) => {
  const store = createMemoryStore();
  let isArmed = false;
  const commit: Store['commit'] = (writes) =>
    isArmed && writes.some((write) => 'put' in write && write.put === 'town') ? refuse(store, writes) : store.commit(writes);
  return {
    store: { ...store, commit },
    arm: () => {
      isArmed = true;
    },
  };
};

describe('the key of a model', () => {
  it('is in its secret and in no stored town, answer, event or log', async () => {
    const { ports, secrets, call, configure } = await scene();
    const answers = [await configure({ polecat: route })];
    for (const id of ['getConfig', 'getTown', 'snapshot', 'listEvents'] as const) answers.push(await call(id, { as: 'ada', params }));
    answers.push(await call('listTowns', { as: 'ada' }));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect([...secrets.values.entries()]).toEqual([[expect.stringMatching(/^towns\/t-test1\/models\/polecat-[0-9a-z]{16}$/), key]]);
    const [keyRef] = secrets.values.keys();
    expect((await storedModels(ports))?.['models.polecat']).toEqual({
      kind: route.kind,
      baseUrl: route.baseUrl,
      model: 'large',
      keyRef,
      keyMask: '****5678',
    });
    expect(bodyOf('getConfig', await call('getConfig', { as: 'ada', params }))['models.polecat']).toEqual({ ...route, apiKey: '****5678' });
    await desiredNow(ports);
    const events = await ports.store.eventsOf(townId, {}, { limit: 100 });
    for (const seen of [await ports.store.get('town', params), events.items, answers, ports.logged])
      expect(JSON.stringify(seen)).not.toContain(key);
    expect(JSON.stringify(answers)).not.toContain('keyRef');
    expect(JSON.stringify(answers)).not.toContain(keyRef);
  });

  it('reaches the runner, and stays when its mask is sent back', async () => {
    const { ports, secrets, configure } = await scene();
    await configure({ polecat: route });
    expect(await modelNow(ports)).toEqual(route);
    const names = [...secrets.values.keys()];
    expect((await configure({ polecat: { ...route, apiKey: '****5678', model: 'small' } })).status).toBe(200);
    expect(await modelNow(ports)).toEqual({ ...route, model: 'small' });
    expect([...secrets.values.keys()]).toEqual(names);
  });

  it('changes the desired version when it changes, which no report reads a secret for', async () => {
    const { ports, secrets, configure } = await scene();
    await configure({ polecat: route });
    const first = await desiredNow(ports);
    expect((await desiredNow(ports)).desiredVersion).toBe(first.desiredVersion);
    await configure({ polecat: { ...route, apiKey: otherKey } });
    const readsBefore = secrets.reads();
    const report = {
      runtimeEpoch: 3,
      reportSeq: 1,
      agents: [],
      turns: [],
      commandResults: [],
      runningCommandIds: [],
      usage: [],
      host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' as const },
    };
    const { desiredVersion } = await applyReport(ports, { townId, runtimeEpoch: 3 }, report);
    expect(secrets.reads()).toBe(readsBefore);
    expect(desiredVersion).not.toBe(first.desiredVersion);
    expect(await desiredNow(ports)).toMatchObject({ desiredVersion, assignments: [{ model: { apiKey: otherKey } }] });
    expect([...secrets.values.values()]).toEqual([otherKey]);
  });

  it('that is given to one address is not kept for another, nor for another provider', async () => {
    const { configure } = await scene();
    await configure({ polecat: route });
    const answer = await configure({ polecat: { ...route, apiKey: '****5678', baseUrl: 'https://evil.example.com/v1' } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'body.models.polecat.apiKey' }] } });
    expect(
      (await configure({ polecat: { kind: 'opencode-provider', provider: 'openai', apiKey: '****5678', model: 'large' } })).status,
    ).toBe(422);
  });

  it('goes when the route has none any more, but not while another role uses it', async () => {
    const { ports, secrets, configure } = await scene();
    await configure({ default: route });
    await configure({ mayor: { ...route, apiKey: '****5678' } });
    expect(secrets.values.size).toBe(1);
    await configure({ default: { kind: 'scripted' } });
    expect([...secrets.values.values()]).toEqual([key]);
    await configure({ mayor: { ...route, apiKey: '' } });
    expect((await storedModels(ports))?.['models.mayor']).toEqual({ kind: route.kind, baseUrl: route.baseUrl, model: 'large' });
    expect(secrets.values.size).toBe(0);
  });

  it('that is missing leaves the route without one and is logged', async () => {
    const { ports, secrets, configure } = await scene();
    await configure({ polecat: route });
    const [keyRef] = secrets.values.keys();
    secrets.values.clear();
    expect(await modelNow(ports)).toEqual({ kind: route.kind, baseUrl: route.baseUrl, model: 'large' });
    expect(ports.logged).toEqual([{ level: 'warn', event: 'secret_missing', fields: { townId, ref: keyRef } }]);
  });

  it('that is changed while the desired set is read is found under its new name', async () => {
    const held: { configure?: (models: Readonly<Record<string, unknown>>) => Promise<unknown> } = {};
    const secrets: Drawer = drawer({
      get: async (name) => {
        const { configure } = held;
        delete held.configure;
        await configure?.({ polecat: { ...route, apiKey: otherKey } });
        return secrets.values.get(name);
      },
    });
    const { ports, configure } = await scene({}, secrets);
    await configure({ polecat: route });
    held.configure = configure;
    expect(await modelNow(ports)).toEqual({ ...route, apiKey: otherKey });
    expect(ports.logged).toEqual([]);
  });
});

describe('a change of keys', () => {
  it('that loses every time leaves no secret and the old key in place', async () => {
    const { store, arm } = stubborn(async () => ({ ok: false, failed: [0] }));
    const { ports, secrets, configure } = await scene({ store });
    await configure({ polecat: route });
    arm();
    expect((await configure({ polecat: { ...route, apiKey: otherKey }, mayor: route })).status).toBe(409);
    expect([...secrets.values.values()]).toEqual([key]);
    expect(await modelNow(ports)).toEqual(route);
  });

  it('of a version that is not the stored one puts nothing', async () => {
    const { secrets, configure } = await scene();
    expect((await configure({ polecat: route }, { 'If-Match': '7' })).status).toBe(409);
    expect(secrets.values.size).toBe(0);
  });

  it('whose answer from the store is lost keeps the key that the town names', async () => {
    const { store, arm } = stubborn(async (inner, writes) => {
      await inner.commit(writes);
      throw new Error('socket closed');
    });
    const { ports, secrets, configure } = await scene({ store });
    await configure({ polecat: route });
    arm();
    expect((await configure({ polecat: { ...route, apiKey: otherKey } })).status).toBe(500);
    expect([...secrets.values.values()]).toEqual([otherKey]);
    expect(await modelNow(ports)).toEqual({ ...route, apiKey: otherKey });
  });

  it('is done although the old secret cannot be removed', async () => {
    const { ports, configure } = await scene(
      {},
      drawer({
        remove: async () => {
          throw new TypeError('no route');
        },
      }),
    );
    await configure({ polecat: route });
    expect((await configure({ polecat: { ...route, apiKey: otherKey } })).status).toBe(200);
    expect(await modelNow(ports)).toEqual({ ...route, apiKey: otherKey });
    expect(ports.logged).toEqual([
      { level: 'warn', event: 'secret_left_behind', fields: { owner: `towns/${townId}`, error: 'TypeError' } },
    ]);
  });
});

it('removes the keys of a deleted town with it', async () => {
  const { ports, secrets, configure } = await scene();
  await configure({ default: route, mayor: { ...route, apiKey: otherKey } });
  const town = await ports.store.get('town', params);
  if (town === undefined) throw new Error('no town');
  await ports.store.commit([{ put: 'town', item: { ...town, deletedAt: at }, when: 'none' }]);
  ports.clock.advance(ports.deployment.timings.passGapMs);
  await reconcileTown(ports, townId);
  expect(await ports.store.get('town', params)).toBeUndefined();
  expect(secrets.values.size).toBe(0);
});

describe('a new town', () => {
  const body = { name: 'Harbour', config: inSection('models', { default: route, refinery: { ...route, apiKey: otherKey } }) };

  it('has its keys in secrets of its own, once for one Idempotency-Key', async () => {
    const { ports, secrets, call } = await scene();
    const headers = { 'Idempotency-Key': 'k-1' };
    const first = bodyOf('createTown', await call('createTown', { as: 'ada', body, headers }));
    expect(bodyOf('createTown', await call('createTown', { as: 'ada', body, headers }))).toEqual(first);
    expect(first.config['models.default']).toEqual({ ...route, apiKey: '****5678' });
    expect([...secrets.values.values()].toSorted()).toEqual([key, otherKey].toSorted());
    for (const name of secrets.values.keys()) expect(name).toMatch(new RegExp(`^towns/${first.townId}/models/(default|refinery)-`));
    const record = await ports.store.get('idempotency', { scope: 'user#ada', key: 'k-1' });
    for (const seen of [record, await storedModels(ports, first.townId)]) expect(JSON.stringify(seen)).not.toContain('sk-live');
  });

  it('that cannot be stored, or whose second key cannot be kept, leaves nothing', async () => {
    const { store, arm } = stubborn(async () => {
      throw new Error('out of reach');
    });
    const stored = await scene({ store });
    arm();
    expect((await stored.call('createTown', { as: 'ada', body })).status).toBe(500);
    expect(stored.secrets.values.size).toBe(0);
    const secrets: Drawer = drawer({
      put: async (name, value) => {
        if (value === otherKey) throw new Error('throttled');
        secrets.values.set(name, value);
      },
    });
    const { ports, call } = await scene({}, secrets);
    expect((await call('createTown', { as: 'ada', body })).status).toBe(500);
    expect(secrets.values.size).toBe(0);
    expect((await ports.store.townsOf('ada', { limit: 10 })).items.map((town) => town.townId)).toEqual([townId]);
  });

  it('refuses the mask of a key that it never had', async () => {
    const { call, secrets } = await scene();
    const config = { 'models.default': { ...route, apiKey: '****5678' } };
    expect((await call('createTown', { as: 'ada', body: { name: 'Harbour', config } })).status).toBe(422);
    expect(secrets.values.size).toBe(0);
  });
});
