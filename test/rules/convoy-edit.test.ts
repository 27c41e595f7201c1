// What people do with a convoy: edit its plan, drop members, land without them, end it.
import { expect, it } from 'vitest';
import { bodyOf, client } from '../api/call.ts';
import { racing } from '../beads/bead-town.ts';
import { rigId, townId } from './build.ts';
import { convoyWorld } from './convoy-world.ts';
import type { World } from './convoy-world.ts';

const chain = [{ title: 'Index' }, { title: 'Query', dependsOn: [0] }, { title: 'Docs' }];
const scene = async (body: object) => {
  const world = await convoyWorld();
  const view = await world.sling({ mergeMode: 'review-and-merge', tasks: chain, ...body });
  const call = client(world.ports);
  const params = { townId, beadId: view.convoy.beadId };
  const [index = '', query = '', docs = ''] = view.members.map((member) => member.bead.beadId);
  return { world, call, params, convoyId: view.convoy.beadId, index, query, docs };
};
const running = async (world: World): Promise<number> =>
  (await world.ports.store.beadsBy({ townId, type: 'issue', status: 'in_progress' }, { limit: 50 })).items.length;

it('lets a plan be renamed, ordered, merged in another way, and its beads exchanged before it starts', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({ staged: true });
  const extra = bodyOf('createBead', await call('createBead', { as: 'ada', params: { townId }, body: { rigId, title: 'Extra' } }));
  bodyOf('addConvoyBead', await call('addConvoyBead', { as: 'ada', params, body: { beadId: extra.beadId } }));
  bodyOf('removeConvoyBead', await call('removeConvoyBead', { as: 'ada', params: { ...params, memberId: index } }));
  const order = [docs, extra.beadId, query];
  const patched = bodyOf(
    'updateConvoy',
    await call('updateConvoy', { as: 'ada', params, body: { title: 'Better', mergeMode: 'review-then-land', memberIds: order } }),
  );
  expect(patched.members.map((member) => member.bead.beadId)).toEqual(order);
  expect(patched.convoy).toMatchObject({ title: 'Better', details: { mergeMode: 'review-then-land', totalBeads: 3, staged: true } });
  expect(patched.waves).toEqual([order]);
  expect(await world.bead(index)).toMatchObject({ held: true, details: {} });
  await world.pass();
  expect(await running(world)).toBe(0);
  bodyOf('startConvoy', await call('startConvoy', { as: 'ada', params }));
  await world.pass();
  expect(await running(world)).toBe(3);
  const late = await call('updateConvoy', { as: 'ada', params, body: { mergeMode: 'review-and-merge' } });
  expect(late.status).toBe(409);
  expect((await world.convoy(convoyId)).details.mergeMode).toBe('review-then-land');
});

it('takes no bead that waits for the convoy itself, also through others, also at the same moment', async () => {
  const { world, call, params, convoyId } = await scene({ staged: true });
  const sling = async (title: string, body: object = {}) =>
    bodyOf('sling', await call('sling', { as: 'ada', params: { townId }, body: { rigId, title, ...body } })).beadId;
  const add = (beadId: string, through = call) => through('addConvoyBead', { as: 'ada', params, body: { beadId } });
  const after = await sling('After', { dependsOn: [convoyId] });
  const later = await sling('Later', { dependsOn: [after] });
  const child = await sling('Child', { parentId: after });
  for (const beadId of [after, later, child]) {
    const answer = await add(beadId);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([409, expect.stringContaining(`${convoyId} `)]);
  }
  const both = await sling('Both');
  const faster = racing(world.ports, () =>
    call('addDependency', { as: 'ada', params: { townId, beadId: both }, body: { dependsOnId: convoyId } }),
  );
  expect((await add(both, client(faster))).status).toBe(409);
  const [member] = (await world.convoy(convoyId)).details.memberIds;
  const dependent = await call('addDependency', { as: 'ada', params: { townId, beadId: member ?? '' }, body: { dependsOnId: convoyId } });
  expect(dependent.status).toBe(409);
});

it('goes on without a failed member that is dropped, and frees what waited for it', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({});
  await world.pass();
  await world.failed(index);
  await world.merged(docs);
  await world.pass();
  bodyOf('removeConvoyBead', await call('removeConvoyBead', { as: 'ada', params: { ...params, memberId: index } }));
  await world.pass();
  expect((await world.bead(query)).status).toBe('in_progress');
  await world.merged(query);
  await world.pass();
  expect(await world.convoy(convoyId)).toMatchObject({ status: 'closed', details: { totalBeads: 2, closedBeads: 2, failedBeads: 0 } });
});

it('lands without failed members only when a person says so, and keeps them listed', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({});
  await world.pass();
  await world.failed(index);
  await world.merged(docs);
  await world.pass();
  expect((await call('landConvoy', { as: 'ada', params, body: {} })).status).toBe(409);
  expect((await world.convoy(convoyId)).status).toBe('open');
  bodyOf('landConvoy', await call('landConvoy', { as: 'ada', params, body: { withoutFailed: true } }));
  await world.pass();
  const { status, details } = await world.convoy(convoyId);
  expect(status).toBe('closed');
  expect(details.leftOutIds?.toSorted()).toEqual([index, query].toSorted());
  expect(details.memberIds).toEqual([index, query, docs]);
});

it('follows the successor of a failed member that is retried', async () => {
  const { world, call, params, convoyId, index } = await scene({});
  await world.pass();
  await world.failed(index);
  await world.pass();
  const heir = bodyOf('retryBead', await call('retryBead', { as: 'ada', params: { ...params, beadId: index }, body: {} }));
  await world.pass();
  const { details } = await world.convoy(convoyId);
  expect(details.memberIds).toContain(heir.beadId);
  expect(details).toMatchObject({ failedBeads: 0, totalBeads: 3 });
  expect((await world.bead(heir.beadId)).status).toBe('in_progress');
});

it('ends only when nothing runs, or gives its members up with it', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({});
  await world.pass();
  const refused = await call('closeConvoy', { as: 'ada', params, body: { reason: 'not needed' } });
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([409, expect.stringContaining('cancelMembers')]);
  bodyOf('closeConvoy', await call('closeConvoy', { as: 'ada', params, body: { reason: 'not needed', cancelMembers: true } }));
  await world.pass();
  const members = await Promise.all([index, query, docs].map(world.bead));
  expect(members.map((bead) => bead.status)).toEqual(['failed', 'failed', 'failed']);
  expect(await world.convoy(convoyId)).toMatchObject({ status: 'failed', failure: { code: 'cancelled', message: 'not needed' } });
  expect(await world.escalations()).toEqual([]);
});

it('gives its members up for the longest reason too', async () => {
  const { world, call, params, convoyId, index } = await scene({});
  await world.pass();
  const reason = 'x'.repeat(2000);
  bodyOf('closeConvoy', await call('closeConvoy', { as: 'ada', params, body: { reason, cancelMembers: true } }));
  await world.pass();
  expect((await world.bead(index)).failure?.message).toMatch(/^Its convoy \S+ was cancelled: x+$/);
  expect(await world.convoy(convoyId)).toMatchObject({ status: 'failed', failure: { message: reason } });
});

it('tries a landing again that was given up when a person asks for it', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({ mergeMode: 'review-then-land' });
  await world.pass();
  await world.merged(index);
  await world.merged(docs);
  await world.pass();
  await world.merged(query);
  await world.pass();
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { mergeRequestId = '' } = await world.landing(convoyId);
    await world.failed(mergeRequestId, 'landing_rework', 'Gates fail.');
    await world.pass();
    const { nextAt } = await world.landing(convoyId);
    if (nextAt !== undefined) world.ports.clock.set(Date.parse(nextAt));
    await world.pass();
  }
  expect((await world.landing(convoyId)).state).toBe('failed');
  const view = bodyOf('landConvoy', await call('landConvoy', { as: 'ada', params, body: {} }));
  expect(view.convoy.status).toBe('open');
  await world.pass();
  const { mergeRequestId = '', state } = await world.landing(convoyId);
  expect(state).toBe('landing');
  await world.merged(mergeRequestId);
  await world.pass();
  expect((await world.convoy(convoyId)).status).toBe('closed');
});

it('says of a bead and of its convoy what they wait for: the start, a failed member, the landing and its wait', async () => {
  const { world, call, params, convoyId, index, query, docs } = await scene({ mergeMode: 'review-then-land', staged: true });
  const why = async (beadId: string): Promise<string> =>
    bodyOf('beadExplain', await call('beadExplain', { as: 'ada', params: { ...params, beadId } })).sentence;
  expect(await why(docs)).toContain('is a plan; start it');
  expect(await why(convoyId)).toContain('nothing is given out before it is started');
  bodyOf('startConvoy', await call('startConvoy', { as: 'ada', params }));
  await world.pass();
  await world.merged(index);
  await world.pass();
  expect(await why(index)).toContain('That lands when all of its beads for this repository are in.');
  await world.merged(query);
  await world.failed(docs);
  await world.pass();
  expect(await why(convoyId)).toContain('so it does not land: retry, drop the bead, or land without it.');
  bodyOf('removeConvoyBead', await call('removeConvoyBead', { as: 'ada', params: { ...params, memberId: docs } }));
  await world.pass();
  const { mergeRequestId = '' } = await world.landing(convoyId);
  expect(await why(index)).toContain(`is landing by ${mergeRequestId}`);
  await world.failed(mergeRequestId, 'landing_conflict', 'It does not merge onto main: a.ts.');
  await world.pass();
  expect(await why(convoyId)).toContain('the next one comes in 30 s');
  expect(await why(index)).toContain('Landing attempt 1');
});
