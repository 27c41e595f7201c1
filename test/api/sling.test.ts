import { expect, it } from 'vitest';
import { z } from 'zod';
import type { CommitOutcome, Ports, Write } from '../../functions/ports.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import { routes } from '../../functions/contracts/routes.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const scene = async (change: (ports: FakePorts) => Ports = (ports) => ports) => {
  const base = fakePorts();
  const ports = change(base);
  const call = client(ports);
  const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId: town.townId };
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const sling = async (more: object = {}) =>
    bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId: rig.rigId, title: 'Add a badge', ...more } }));
  return { ports, call, params, townId: town.townId, rigId: rig.rigId, sling };
};

it('slings a bead that is ready at once', async () => {
  const { ports, townId, rigId, sling } = await scene();
  const bead = await sling({ body: 'On the start page.', priority: 'high' });
  expect(bead).toMatchObject({
    status: 'open',
    type: 'issue',
    rigId,
    openBlockers: 0,
    requestedBy: 'ada',
    createdBy: 'user:ada',
    priority: 'high',
    details: { kind: 'work' },
  });
  expect(bead.beadId).toMatch(/^web-/);
  expect((await ports.store.readyOf(townId, rigId, '-', 10)).map((entry) => entry.beadId)).toEqual([bead.beadId]);
  expect((await ports.store.workOf(townId)).map((work) => work.kind)).toEqual(['queue']);
  expect((await ports.store.eventsOf(townId, { beadId: bead.beadId }, { limit: 10 })).items.map((event) => event.type)).toEqual([
    'created',
  ]);
});

it('keeps a bead with an open blocker out of the queue, and not one whose blocker is closed', async () => {
  const { ports, call, params, townId, rigId, sling } = await scene();
  const first = await sling();
  const blocked = await sling({ dependsOn: [first.beadId] });
  expect(blocked.openBlockers).toBe(1);
  await call('closeBead', { as: 'ada', params: { ...params, beadId: first.beadId }, body: {} });
  const free = await sling({ dependsOn: [first.beadId] });
  expect(free.openBlockers).toBe(0);
  expect((await ports.store.readyOf(townId, rigId, '-', 10)).map((entry) => entry.beadId)).toEqual([free.beadId]);
  expect((await ports.store.dependentsOf(townId, first.beadId)).map((edge) => [edge.beadId, edge.resolved])).toEqual(
    expect.arrayContaining([
      [blocked.beadId, false],
      [free.beadId, true],
    ]),
  );
});

it('creates a bead held, and lets it be worked when it is released', async () => {
  const { ports, call, params, townId, rigId } = await scene();
  const bead = bodyOf('createBead', await call('createBead', { as: 'ada', params, body: { rigId, title: 'Later' } }));
  expect(bead.held).toBe(true);
  expect(await ports.store.readyOf(townId, rigId, '-', 10)).toEqual([]);
  const released = bodyOf(
    'updateBead',
    await call('updateBead', {
      as: 'ada',
      params: { ...params, beadId: bead.beadId },
      body: { held: false },
      headers: { 'If-Match': String(bead.version) },
    }),
  );
  expect(released.held).toBe(false);
  expect(await ports.store.readyOf(townId, rigId, '-', 10)).toHaveLength(1);
});

it('says what is wrong with a sling that cannot be done', async () => {
  const { call, params, rigId } = await scene();
  const detail = async (body: object) => {
    const answer = await call('sling', { as: 'ada', params, body: { rigId, title: 'x', ...body } });
    expect(answer.status).toBe(422);
    return JSON.stringify(answer.body);
  };
  expect(await detail({ rigId: 'r-nowhere1' })).toContain('no rig r-nowhere1');
  expect(await detail({ dependsOn: ['web-gone1'] })).toContain('web-gone1');
  expect(await detail({ labels: ['gt:no-code'] })).toContain('gt:');
});

it('slings once for one Idempotency-Key, also when both requests come at the same time', async () => {
  const { ports, call, params, townId, rigId } = await scene();
  const send = () => call('sling', { as: 'ada', params, body: { rigId, title: 'Once' }, headers: { 'idempotency-key': 'same' } });
  const answers = await Promise.all([send(), send(), send()]);
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 10 })).items).toHaveLength(1);
  expect(
    (await call('createBead', { as: 'ada', params, body: { rigId, title: 'Once' }, headers: { 'idempotency-key': 'same' } })).status,
  ).toBe(422);
});

it('takes a longer id when the first one is taken', async () => {
  const { ports, townId, sling } = await scene((base) => ({
    ...base,
    ids: { ...base.ids, base36: (length) => (length === 4 ? 'aaaa' : base.ids.base36(length)) },
  }));
  const one = await sling();
  const two = await sling();
  expect(one.beadId).toBe('web-aaaa');
  expect(two.beadId).not.toBe(one.beadId);
  expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 10 })).items).toHaveLength(2);
});

const chain = (rigId: string) => ({
  title: 'Search',
  rigId,
  tasks: [{ title: 'Index' }, { title: 'Query', dependsOn: [0] }, { title: 'Docs' }],
});

it('creates a convoy with its members, edges and progress in one act', async () => {
  const { ports, call, params, townId, rigId } = await scene();
  const view = bodyOf(
    'slingBatch',
    await call('slingBatch', { as: 'ada', params, body: chain(rigId), headers: { 'Idempotency-Key': 'b' } }),
  );
  const [index, query, docs] = view.members.map((member) => member.bead.beadId);
  expect(view.progress).toEqual({ total: 3, closed: 0, failed: 0 });
  expect(view.members.map((member) => member.dependsOn)).toEqual([[], [index], []]);
  expect(view.members.every((member) => member.bead.details.type === 'issue' && member.bead.details.convoyId === view.convoy.beadId)).toBe(
    true,
  );
  expect((await ports.store.readyOf(townId, rigId, view.convoy.beadId, 10)).map((entry) => entry.beadId)).toEqual(
    expect.arrayContaining([index, docs]),
  );
  expect((await ports.store.dependenciesOf(townId, view.convoy.beadId)).map((edge) => edge.type)).toEqual(['tracks', 'tracks', 'tracks']);
  expect(bodyOf('getBead', await call('getBead', { as: 'ada', params: { ...params, beadId: query ?? '' } })).bead.openBlockers).toBe(1);
  const again = bodyOf(
    'slingBatch',
    await call('slingBatch', { as: 'ada', params, body: chain(rigId), headers: { 'Idempotency-Key': 'b' } }),
  );
  expect(again.convoy.beadId).toBe(view.convoy.beadId);
  expect(bodyOf('listConvoys', await call('listConvoys', { as: 'ada', params })).items).toHaveLength(1);
});

it.each([
  [
    'a circle, spelled out',
    {
      tasks: [
        { title: 'A', dependsOn: [1] },
        { title: 'B', dependsOn: [0] },
      ],
    },
    '0 "A" → 1 "B" → 0 "A"',
  ],
  ['a task that waits for itself', { tasks: [{ title: 'A', dependsOn: [0] }] }, '0 "A" → 0 "A"'],
  ['several tasks without order and without parallel', { tasks: [{ title: 'A' }, { title: 'B' }] }, 'parallel: true'],
  ['an index that does not exist', { tasks: [{ title: 'A', dependsOn: [7] }] }, 'depends on task 7'],
  ['an unknown rig', { rigId: 'r-nowhere1', tasks: [{ title: 'A' }] }, 'no rig r-nowhere1'],
])('refuses %s', async (_what, more, sentence) => {
  const { ports, call, params, rigId } = await scene();
  const answer = await call('slingBatch', { as: 'ada', params, body: { title: 'Batch', rigId, ...more } });
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body).replaceAll(String.raw`\"`, '"')).toContain(sentence);
  expect(await ports.store.workOf(params.townId)).toEqual([]);
});

const big = (rigId: string) =>
  routes.slingBatch.body.parse({
    title: 'Many',
    rigId,
    tasks: Array.from({ length: 40 }, (_each, index) => ({ title: `Task ${index}`, dependsOn: index === 0 ? [] : [index - 1] })),
  });

it('creates a batch that fits no transaction behind its work item, hidden until it is whole', async () => {
  const seen: { beads: number; ready: number }[] = [];
  const { ports, call, params, townId, rigId } = await scene();
  const watching: Ports = {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes) => {
        const listed = bodyOf('listBeads', await call('listBeads', { as: 'ada', params, query: { limit: '100' } }));
        seen.push({ beads: listed.items.length, ready: (await ports.store.readyOf(townId, rigId, '-', 10)).length });
        return ports.store.commit(writes);
      },
    },
  };
  const view = await slingBatch(watching, { townId, userId: 'ada', actor: 'user:ada', input: big(rigId) });
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.every(({ beads, ready }) => beads === 0 && ready === 0)).toBe(true);
  expect(view.members).toHaveLength(40);
  expect(view.members.map((member) => member.bead.title)).toEqual(Array.from({ length: 40 }, (_each, index) => `Task ${index}`));
  expect((await ports.store.workOf(townId)).map((work) => work.kind).toSorted()).toEqual(['convoy', 'queue']);
  expect(bodyOf('listBeads', await call('listBeads', { as: 'ada', params, query: { limit: '100' } })).items).toHaveLength(40);
});

it('leaves a killed batch hidden behind its work item with the ids of its members', async () => {
  const { ports, call, params, townId, rigId } = await scene();
  let commits = 0;
  const killed: Ports = {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes: readonly Write[]) => {
        commits += 1;
        if (commits > 2) throw new Error('killed');
        return ports.store.commit(writes);
      },
    },
  };
  await expect(slingBatch(killed, { townId, userId: 'ada', actor: 'user:ada', input: big(rigId), idempotencyKey: 'k' })).rejects.toThrow(
    'killed',
  );
  const [batch] = await ports.store.workOf(townId);
  expect(batch?.kind).toBe('batch');
  expect(batch?.dueAtMs).toBe(ports.clock.nowMs() + ports.deployment.timings.pendingBatchMs);
  const ids: unknown = JSON.parse(batch?.data ?? '');
  expect(ids).toHaveLength(40);
  expect(bodyOf('listBeads', await call('listBeads', { as: 'ada', params })).items).toEqual([]);
  const [written] = (await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 1 })).items;
  expect(ids).toContain(written?.beadId);
  expect((await call('getBead', { as: 'ada', params: { ...params, beadId: written?.beadId ?? '' } })).status).toBe(404);
  const retried = await slingBatch(ports, { townId, userId: 'ada', actor: 'user:ada', input: big(rigId), idempotencyKey: 'k' });
  expect(retried.members).toHaveLength(40);
});

it('leaves only what it wrote behind when a step of a large batch is refused, and makes the batch anew', async () => {
  const { ports, townId, rigId } = await scene();
  let refused = 0;
  const commit = async (writes: readonly Write[]): Promise<CommitOutcome> => {
    const isLast = writes.some((write) => 'remove' in write && write.remove === 'work');
    if (!isLast || refused > 0) return ports.store.commit(writes);
    refused += 1;
    return { ok: false, failed: [] };
  };
  const racing: Ports = { ...ports, store: { ...ports.store, commit } };
  const view = await slingBatch(racing, { townId, userId: 'ada', actor: 'user:ada', input: big(rigId) });
  expect(view.members).toHaveLength(40);
  const [left] = (await ports.store.workOf(townId)).filter((work) => work.kind === 'batch');
  expect(left?.dueAtMs).toBe(ports.clock.nowMs());
  const ids = z.array(z.string()).parse(JSON.parse(left?.data ?? ''));
  expect(ids).toHaveLength(40);
  expect(ids.some((id) => view.members.some((member) => member.bead.beadId === id))).toBe(false);
});

it('does not begin a large batch with an id that is in use: what rule C4 removes must be its own', async () => {
  const { ports, townId, rigId, sling } = await scene();
  const other = await sling();
  const taken = other.beadId.replace('web-', '');
  const forced: Ports = {
    ...ports,
    ids: { ...ports.ids, base36: (length) => (length === taken.length && !tried.has('first') ? first() : ports.ids.base36(length)) },
  };
  const tried = new Set<string>();
  const first = (): string => {
    tried.add('first');
    return taken;
  };
  const begun: string[] = [];
  const commit = async (writes: readonly Write[]): Promise<CommitOutcome> => {
    begun.push(
      ...writes.flatMap((write) => ('put' in write && write.put === 'work' && write.item.kind === 'batch' ? [write.item.data ?? ''] : [])),
    );
    return ports.store.commit(writes);
  };
  await slingBatch({ ...forced, store: { ...ports.store, commit } }, { townId, userId: 'ada', actor: 'user:ada', input: big(rigId) });
  expect(tried.size).toBe(1);
  expect(begun.join('')).not.toContain(other.beadId);
  expect(await ports.store.get('bead', { townId, beadId: other.beadId })).toEqual(other);
});
