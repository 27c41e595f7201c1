// The lists that every Store must give: in order, in pages, of their town only.
import { expect, it } from 'vitest';
import type { Store } from '../../functions/ports.ts';
import { BadCursor } from '../../functions/store-errors.ts';
import { freshTown, putNew } from './contract-items.ts';
import { sampleItems, ulidOf } from './sample-items.ts';

/** Index reads may be late; the contract allows them a moment. */
const soon = { timeout: 3_000, interval: 25 };
const later = '2026-11-21T11:00:00.000Z';

export const townLists = (aStore: () => Store): void => {
  it('lists rigs, agents, identities, reports, slots and trains of their town only', async () => {
    const store = aStore();
    const [mine, other] = [sampleItems(freshTown()), sampleItems(freshTown())];
    for (const { town, rig, agent, identity, report, slot, train, bead, lease } of [mine, other]) {
      await store.commit([
        putNew('town', town),
        putNew('rig', rig),
        putNew('rig', { ...rig, rigId: 'r-0000aaaa' }),
        putNew('agent', agent),
        putNew('identity', identity),
        putNew('report', report),
        putNew('slot', slot),
        putNew('train', train),
        putNew('bead', bead),
        putNew('lease', lease),
      ]);
    }
    const { townId } = mine.town;
    expect((await store.rigsOf(townId)).map(({ rigId }) => rigId)).toEqual(['r-0000aaaa', 'r-8d2k1m0p']);
    expect(await store.agentsOf(townId)).toEqual([mine.agent]);
    expect(await store.identitiesOf(townId)).toEqual([mine.identity]);
    expect(await store.reportsOf(townId)).toEqual([mine.report]);
    expect(await store.slotsOf(townId)).toEqual([mine.slot]);
    expect(await store.trainsOf(townId)).toEqual([mine.train]);
  });
  it('reads what a pass needs of its town in one go, and nothing else', async () => {
    const store = aStore();
    const [mine, other] = [sampleItems(freshTown()), sampleItems(freshTown())];
    for (const { town, rig, agent, report, slot, train, lease, alarm, work, bead, ready, once, command } of [mine, other]) {
      const answer = { ...command, commandId: 'diff-1' };
      await store.commit([putNew('town', town), putNew('rig', rig), putNew('agent', agent), putNew('report', report)]);
      await store.commit([
        putNew('slot', slot),
        putNew('train', train),
        putNew('lease', lease),
        putNew('alarm', alarm),
        putNew('work', work),
      ]);
      await store.commit([
        putNew('bead', bead),
        putNew('ready', ready),
        putNew('once', once),
        putNew('command', command),
        putNew('command', answer),
      ]);
    }
    const { town, lease, alarm, rig, agent, report, slot, train, work, command } = mine;
    expect(await store.passOf(town.townId)).toEqual({
      town,
      lease,
      alarm,
      rigs: [rig],
      agents: [agent],
      reports: [report],
      slots: [slot],
      trains: [train],
      work: [work],
      commands: [command],
    });
    expect(await store.passOf(freshTown())).toEqual({ rigs: [], agents: [], reports: [], slots: [], trains: [], work: [], commands: [] });
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
    expect(await store.dependentsOf(townId, 'web-1aaa', 'tracks')).toEqual([second]);
    expect(await store.dependentsOf(townId, 'web-1aaa', 'track')).toEqual([]);
    await store.commit([{ put: 'dependency', item: { ...dependency, resolved: true }, when: { equals: { resolved: false } } }]);
    expect((await store.dependentsOf(townId, 'web-1aaa')).map(({ resolved }) => resolved)).toEqual([true, false]);
    await store.commit([{ remove: 'dependency', key: dependency, when: 'none' }]);
    expect(await store.dependenciesOf(townId, 'web-3kf9')).toEqual([]);
    expect(await store.dependentsOf(townId, 'web-1aaa')).toEqual([second]);
  });
  it('keeps ready entries, slots and marks out of the work list', async () => {
    const store = aStore();
    const { work, ready, slot, once, alarm } = sampleItems(freshTown());
    await store.commit([
      putNew('work', work),
      putNew('work', { ...work, kind: 'convoy', workId: 'toast' }),
      putNew('ready', ready),
      putNew('slot', slot),
      putNew('once', once),
      putNew('alarm', alarm),
    ]);
    expect((await store.workOf(work.townId)).map(({ kind, workId }) => [kind, workId])).toEqual([
      ['convoy', 'toast'],
      ['flight', 'web-3kf9'],
    ]);
  });
  it('reads the head of a ready queue by priority, then age', async () => {
    const store = aStore();
    const { ready } = sampleItems(freshTown());
    const orders = [
      '3#2026-11-21T09:00:00.000Z#web-low1',
      '0#2026-11-21T10:00:00.000Z#web-crit',
      '2#2026-11-21T10:00:00.000Z#web-mid2',
      '2#2026-11-21T09:00:00.000Z#web-mid1',
    ];
    await store.commit(orders.map((order) => putNew('ready', { ...ready, order, beadId: order.slice(-8) })));
    await store.commit([putNew('ready', { ...ready, queue: 'web-cvoy', order: '0#2026-11-21T08:00:00.000Z#web-else' })]);
    expect((await store.readyOf(ready.townId, ready.rigId, '-', 3)).map(({ beadId }) => beadId)).toEqual([
      'web-crit',
      'web-mid1',
      'web-mid2',
    ]);
    expect(await store.readyOf(ready.townId, ready.rigId, 'web-none', 3)).toEqual([]);
  });
  it('reads commands by id that are queued or not taken', async () => {
    const store = aStore();
    const { command } = sampleItems(freshTown());
    const done = { ...command, commandId: 'done', state: 'done' as const };
    await store.commit([
      putNew('command', command),
      putNew('command', done),
      putNew('command', { ...done, commandId: 'taken', tokenTaken: true }),
    ]);
    const found = await store.commandsOf(command.townId, ['taken', 'missing', 'done', command.commandId]);
    expect(found.map(({ commandId }) => commandId)).toEqual(['done', command.commandId]);
  });
  it('reads the sums of one day or of lives', async () => {
    const store = aStore();
    const { tally } = sampleItems(freshTown());
    const life = { ...tally, period: 'life' as const, scope: 'bead#web-3kf9' };
    await store.commit([putNew('tally', tally), putNew('tally', life), putNew('tally', { ...tally, period: '20261122' })]);
    expect(await store.talliesOf(tally.townId, '20261121')).toEqual([tally]);
    expect(await store.talliesOf(tally.townId, 'life')).toEqual([life]);
  });
  it('reads the formulas of one town by name, and formulas and personas of the registry', async () => {
    const store = aStore();
    const { formula, publishedFormula } = sampleItems(freshTown());
    const other = { ...formula, name: 'audit' };
    const published = { ...publishedFormula, name: `a-${publishedFormula.name}` };
    for (const item of [formula, other, { ...formula, townId: freshTown() }]) await store.commit([putNew('formula', item)]);
    for (const item of [publishedFormula, published]) await store.commit([putNew('publishedFormula', item)]);
    expect((await store.formulasOf(formula.townId, { limit: 10 })).items).toEqual([formula, other]);
    const first = await store.formulasOf(formula.townId, { limit: 1 });
    expect(first.items).toEqual([formula]);
    expect((await store.formulasOf(formula.townId, { limit: 1, cursor: first.cursor })).items).toEqual([other]);
    const names = (await store.publishedFormulas({ limit: 100 })).items.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith(publishedFormula.name))).toEqual([published.name, publishedFormula.name]);
    const { publishedPersona } = sampleItems(freshTown());
    await store.commit([putNew('publishedPersona', publishedPersona)]);
    expect((await store.publishedPersonas({ limit: 100 })).items).toContainEqual(publishedPersona);
  });
  it('reads the usage of one day', async () => {
    const store = aStore();
    const { usage } = sampleItems(freshTown());
    await store.commit([putNew('usage', usage), putNew('usage', { ...usage, day: '20261122', callId: 'call-2' })]);
    expect(await store.usageOf(usage.townId, '20261121')).toEqual([usage]);
  });
};

/** Reads a list to its end, page by page. */
const allPages = async <T>(
  read: (cursor: string | undefined) => Promise<{ items: readonly T[]; cursor?: string }>,
): Promise<{ pages: number; items: T[] }> => {
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

/** Seven events: every other one of a bead, the first four of an agent; and one of the agent alone. */
const eventsIn = async (store: Store, townId: string): Promise<string[]> => {
  const { event } = sampleItems(townId);
  const events = Array.from({ length: 7 }, (_, index) => ({
    ...event,
    eventId: ulidOf(index),
    beadId: index % 2 === 0 ? 'web-3kf9' : 'web-4ddd',
    ...(index < 4 ? { agentId: 'toast' } : { agentId: undefined }),
  }));
  await store.commit(events.map((item) => putNew('event', item)));
  const { beadId: _none, ...alone } = event;
  await store.commit([putNew('event', { ...alone, townId: townId, eventId: ulidOf(7), agentId: 'toast' })]);
  return [...events.map(({ eventId }) => eventId), ulidOf(7)];
};

export const pagedLists = (aStore: () => Store): void => {
  it('pages the feed in both directions without an empty last page', async () => {
    const store = aStore();
    const townId = freshTown();
    const ids = await eventsIn(store, townId);
    const oldest = await allPages((cursor) => store.eventsOf(townId, {}, { limit: 3, cursor }));
    expect([oldest.pages, oldest.items.map(({ eventId }) => eventId)]).toEqual([3, ids]);
    const newest = await allPages((cursor) => store.eventsOf(townId, { newestFirst: true }, { limit: 8, cursor }));
    expect([newest.pages, newest.items.map(({ eventId }) => eventId)]).toEqual([1, ids.toReversed()]);
  });
  it('reads the feed behind an event, also one that is not there', async () => {
    const store = aStore();
    const townId = freshTown();
    const ids = await eventsIn(store, townId);
    const idsAfter = async (after: string, newestFirst: boolean): Promise<string[]> =>
      (await allPages((cursor) => store.eventsOf(townId, { after, newestFirst }, { limit: 2, cursor }))).items.map(
        ({ eventId }) => eventId,
      );
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
    await expect.poll(() => read({ agentId: 'toast' }), soon).toEqual([ids[7]]);
    await expect.poll(() => read({ beadId: 'web-3kf9', after: ulidOf(2) }), soon).toEqual([4, 6].map((index) => ids[index]));
    await expect.poll(() => read({ agentId: 'toast', beadId: 'web-4ddd' }), soon).toEqual([1, 3].map((index) => ids[index]));
  });
  it('lists beads of a status, newest change of status first, and follows it', async () => {
    const store = aStore();
    const { bead } = sampleItems(freshTown());
    const { townId } = bead;
    const beads = Array.from({ length: 5 }, (_, index) => ({
      ...bead,
      beadId: `web-${1000 + index}`,
      statusAt: `2026-11-21T10:00:0${index}.000Z`,
    }));
    await store.commit(beads.map((item) => putNew('bead', item)));
    const list = async (status: 'open' | 'in_progress'): Promise<string[]> =>
      (await allPages((cursor) => store.beadsBy({ townId, type: 'issue', status }, { limit: 2, cursor }))).items.map(
        ({ beadId }) => beadId,
      );
    await expect.poll(() => list('open'), soon).toEqual(['web-1004', 'web-1003', 'web-1002', 'web-1001', 'web-1000']);
    const put = { ...bead, beadId: 'web-0900', updatedAt: later };
    await store.commit([putNew('bead', { ...put, archivedAt: later })]);
    const away = (archived: boolean) => store.beadsBy({ townId, type: 'issue', status: 'open', archived }, { limit: 20 });
    await expect.poll(async () => (await away(true)).items.map(({ beadId }) => beadId), soon).toEqual(['web-0900']);
    expect((await away(false)).items.map(({ beadId }) => beadId)).not.toContain('web-0900');
    await store.commit([
      {
        put: 'bead',
        item: { ...bead, beadId: 'web-1003', status: 'in_progress', version: 2, statusAt: later },
        when: { equals: { version: 1 } },
      },
    ]);
    await store.commit([
      {
        put: 'bead',
        item: { ...bead, beadId: 'web-1000', title: 'Changed', version: 2, statusAt: '2026-11-21T10:00:00.000Z', updatedAt: later },
        when: { equals: { version: 1 } },
      },
    ]);
    await expect.poll(() => list('open'), soon).toEqual(['web-1004', 'web-1002', 'web-1001', 'web-1000']);
    await expect.poll(() => list('in_progress'), soon).toEqual(['web-1003']);
  });
  it('lists towns of an owner and connections of a town, also more than a page', async () => {
    const store = aStore();
    const townId = freshTown();
    const { town, connection } = sampleItems(townId);
    const ownerId = `owner-${townId}`;
    const townIds = [freshTown(), freshTown(), freshTown()];
    await store.commit(townIds.map((id) => putNew('town', { ...town, townId: id, ownerId })));
    await expect
      .poll(async () => (await allPages((cursor) => store.townsOf(ownerId, { limit: 2, cursor }))).items.map((one) => one.townId), soon)
      .toEqual(townIds);
    // One after the other, as the audit reads them.
    const known = async () => (await allPages((cursor) => store.everyTown({ limit: 1, cursor }))).items.map((one) => one.townId);
    await expect.poll(async () => (await known()).filter((id) => townIds.includes(id)), soon).toEqual(townIds.toSorted());
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
    await store.commit(
      [
        [10, 1],
        [2, 3],
        [2, 2],
      ].map(([epoch = 0, count = 0]) =>
        putNew('sessionBatch', { ...sessionBatch, epoch, batchId: ulidOf(count), ...(epoch === 10 ? { beadId: 'web-4ddd' } : {}) }),
      ),
    );
    const session = await allPages((cursor) => store.sessionBatches(townId, 'toast', {}, { limit: 2, cursor }));
    expect(session.items.map(({ epoch, batchId }) => [epoch, batchId])).toEqual([
      [2, ulidOf(2)],
      [2, ulidOf(3)],
      [10, ulidOf(1)],
    ]);
    await expect
      .poll(
        async () => (await store.sessionBatches(townId, 'toast', { beadId: 'web-4ddd' }, { limit: 5 })).items.map(({ epoch }) => epoch),
        soon,
      )
      .toEqual([10]);
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

export const dueWork = (aStore: () => Store): void => {
  it('finds towns with overdue work and towns with work at all', async () => {
    const store = aStore();
    const [late, soonDue, never] = [freshTown(), freshTown(), freshTown()];
    for (const [townId, dueAtMs] of [
      [late, 999],
      [soonDue, 1_795_255_200_001],
    ] as const) {
      const { work } = sampleItems(townId);
      const due = { ...work, kind: 'convoy' as const, dueAtMs };
      await store.commit([putNew('work', due), putNew('work', { ...due, workId: 'web-late', dueAtMs: dueAtMs + 5_000 })]);
    }
    // The runtime's item stands for them.
    for (const kind of ['flight', 'merge'] as const) {
      const { work } = sampleItems(never);
      await store.commit([putNew('work', { ...work, kind, dueAtMs: 0 })]);
    }
    const mine = async (read: Promise<readonly string[]>): Promise<string[]> =>
      (await read).filter((townId) => [late, soonDue, never].includes(townId));
    await expect.poll(() => mine(store.overdueTowns(1_795_255_200_000)), soon).toEqual([late]);
    await expect.poll(() => mine(store.overdueTowns(1_795_255_200_001)), soon).toEqual([late, soonDue]);
    expect(await mine(store.overdueTowns(998))).toEqual([]);
    expect(await mine(store.everyTownWithWork())).toEqual([late, soonDue]);
  });
};
