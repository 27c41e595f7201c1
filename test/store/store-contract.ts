// What every Store must do; run against the memory store and against DynamoDB Local.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ItemName, Items, Keys, Store, Write } from '../../functions/ports.ts';
import { StoreMisuse } from '../../functions/store-errors.ts';
import { freshTown, putNew } from './contract-items.ts';
import { sampleItems } from './sample-items.ts';
import { dueWork, pagedLists, townLists } from './store-contract-lists.ts';

const check = async <N extends ItemName>(store: Store, write: Write, name: N, key: Keys[N], item: Items[N]): Promise<void> => {
  expect(await store.get(name, key)).toBeUndefined();
  expect(await store.commit([write])).toEqual({ ok: true });
  expect(await store.get(name, key)).toEqual(item);
  expect(await store.getMany(name, [key, key])).toEqual([item, item]);
};

const roundTrips = (aStore: () => Store): void => {
  const names = Object.keys(sampleItems('t-00000000')) satisfies string[];
  it('keeps every kind of item as it was put', async () => {
    const store = aStore();
    const items = sampleItems(freshTown());
    expect(names).toHaveLength(32);
    await check(store, putNew('town', items.town), 'town', items.town, items.town);
    await check(store, putNew('rig', items.rig), 'rig', items.rig, items.rig);
    await check(store, putNew('bead', items.bead), 'bead', items.bead, items.bead);
    await check(store, putNew('dependency', items.dependency), 'dependency', items.dependency, items.dependency);
    await check(store, putNew('graph', items.graph), 'graph', items.graph, items.graph);
    await check(store, putNew('event', items.event), 'event', items.event, items.event);
    await check(store, putNew('work', items.work), 'work', items.work, items.work);
    await check(store, putNew('ready', items.ready), 'ready', items.ready, items.ready);
    await check(store, putNew('slot', items.slot), 'slot', items.slot, items.slot);
    await check(store, putNew('once', items.once), 'once', items.once, items.once);
    await check(store, putNew('idempotency', items.idempotency), 'idempotency', items.idempotency, items.idempotency);
    await check(store, putNew('train', items.train), 'train', items.train, items.train);
    await check(store, putNew('alarm', items.alarm), 'alarm', items.alarm, items.alarm);
    await check(store, putNew('agent', items.agent), 'agent', items.agent, items.agent);
    await check(store, putNew('report', items.report), 'report', items.report, items.report);
    await check(store, putNew('lease', items.lease), 'lease', items.lease, items.lease);
    await check(store, putNew('command', items.command), 'command', items.command, items.command);
    await check(store, putNew('mayorMessage', items.mayorMessage), 'mayorMessage', items.mayorMessage, items.mayorMessage);
    await check(store, putNew('connection', items.connection), 'connection', items.connection, items.connection);
    await check(store, putNew('ticket', items.ticket), 'ticket', items.ticket, items.ticket);
    await check(store, putNew('sessionBatch', items.sessionBatch), 'sessionBatch', items.sessionBatch, items.sessionBatch);
    await check(store, putNew('identity', items.identity), 'identity', items.identity, items.identity);
    await check(store, putNew('usage', items.usage), 'usage', items.usage, items.usage);
    await check(store, putNew('formula', items.formula), 'formula', items.formula, items.formula);
    await check(
      store,
      putNew('publishedFormula', items.publishedFormula),
      'publishedFormula',
      items.publishedFormula,
      items.publishedFormula,
    );
    await check(store, putNew('ownerSettings', items.ownerSettings), 'ownerSettings', items.ownerSettings, items.ownerSettings);
    await check(store, putNew('persona', items.persona), 'persona', items.persona, items.persona);
    await check(
      store,
      putNew('publishedPersona', items.publishedPersona),
      'publishedPersona',
      items.publishedPersona,
      items.publishedPersona,
    );
    await check(store, putNew('tally', items.tally), 'tally', items.tally, items.tally);
    await check(store, putNew('history', items.history), 'history', items.history, items.history);
    await check(store, putNew('trace', items.trace), 'trace', items.trace, items.trace);
    await check(store, putNew('note', items.note), 'note', items.note, items.note);
  });
  it("does not hand out or keep the caller's own objects", async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    await store.commit([putNew('bead', bead)]);
    const first = await store.get('bead', bead);
    first?.labels.push('changed');
    bead.labels.push('changed too');
    expect((await store.get('bead', bead))?.labels).toEqual(['ui']);
  });
  it('removes what a later put leaves out', async () => {
    const store = aStore();
    const { agent } = sampleItems(freshTown());
    await store.commit([putNew('agent', agent)]);
    const { hookBeadId, slot, ...idle } = agent;
    await store.commit([{ put: 'agent', item: { ...idle, version: 8 }, when: { equals: { version: 7 } } }]);
    expect(await store.get('agent', agent)).toEqual({ ...idle, version: 8 });
    expect([hookBeadId, slot]).toEqual(['web-3kf9', 'r-8d2k1m0p#1']);
  });
  it('tells ids apart that differ in case only', async () => {
    const store = aStore();
    const { once } = sampleItems(freshTown());
    await store.commit([putNew('once', once), putNew('once', { ...once, mark: once.mark.toUpperCase() })]);
    expect(await store.get('once', { ...once, mark: 'Conflict#web-9mrg#1' })).toBeUndefined();
    expect((await store.get('once', once))?.mark).toBe(once.mark);
  });
  it('keeps free JSON whatever its keys are called', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const metadata = { constructor: 1, nested: { constructor: 'x', toString: null, hasOwnProperty: [{ constructor: {} }] } };
    await store.commit([putNew('bead', { ...bead, metadata })]);
    expect((await store.get('bead', bead))?.metadata).toEqual(metadata);
  });
  it('keeps every JSON as metadata: deep, with empty names, and with numbers and names that a table has no form for', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const deep = (open: string, close: string, levels: number): unknown => JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`);
    const values: Record<string, z.core.util.JSONType> = z.record(z.string(), z.json()).parse({
      arrays: deep('[', ']', 63),
      objects: deep('{"a":', '}', 63),
      emptyName: { '': 1 },
      numbers: JSON.parse('[1e308, 123456789012345678901234567890123456789012345, 1.2345678901234567e-140]'),
      controls: { 'a\u0001b': 'c\u001bd' },
      nothing: {},
      text: '{"not":"read"}',
    });
    for (const [name, value] of Object.entries(values)) {
      const item = { ...bead, beadId: `web-${name.toLowerCase()}`, metadata: { value } };
      expect(await store.commit([putNew('bead', item)])).toEqual({ ok: true });
      expect(await store.get('bead', item)).toEqual(item);
    }
    const { items } = await store.beadsBy({ townId: bead.townId, type: 'issue', status: 'open' }, { limit: 50 });
    expect(items).toHaveLength(Object.keys(values).length);
  });
  it('reads many keys in their order, missing ones as undefined', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const beads = Array.from({ length: 130 }, (_, index) => ({ ...bead, beadId: `web-${String(index).padStart(4, '0')}` }));
    await store.commit(beads.slice(0, 100).map((item) => putNew('bead', item)));
    await store.commit(beads.slice(100).map((item) => putNew('bead', item)));
    const keys = [{ townId: bead.townId, beadId: 'web-none' }, ...beads.toReversed()];
    expect((await store.getMany('bead', keys)).map((item) => item?.beadId)).toEqual([
      undefined,
      ...beads.toReversed().map(({ beadId }) => beadId),
    ]);
    expect(await store.getMany('bead', [])).toEqual([]);
  });
};

const conditions = (aStore: () => Store): void => {
  it('puts an item that must be absent only once', async () => {
    const store = aStore();
    const { slot } = sampleItems(freshTown());
    expect(await store.commit([putNew('slot', slot)])).toEqual({ ok: true });
    expect(await store.commit([putNew('slot', { ...slot, holder: 'maple' })])).toEqual({ ok: false, failed: [0] });
    expect((await store.get('slot', slot))?.holder).toBe('toast');
  });
  it('puts, removes and checks only when the named attributes are equal', async () => {
    const store = aStore();
    const { agent, slot } = sampleItems(freshTown());
    await store.commit([putNew('agent', agent), putNew('slot', slot)]);
    expect(await store.commit([{ put: 'agent', item: { ...agent, version: 9 }, when: { equals: { version: 8 } } }])).toEqual({
      ok: false,
      failed: [0],
    });
    expect(await store.commit([{ remove: 'slot', key: slot, when: { equals: { holder: 'maple' } } }])).toEqual({ ok: false, failed: [0] });
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { epoch: 2, state: 'idle' } } }])).toEqual({
      ok: false,
      failed: [0],
    });
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { epoch: 2, state: 'working' } } }])).toEqual({ ok: true });
    expect(await store.commit([{ remove: 'slot', key: slot, when: { equals: { holder: 'toast' } } }])).toEqual({ ok: true });
    expect(await store.get('slot', slot)).toBeUndefined();
  });
  it('compares whole lists and objects, and an undefined value as an attribute that is not there', async () => {
    const store = aStore();
    const { agent, train } = sampleItems(freshTown());
    await store.commit([putNew('agent', agent), putNew('train', train)]);
    expect(await store.commit([{ check: 'train', key: train, when: { equals: { queued: train.queued } } }])).toEqual({ ok: true });
    expect(await store.commit([{ check: 'train', key: train, when: { equals: { queued: [] } } }])).toEqual({ ok: false, failed: [0] });
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { sessionId: undefined } } }])).toEqual({ ok: true });
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { hookBeadId: undefined } } }])).toEqual({
      ok: false,
      failed: [0],
    });
  });
  it('takes an equality without attributes as: the item exists', async () => {
    const store = aStore();
    const { slot } = sampleItems(freshTown());
    expect(await store.commit([{ check: 'slot', key: slot, when: { equals: {} } }])).toEqual({ ok: false, failed: [0] });
    await store.commit([putNew('slot', slot)]);
    expect(await store.commit([{ check: 'slot', key: slot, when: { equals: {} } }])).toEqual({ ok: true });
    expect(await store.commit([{ check: 'slot', key: slot, when: { absent: true } }])).toEqual({ ok: false, failed: [0] });
  });
  it('removes what is not there when nothing is asked of it', async () => {
    const { slot } = sampleItems(freshTown());
    expect(await aStore().commit([{ remove: 'slot', key: slot, when: 'none' }])).toEqual({ ok: true });
  });
};

const transactions = (aStore: () => Store): void => {
  it('writes nothing when one of several conditions fails, and names the failed ones', async () => {
    const store = aStore();
    const { agent, slot, bead, work } = sampleItems(freshTown());
    await store.commit([putNew('slot', slot), putNew('agent', agent)]);
    const outcome = await store.commit([
      putNew('bead', bead),
      putNew('slot', slot),
      { put: 'work', item: work, when: 'none' },
      { check: 'agent', key: agent, when: { equals: { version: 1 } } },
    ]);
    expect(outcome).toEqual({ ok: false, failed: [1, 3] });
    expect(await store.get('bead', bead)).toBeUndefined();
    expect(await store.workOf(work.townId)).toEqual([]);
  });
  it('names positions of writes also behind edges, which are two items', async () => {
    const store = aStore();
    const { dependency, slot } = sampleItems(freshTown());
    await store.commit([putNew('slot', slot)]);
    const edges = ['web-1aaa', 'web-2bbb'].map((dependsOnId) => putNew('dependency', { ...dependency, dependsOnId }));
    expect(await store.commit([...edges, putNew('slot', slot)])).toEqual({ ok: false, failed: [2] });
    expect(await store.dependentsOf(slot.townId, 'web-1aaa')).toEqual([]);
    expect(await store.commit(edges)).toEqual({ ok: true });
    expect(await store.commit([putNew('dependency', { ...dependency, dependsOnId: 'web-3ccc' }), ...edges])).toEqual({
      ok: false,
      failed: [1, 2],
    });
  });
  it('takes a hundred items and refuses more, counting an edge as two', async () => {
    const store = aStore();
    const { dependency, work } = sampleItems(freshTown());
    const works = Array.from({ length: 101 }, (_, index): Write => ({
      put: 'work',
      item: { ...work, workId: `web-${1000 + index}` },
      when: 'none',
    }));
    await expect(store.commit(works)).rejects.toBeInstanceOf(StoreMisuse);
    await expect(store.commit([...works.slice(0, 99), putNew('dependency', dependency)])).rejects.toBeInstanceOf(StoreMisuse);
    expect(await store.commit([...works.slice(0, 98), putNew('dependency', dependency)])).toEqual({ ok: true });
    expect(await store.workOf(work.townId)).toHaveLength(98);
  });
  it('refuses two writes on one item, an item that breaks its schema, and a check without a condition', async () => {
    const store = aStore();
    const { slot, bead } = sampleItems(freshTown());
    await expect(store.commit([putNew('slot', slot), { remove: 'slot', key: slot, when: 'none' }])).rejects.toBeInstanceOf(StoreMisuse);
    await expect(store.commit([putNew('bead', { ...bead, status: 'failed' })])).rejects.toBeInstanceOf(StoreMisuse);
    await expect(store.commit([{ check: 'slot', key: slot, when: 'none' }])).rejects.toBeInstanceOf(StoreMisuse);
    expect(await store.get('slot', slot)).toBeUndefined();
  });
  it('adds numbers to what is stored, makes the item where there is none, and sets the rest', async () => {
    const store = aStore();
    const { tally, work } = sampleItems(freshTown());
    const add = (item: typeof tally): Write => ({ add: 'tally', item, numbers: ['calls', 'costMicroUsd'], when: 'none' });
    expect(await store.commit([add(tally)])).toEqual({ ok: true });
    expect(await store.get('tally', tally)).toEqual(tally);
    const spend: Write = {
      add: 'work',
      item: { ...work, kind: 'spend', workId: '20261121#-', costMicroUsd: 5, tokens: 7 },
      numbers: ['costMicroUsd', 'tokens'],
      when: 'none',
    };
    expect(await store.commit([add({ ...tally, requestedBy: 'bob', costMicroUsd: 1 }), spend])).toEqual({ ok: true });
    expect(await store.commit([spend])).toEqual({ ok: true });
    expect(await store.get('tally', tally)).toEqual({ ...tally, requestedBy: 'bob', calls: 2, costMicroUsd: tally.costMicroUsd + 1 });
    expect(await store.workOf(work.townId)).toMatchObject([{ kind: 'spend', costMicroUsd: 10, tokens: 14, dueAtMs: work.dueAtMs }]);
  });
  it('adds nothing when another condition of the transaction fails, and loses no addition of many at once', async () => {
    const store = aStore();
    const { tally, usage } = sampleItems(freshTown());
    const add: Write = { add: 'tally', item: tally, numbers: ['calls'], when: 'none' };
    expect(await store.commit([putNew('usage', usage), add])).toEqual({ ok: true });
    expect(await store.commit([putNew('usage', usage), add])).toEqual({ ok: false, failed: [0] });
    expect((await store.get('tally', tally))?.calls).toBe(1);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!(await store.commit([add])).ok);
      }),
    );
    expect((await store.get('tally', tally))?.calls).toBe(5);
  });
  it('refuses to add what is no number', async () => {
    const { work } = sampleItems(freshTown());
    await expect(aStore().commit([{ add: 'work', item: work, numbers: ['tokens'], when: 'none' }])).rejects.toBeInstanceOf(StoreMisuse);
  });
  it('does nothing for no writes', async () => {
    expect(await aStore().commit([])).toEqual({ ok: true });
  });
  it('lets one of many writers of the same version win', async () => {
    const store = aStore();
    const { agent } = sampleItems(freshTown());
    await store.commit([putNew('agent', { ...agent, version: 1 })]);
    const claims = Array.from({ length: 6 }, (_, index) =>
      store.commit([
        { put: 'agent', item: { ...agent, version: 2, name: `Writer ${index}` }, when: { equals: { version: 1 } } },
        { put: 'work', item: { townId: agent.townId, kind: 'convoy', workId: `writer-${index}`, dueAtMs: 0, stamp: '1' }, when: 'none' },
      ]),
    );
    const outcomes = await Promise.all(claims);
    const winner = outcomes.findIndex(({ ok }) => ok);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await store.get('agent', agent))?.name).toBe(`Writer ${winner}`);
    expect((await store.workOf(agent.townId)).map(({ workId }) => workId)).toEqual([`writer-${winner}`]);
  });
};

/** `aStore` gives the same store each time; towns keep the tests apart. */
export const storeContract = (aStore: () => Store): void => {
  describe('items', () => {
    roundTrips(aStore);
  });
  describe('conditions', () => {
    conditions(aStore);
  });
  describe('transactions', () => {
    transactions(aStore);
  });
  describe('lists of a town', () => {
    townLists(aStore);
  });
  describe('lists in pages', () => {
    pagedLists(aStore);
  });
  describe('due work', () => {
    dueWork(aStore);
  });
};
