// The same API on the real table: what conditions and conflicts of DynamoDB could change.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../functions/contracts/routes.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import type { Write } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aTestTable } from '../store/dynamodb.ts';
import type { TestTable } from '../store/dynamodb.ts';
import { bodyOf, client } from './call.ts';

let table: TestTable;
let ports: FakePorts;
beforeAll(async () => {
  table = await aTestTable();
  ports = fakePorts({ store: table.store });
});
afterAll(() => {
  table.client.destroy();
});

const scene = async () => {
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId };
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  return { call, params, townId, rigId: rig.rigId };
};

it('slings thirty beads at the same time, each once', async () => {
  const { call, params, townId, rigId } = await scene();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_each, index) =>
      call('sling', {
        as: 'ada',
        params,
        body: { rigId, title: `Task ${index % 15}` },
        headers: { 'Idempotency-Key': `key-${index % 15}` },
      }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 30 }, () => 201));
  expect(await table.store.readyOf(townId, rigId, '-', 100)).toHaveLength(15);
});

it('creates a batch of forty in one act', async () => {
  const { call, params, townId, rigId } = await scene();
  const tasks = Array.from({ length: 40 }, (_each, index) => ({ title: `Task ${index}`, dependsOn: index === 0 ? [] : [0] }));
  const view = bodyOf('slingBatch', await call('slingBatch', { as: 'ada', params, body: { title: 'Many', rigId, tasks } }));
  expect(view.members.filter((member) => member.dependsOn.length === 1)).toHaveLength(39);
  expect(await table.store.readyOf(townId, rigId, view.convoy.beadId, 100)).toHaveLength(1);
  expect((await table.store.workOf(townId)).map((work) => work.kind).toSorted()).toEqual(['convoy', 'queue']);
});

it('lists over all statuses in order of change, page by page', async () => {
  const { call, params, rigId } = await scene();
  for (let index = 0; index < 7; index += 1) {
    ports.clock.advance(10);
    const { beadId } = bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId, title: `${index}` } }));
    if (index % 2 === 0) await call('closeBead', { as: 'ada', params: { ...params, beadId }, body: {} });
  }
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const page = bodyOf(
      'listBeads',
      await call('listBeads', { as: 'ada', params, query: { limit: '3', ...(cursor === undefined ? {} : { cursor }) } }),
    );
    titles.push(...page.items.map((bead) => bead.title));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(titles).toEqual(['6', '5', '4', '3', '2', '1', '0']);
  expect((await call('listBeads', { as: 'ada', params, query: { cursor: 'WyJ4IiwieSJd' } })).status).toBe(400);
});

it('stores any metadata that it takes, and refuses the rest with 400', async () => {
  const { call, params, townId, rigId } = await scene();
  const nested = (open: string, close: string, levels: number): string => `{"a":${open.repeat(levels)}1${close.repeat(levels)}}`;
  const create = async (metadata: string) => {
    const body = `{"rigId":"${rigId}","title":"x","metadata":${metadata}}`;
    return { call: await call('createBead', { as: 'ada', params, body }), sling: await call('sling', { as: 'ada', params, body }) };
  };
  const taken = [
    nested('[', ']', 31),
    nested('{"a":', '}', 31),
    '{"a":{"":1}}',
    '{"a":1e308}',
    `{"a":${'9'.repeat(45)}}`,
    '{"a":1.2345678901234567e-140}',
    String.raw`{"a":{"b\u0001":1}}`,
  ];
  for (const metadata of taken) {
    const answers = await create(metadata);
    const expected: unknown = JSON.parse(metadata);
    expect(bodyOf('createBead', answers.call).metadata).toEqual(expected);
    const { beadId } = bodyOf('sling', answers.sling);
    expect((await table.store.get('bead', { townId, beadId }))?.metadata).toEqual(expected);
  }
  const refused = [nested('[', ']', 34), nested('[', ']', 60), '{"a":1e999}', String.raw`{"a\u0001":1}`, String.raw`{"a":{"\ud800":1}}`];
  for (const metadata of refused) {
    const answers = await create(metadata);
    expect([metadata, answers.call.status, answers.sling.status]).toEqual([metadata, 400, 400]);
  }
});

it('makes 250 beads appear together on the table, and nothing of a batch whose writer was killed stays', async () => {
  const { params, townId, rigId } = await scene();
  const input = routes.slingBatch.body.parse({
    title: 'Many',
    rigId,
    tasks: Array.from({ length: 250 }, (_each, index) => ({ title: `Task ${index}`, dependsOn: index % 2 === 1 ? [index - 1] : [] })),
  });
  let commits = 0;
  const killed = {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes: readonly Write[]) => {
        commits += 1;
        if (commits > 5) throw new Error('killed');
        return ports.store.commit(writes);
      },
    },
  };
  await expect(slingBatch(killed, { townId, userId: 'ada', actor: 'user:ada', input })).rejects.toThrow('killed');
  ports.clock.advance(ports.deployment.timings.pendingBatchMs);
  await reconcileTown(ports, townId);
  expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 500 })).items).toEqual([]);
  expect((await ports.store.workOf(townId)).filter((item) => item.kind === 'batch')).toEqual([]);
  const view = await slingBatch(ports, { townId, userId: 'ada', actor: 'user:ada', input });
  expect(view.members).toHaveLength(250);
  expect(await ports.store.readyOf(townId, rigId, view.convoy.beadId, 500)).toHaveLength(125);
  expect(params.townId).toBe(townId);
});

it('never closes a circle, although both edges of it are added at the same time', async () => {
  const { call, params, townId, rigId } = await scene();
  const beads: string[] = [];
  for (let index = 0; index < 12; index += 1)
    beads.push(bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId, title: `Task ${index}` } })).beadId);
  const depend = (from: number, to: number) =>
    call('addDependency', { as: 'ada', params: { ...params, beadId: beads[from] ?? '' }, body: { dependsOnId: beads[to] ?? '' } });
  for (let pair = 0; pair < 12; pair += 2) {
    const statuses = (await Promise.all([depend(pair, pair + 1), depend(pair + 1, pair)])).map((answer) => answer.status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 409]);
    const edges = await Promise.all([pair, pair + 1].map((index) => table.store.dependenciesOf(townId, beads[index] ?? '')));
    expect(edges.flat()).toHaveLength(1);
  }
});

it('keeps archived beads out of the lists of their status, and finds them apart', async () => {
  const { call, params, rigId } = await scene();
  const { beadId } = bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId, title: 'Old' } }));
  bodyOf('archiveBead', await call('archiveBead', { as: 'ada', params: { ...params, beadId }, body: {} }));
  const list = async (query: Record<string, string>) =>
    bodyOf('listBeads', await call('listBeads', { as: 'ada', params, query })).items.map((bead) => bead.beadId);
  await expect.poll(() => list({ archived: 'true' })).toEqual([beadId]);
  await expect.poll(() => list({})).toEqual([]);
});
