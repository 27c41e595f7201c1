// What every Store must do; run against the memory store and against DynamoDB Local.
import { describe, expect, it } from 'vitest';
import type { ItemName, Items, Keys, Store, Write } from '../../functions/ports.ts';
import { BadCursor, StoreMisuse } from '../../functions/store-errors.ts';
import { sampleItems, ulidOf } from './sample-items.ts';

/** Index reads may be late; the contract allows them a moment. */
const soon = { timeout: 3_000, interval: 25 };
const later = '2026-11-21T11:00:00.000Z';

let towns = 0;
/** A town that no other test uses. */
const freshTown = (): string => `t-${Date.now().toString(36).slice(-8)}${String((towns += 1)).padStart(4, '0')}`;

const putNew = <N extends ItemName>(name: N, item: Items[N]): { put: N; item: Items[N]; when: { absent: true } } => ({ put: name, item, when: { absent: true } });

const roundTrips = (aStore: () => Store): void => {
  const names = Object.keys(sampleItems('t-00000000')) satisfies string[];
  const check = async <N extends ItemName>(store: Store, write: Write, name: N, key: Keys[N], item: Items[N]): Promise<void> => {
    expect(await store.get(name, key)).toBeUndefined();
    expect(await store.commit([write])).toEqual({ ok: true });
    expect(await store.get(name, key)).toEqual(item);
    expect(await store.getMany(name, [key, key])).toEqual([item, item]);
  };
  it('keeps every kind of item as it was put', async () => {
    const store = aStore();
    const items = sampleItems(freshTown());
    expect(names).toHaveLength(21);
    await check(store, putNew('town', items.town), 'town', items.town, items.town);
    await check(store, putNew('rig', items.rig), 'rig', items.rig, items.rig);
    await check(store, putNew('bead', items.bead), 'bead', items.bead, items.bead);
    await check(store, putNew('dependency', items.dependency), 'dependency', items.dependency, items.dependency);
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
    await check(store, putNew('usage', items.usage), 'usage', items.usage, items.usage);
  });
  it('does not hand out or keep the caller\'s own objects', async () => {
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
  it('reads many keys in their order, missing ones as undefined', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const beads = Array.from({ length: 130 }, (_, index) => ({ ...bead, beadId: `web-${String(index).padStart(4, '0')}` }));
    await store.commit(beads.slice(0, 100).map((item) => putNew('bead', item)));
    await store.commit(beads.slice(100).map((item) => putNew('bead', item)));
    const keys = [{ townId: bead.townId, beadId: 'web-none' }, ...beads.toReversed()];
    expect((await store.getMany('bead', keys)).map((item) => item?.beadId)).toEqual([undefined, ...beads.toReversed().map(({ beadId }) => beadId)]);
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
    expect(await store.commit([{ put: 'agent', item: { ...agent, version: 9 }, when: { equals: { version: 8 } } }])).toEqual({ ok: false, failed: [0] });
    expect(await store.commit([{ remove: 'slot', key: slot, when: { equals: { holder: 'maple' } } }])).toEqual({ ok: false, failed: [0] });
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { epoch: 2, state: 'idle' } } }])).toEqual({ ok: false, failed: [0] });
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
    expect(await store.commit([{ check: 'agent', key: agent, when: { equals: { hookBeadId: undefined } } }])).toEqual({ ok: false, failed: [0] });
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
      putNew('bead', bead), putNew('slot', slot), { put: 'work', item: work, when: 'none' }, { check: 'agent', key: agent, when: { equals: { version: 1 } } },
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
    expect(await store.commit([putNew('dependency', { ...dependency, dependsOnId: 'web-3ccc' }), ...edges])).toEqual({ ok: false, failed: [1, 2] });
  });
  it('takes a hundred items and refuses more, counting an edge as two', async () => {
    const store = aStore();
    const { dependency, work } = sampleItems(freshTown());
    const works = Array.from({ length: 101 }, (_, index): Write => ({ put: 'work', item: { ...work, workId: `web-${1000 + index}` }, when: 'none' }));
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
  it('does nothing for no writes', async () => {
    expect(await aStore().commit([])).toEqual({ ok: true });
  });
  it('lets one of many writers of the same version win', async () => {
    const store = aStore();
    const { agent } = sampleItems(freshTown());
    await store.commit([putNew('agent', { ...agent, version: 1 })]);
    const claims = Array.from({ length: 6 }, (_, index) => store.commit([
      { put: 'agent', item: { ...agent, version: 2, name: `Writer ${index}` }, when: { equals: { version: 1 } } },
      { put: 'work', item: { townId: agent.townId, kind: 'agent', workId: `writer-${index}`, dueAtMs: 0, stamp: '1' }, when: 'none' },
    ]));
    const outcomes = await Promise.all(claims);
    const winner = outcomes.findIndex(({ ok }) => ok);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await store.get('agent', agent))?.name).toBe(`Writer ${winner}`);
    expect((await store.workOf(agent.townId)).map(({ workId }) => workId)).toEqual([`writer-${winner}`]);
  });
};

const townLists = (aStore: () => Store): void => {
  it('lists rigs, agents, reports, slots and trains of their town only', async () => {
    const store = aStore();
    const [mine, other] = [sampleItems(freshTown()), sampleItems(freshTown())];
    for (const { town, rig, agent, report, slot, train, bead, lease } of [mine, other]) {
      await store.commit([
        putNew('town', town), putNew('rig', rig), putNew('rig', { ...rig, rigId: 'r-0000aaaa' }), putNew('agent', agent), putNew('report', report), putNew('slot', slot),
        putNew('train', train), putNew('bead', bead), putNew('lease', lease),
      ]);
    }
    const { townId } = mine.town;
    expect((await store.rigsOf(townId)).map(({ rigId }) => rigId)).toEqual(['r-0000aaaa', 'r-8d2k1m0p']);
    expect(await store.agentsOf(townId)).toEqual([mine.agent]);
    expect(await store.reportsOf(townId)).toEqual([mine.report]);
    expect(await store.slotsOf(townId)).toEqual([mine.slot]);
    expect(await store.trainsOf(townId)).toEqual([mine.train]);
  });
  it('finds edges from both sides at once, and removes both', async () => {
    const store = aStore();
    const { dependency } = sampleItems(freshTown());
    const { townId } = dependency;
    const second = { ...dependency, beadId: 'web-4ddd', type: 'tracks' as const };
    await store.commit([putNew('dependency', dependency), putNew('dependency', second)]);
    expect(await store.dependenciesOf(townId, 'web-3kf9')).toEqual([dependency]);
    expect(await store.dependentsOf(townId, 'web-1aaa')).toEqual([dependency, second]);
    expect(await store.dependentsOf(townId, 'web-3kf9')).toEqual([]);
    await store.commit([{ put: 'dependency', item: { ...dependency, resolved: true }, when: { equals: { resolved: false } } }]);
    expect((await store.dependentsOf(townId, 'web-1aaa')).map(({ resolved }) => resolved)).toEqual([true, false]);
    await store.commit([{ remove: 'dependency', key: dependency, when: 'none' }]);
    expect(await store.dependenciesOf(townId, 'web-3kf9')).toEqual([]);
    expect(await store.dependentsOf(townId, 'web-1aaa')).toEqual([second]);
  });
  it('keeps ready entries, slots and marks out of the work list', async () => {
    const store = aStore();
    const { work, ready, slot, once, alarm } = sampleItems(freshTown());
    await store.commit([putNew('work', work), putNew('work', { ...work, kind: 'agent', workId: 'toast' }), putNew('ready', ready), putNew('slot', slot), putNew('once', once), putNew('alarm', alarm)]);
    expect((await store.workOf(work.townId)).map(({ kind, workId }) => [kind, workId])).toEqual([['agent', 'toast'], ['flight', 'web-3kf9']]);
  });
  it('reads the head of a ready queue by priority, then age', async () => {
    const store = aStore();
    const { ready } = sampleItems(freshTown());
    const orders = ['3#2026-11-21T09:00:00.000Z#web-low1', '0#2026-11-21T10:00:00.000Z#web-crit', '2#2026-11-21T10:00:00.000Z#web-mid2', '2#2026-11-21T09:00:00.000Z#web-mid1'];
    await store.commit(orders.map((order) => putNew('ready', { ...ready, order, beadId: order.slice(-8) })));
    await store.commit([putNew('ready', { ...ready, queue: 'web-cvoy', order: '0#2026-11-21T08:00:00.000Z#web-else' })]);
    expect((await store.readyOf(ready.townId, ready.rigId, '-', 3)).map(({ beadId }) => beadId)).toEqual(['web-crit', 'web-mid1', 'web-mid2']);
    expect(await store.readyOf(ready.townId, ready.rigId, 'web-none', 3)).toEqual([]);
  });
  it('reads commands by id that are queued or not taken', async () => {
    const store = aStore();
    const { command } = sampleItems(freshTown());
    const done = { ...command, commandId: 'done', state: 'done' as const };
    await store.commit([putNew('command', command), putNew('command', done), putNew('command', { ...done, commandId: 'taken', tokenTaken: true })]);
    const found = await store.commandsOf(command.townId, ['taken', 'missing', 'done', command.commandId]);
    expect(found.map(({ commandId }) => commandId)).toEqual(['done', command.commandId]);
  });
  it('reads the usage of one day', async () => {
    const store = aStore();
    const { usage } = sampleItems(freshTown());
    await store.commit([putNew('usage', usage), putNew('usage', { ...usage, day: '20261122', callId: 'call-2' })]);
    expect(await store.usageOf(usage.townId, '20261121')).toEqual([usage]);
  });
};

/** Reads a list to its end, page by page. */
const allPages = async <T>(read: (cursor: string | undefined) => Promise<{ items: readonly T[]; cursor?: string }>): Promise<{ pages: number; items: T[] }> => {
  const items: T[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    pages += 1;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { pages, items };
};

const pagedLists = (aStore: () => Store): void => {
  const eventsIn = async (store: Store, townId: string): Promise<string[]> => {
    const { event } = sampleItems(townId);
    const events = Array.from({ length: 7 }, (_, index) => ({
      ...event, eventId: ulidOf(index), beadId: index % 2 === 0 ? 'web-3kf9' : 'web-4ddd', ...(index < 4 ? { agentId: 'toast' } : { agentId: undefined }),
    }));
    await store.commit(events.map((item) => putNew('event', item)));
    return events.map(({ eventId }) => eventId);
  };
  it('pages the feed in both directions without an empty last page', async () => {
    const store = aStore();
    const townId = freshTown();
    const ids = await eventsIn(store, townId);
    const oldest = await allPages((cursor) => store.eventsOf(townId, {}, { limit: 3, cursor }));
    expect([oldest.pages, oldest.items.map(({ eventId }) => eventId)]).toEqual([3, ids]);
    const newest = await allPages((cursor) => store.eventsOf(townId, { newestFirst: true }, { limit: 7, cursor }));
    expect([newest.pages, newest.items.map(({ eventId }) => eventId)]).toEqual([1, ids.toReversed()]);
  });
  it('reads the feed behind an event, also one that is not there', async () => {
    const store = aStore();
    const townId = freshTown();
    const ids = await eventsIn(store, townId);
    const idsAfter = async (after: string, newestFirst: boolean): Promise<string[]> =>
      (await allPages((cursor) => store.eventsOf(townId, { after, newestFirst }, { limit: 2, cursor }))).items.map(({ eventId }) => eventId);
    expect(await idsAfter(ulidOf(4), false)).toEqual(ids.slice(5));
    expect(await idsAfter(`${ulidOf(4)}0`.slice(0, 26).replace(/4$/, '4'), true)).toEqual(ids.slice(5).toReversed());
    expect(await idsAfter('00000000000000000000000000', false)).toEqual(ids);
    expect(await idsAfter('7ZZZZZZZZZZZZZZZZZZZZZZZZZ', false)).toEqual([]);
  });
  it('reads the events of a bead or an agent', async () => {
    const store = aStore();
    const townId = freshTown();
    const ids = await eventsIn(store, townId);
    const read = async (query: { beadId?: string; agentId?: string; after?: string }): Promise<string[]> =>
      (await allPages((cursor) => store.eventsOf(townId, query, { limit: 2, cursor }))).items.map(({ eventId }) => eventId);
    await expect.poll(() => read({ beadId: 'web-3kf9' }), soon).toEqual([0, 2, 4, 6].map((index) => ids[index]));
    await expect.poll(() => read({ agentId: 'toast' }), soon).toEqual(ids.slice(0, 4));
    await expect.poll(() => read({ beadId: 'web-3kf9', after: ulidOf(2) }), soon).toEqual([4, 6].map((index) => ids[index]));
    await expect.poll(() => read({ agentId: 'toast', beadId: 'web-4ddd' }), soon).toEqual([1, 3].map((index) => ids[index]));
  });
  it('lists beads of a status, newest change first, and follows a change of status', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const { townId } = bead;
    const beads = Array.from({ length: 5 }, (_, index) => ({ ...bead, beadId: `web-${1000 + index}`, updatedAt: `2026-11-21T10:00:0${index}.000Z` }));
    await store.commit(beads.map((item) => putNew('bead', item)));
    const list = async (status: 'open' | 'in_progress'): Promise<string[]> =>
      (await allPages((cursor) => store.beadsBy({ townId, type: 'issue', status }, { limit: 2, cursor }))).items.map(({ beadId }) => beadId);
    await expect.poll(() => list('open'), soon).toEqual(['web-1004', 'web-1003', 'web-1002', 'web-1001', 'web-1000']);
    await store.commit([{ put: 'bead', item: { ...bead, beadId: 'web-1003', status: 'in_progress', version: 2, updatedAt: later }, when: { equals: { version: 1 } } }]);
    await store.commit([{ put: 'bead', item: { ...bead, beadId: 'web-1000', title: 'Changed', version: 2, updatedAt: later }, when: { equals: { version: 1 } } }]);
    await expect.poll(() => list('open'), soon).toEqual(['web-1000', 'web-1004', 'web-1002', 'web-1001']);
    await expect.poll(() => list('in_progress'), soon).toEqual(['web-1003']);
  });
  it('lists towns of an owner and connections of a town, also more than a page', async () => {
    const store = aStore();
    const townId = freshTown();
    const { town, connection } = sampleItems(townId);
    const ownerId = `owner-${townId}`;
    const townIds = [freshTown(), freshTown(), freshTown()];
    await store.commit(townIds.map((id) => putNew('town', { ...town, townId: id, ownerId })));
    await expect.poll(async () => (await allPages((cursor) => store.townsOf(ownerId, { limit: 2, cursor }))).items.map((one) => one.townId), soon).toEqual(townIds);
    const { townId: _none, ...outside } = connection;
    await store.commit([putNew('connection', connection), putNew('connection', { ...outside, connectionId: `outside-${townId}` })]);
    await expect.poll(() => store.connectionsOf(townId), soon).toEqual([connection]);
  });
  it('pages the talk with the Mayor newest first and a session oldest first', async () => {
    const store = aStore();
    const { mayorMessage, sessionBatch } = sampleItems(freshTown());
    const { townId } = mayorMessage;
    await store.commit([3, 1, 2].map((count) => putNew('mayorMessage', { ...mayorMessage, messageId: ulidOf(count) })));
    const talk = await allPages((cursor) => store.mayorMessages(townId, 'ada', { limit: 2, cursor }));
    expect(talk.items.map(({ messageId }) => messageId)).toEqual([3, 2, 1].map(ulidOf));
    expect((await store.mayorMessages(townId, 'bob', { limit: 2 })).items).toEqual([]);
    await store.commit([[10, 1], [2, 3], [2, 2]].map(([epoch = 0, count = 0]) => putNew('sessionBatch', { ...sessionBatch, epoch, batchId: ulidOf(count), ...(epoch === 10 ? { beadId: 'web-4ddd' } : {}) })));
    const session = await allPages((cursor) => store.sessionBatches(townId, 'toast', {}, { limit: 2, cursor }));
    expect(session.items.map(({ epoch, batchId }) => [epoch, batchId])).toEqual([[2, ulidOf(2)], [2, ulidOf(3)], [10, ulidOf(1)]]);
    await expect.poll(async () => (await store.sessionBatches(townId, 'toast', { beadId: 'web-4ddd' }, { limit: 5 })).items.map(({ epoch }) => epoch), soon).toEqual([10]);
  });
  it('refuses a cursor that it did not give for this list', async () => {
    const store = aStore();
    const townId = freshTown();
    await eventsIn(store, townId);
    const { cursor = '' } = await store.eventsOf(townId, {}, { limit: 2 });
    const otherTown = freshTown();
    for (const bad of ['x', 'bm9uc2Vuc2U', Buffer.from('[1]').toString('base64url'), cursor.slice(0, -4)]) {
      await expect(store.eventsOf(townId, {}, { limit: 2, cursor: bad })).rejects.toBeInstanceOf(BadCursor);
    }
    await expect(store.eventsOf(otherTown, {}, { limit: 2, cursor })).rejects.toBeInstanceOf(BadCursor);
    await expect(store.eventsOf(townId, { newestFirst: true }, { limit: 2, cursor })).rejects.toBeInstanceOf(BadCursor);
  });
};

const dueWork = (aStore: () => Store): void => {
  it('finds towns with overdue work and towns with work at all', async () => {
    const store = aStore();
    const [late, soonDue, never] = [freshTown(), freshTown(), freshTown()];
    for (const [townId, dueAtMs] of [[late, 999], [soonDue, 1_795_255_200_001]] as const) {
      const { work } = sampleItems(townId);
      await store.commit([putNew('work', { ...work, dueAtMs }), putNew('work', { ...work, workId: 'web-late', dueAtMs: dueAtMs + 5_000 })]);
    }
    const mine = async (read: Promise<readonly string[]>): Promise<string[]> => (await read).filter((townId) => [late, soonDue, never].includes(townId));
    await expect.poll(() => mine(store.overdueTowns(1_795_255_200_000)), soon).toEqual([late]);
    await expect.poll(() => mine(store.overdueTowns(1_795_255_200_001)), soon).toEqual([late, soonDue]);
    expect(await mine(store.overdueTowns(998))).toEqual([]);
    expect(await mine(store.everyTownWithWork())).toEqual([late, soonDue]);
  });
};

/** `aStore` gives the same store each time; towns keep the tests apart. */
export const storeContract = (title: string, aStore: () => Store): void => {
  describe(title, () => {
    describe('items', () => roundTrips(aStore));
    describe('conditions', () => conditions(aStore));
    describe('transactions', () => transactions(aStore));
    describe('lists of a town', () => townLists(aStore));
    describe('lists in pages', () => pagedLists(aStore));
    describe('due work', () => dueWork(aStore));
  });
};
