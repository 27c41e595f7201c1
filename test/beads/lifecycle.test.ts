// The life of a bead by hand: starting, changing fields, giving it to somebody else, comments, retrying what failed.
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../api/call.ts';
import { anAgent } from '../tools/town.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const eventsOf = async (town: BeadTown, beadId: string) => bodyOf('beadEvents', await town.on('beadEvents', beadId)).items;
const patch = (town: BeadTown, beadId: string, body: Record<string, unknown>) => town.on('updateBead', beadId, { body });

describe('status rules', () => {
  it('closed and failed are final (L83): every change is refused with what is allowed, and changes nothing', async () => {
    const town = await beadTown();
    const [closed, failed, other] = [await town.sling('Closed'), await town.sling('Failed'), await town.sling('Other')];
    await town.close(closed.beadId);
    await town.fail(failed.beadId);
    for (const { beadId } of [closed, failed]) {
      const before = await town.bead(beadId);
      const answers = [
        await patch(town, beadId, { title: 'New' }),
        await patch(town, beadId, { parentId: other.beadId }),
        await town.on('startBead', beadId, { body: {} }),
        await town.depend(beadId, other.beadId),
        before.status === 'closed' ? await town.fail(beadId) : await town.close(beadId),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([409, 409, 409, 409, 409]);
      for (const answer of answers) expect(answer.body).toHaveProperty('allowed');
      expect(await town.bead(beadId)).toEqual(before);
    }
  });
  it('failed always has a reason, and the same status again is a success without an event', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Doomed');
    expect((await town.on('failBead', beadId, { body: {} })).status).toBe(400);
    for (const reason of ['', ' ', '\n\t ', '\u00a0']) expect((await town.on('failBead', beadId, { body: { reason } })).status).toBe(400);
    const many = await town.call('bulkBeads', {
      as: 'ada',
      params: { townId: town.townId },
      body: { action: 'fail', ids: [beadId], reason: ' ' },
    });
    expect(many.status).toBe(400);
    await town.fail(beadId);
    const count = (await eventsOf(town, beadId)).length;
    expect((await town.fail(beadId)).status).toBe(200);
    expect(await eventsOf(town, beadId)).toHaveLength(count);
    expect((await town.bead(beadId)).failure).toMatchObject({ message: 'it did not work', source: 'user:ada' });
  });
  it('start lets a held bead be worked, once', async () => {
    const town = await beadTown();
    const made = await town.call('createBead', { as: 'ada', params: { townId: town.townId }, body: { rigId: town.rigId, title: 'Later' } });
    const { beadId } = bodyOf('createBead', made);
    expect(await town.ready()).toEqual([]);
    expect(bodyOf('startBead', await town.on('startBead', beadId, { body: {} })).held).toBe(false);
    expect(bodyOf('startBead', await town.on('startBead', beadId, { body: {} })).version).toBe(2);
    expect(await town.ready()).toEqual([beadId]);
  });
});

describe('fields', () => {
  it('changes labels, metadata and the issue type, keeps the labels of the server, and refuses new ones', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Docs', { kind: 'no-code', labels: ['old'] });
    const body = { labels: ['ui', 'gt:no-code', 'ui'], metadata: { ticket: { id: 'ABC-1' } }, issueType: 'chore' };
    const changed = bodyOf('updateBead', await patch(town, beadId, body));
    expect(changed).toMatchObject({ labels: ['ui', 'gt:no-code'], metadata: body.metadata, details: { issueType: 'chore' }, version: 2 });
    expect(bodyOf('updateBead', await patch(town, beadId, body)).version).toBe(2);
    expect(bodyOf('updateBead', await patch(town, beadId, { labels: [] })).labels).toEqual(['gt:no-code']);
    expect((await patch(town, beadId, { labels: ['gt:rework'] })).status).toBe(422);
    expect((await town.on('updateBead', beadId, { body: { title: 'x' }, headers: { 'If-Match': '1' } })).status).toBe(409);
  });
  it('moves a bead to another parent, with the edge, and out again', async () => {
    const town = await beadTown();
    const [one, two, child] = [await town.sling('One'), await town.sling('Two'), await town.sling('Child')];
    bodyOf('updateBead', await patch(town, child.beadId, { parentId: one.beadId }));
    const moved = bodyOf('updateBead', await patch(town, child.beadId, { parentId: two.beadId, title: 'Moved' }));
    expect(moved).toMatchObject({ parentId: two.beadId, title: 'Moved', version: 3 });
    expect((await town.edges(child.beadId)).map((edge) => edge.dependsOnId)).toEqual([two.beadId]);
    expect((await patch(town, two.beadId, { parentId: child.beadId })).status).toBe(409);
    expect(bodyOf('updateBead', await patch(town, child.beadId, { parentId: null })).parentId).toBeUndefined();
    expect(await town.edges(child.beadId)).toEqual([]);
  });
  it('gives a bead to somebody else: back in its queue under a preference, the worker free under a new epoch', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Busy');
    const toast = { ...anAgent({ hookBeadId: beadId, rigId: town.rigId, slot: `${town.rigId}#1` }), townId: town.townId };
    const maple = { ...toast, agentId: 'maple', name: 'Maple', state: 'idle' as const, hookBeadId: undefined, slot: undefined };
    await town.ports.store.commit([
      { put: 'agent', item: toast, when: 'none' },
      { put: 'agent', item: maple, when: 'none' },
    ]);
    await town.force(beadId, { status: 'in_progress', assigneeAgentId: 'toast', dispatchAttempts: 1 });
    expect((await patch(town, beadId, { assigneeAgentId: 'nobody' })).status).toBe(422);
    const given = bodyOf('updateBead', await patch(town, beadId, { assigneeAgentId: 'maple' }));
    expect(given).toMatchObject({ status: 'open', dispatchAttempts: 0, details: { preferAgentId: 'maple' } });
    expect(given.assigneeAgentId).toBeUndefined();
    expect(await town.ready()).toEqual([beadId]);
    expect(await town.ports.store.get('agent', { townId: town.townId, agentId: 'toast' })).toMatchObject({ state: 'idle', epoch: 5 });
    expect((await eventsOf(town, beadId)).at(-1)).toMatchObject({ type: 'assigned', old: 'in_progress', data: { wanted: 'maple' } });
    expect(bodyOf('updateBead', await patch(town, beadId, { assigneeAgentId: null })).details).not.toHaveProperty('preferAgentId');
  });
  it('takes comments on every bead, once per key, within a bound', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Talked about');
    await town.close(beadId);
    const comment = (text: string, key: string) => town.on('commentBead', beadId, { body: { text }, headers: { 'Idempotency-Key': key } });
    const first = bodyOf('commentBead', await comment('Well done', 'k1'));
    expect(bodyOf('commentBead', await comment('Well done', 'k1')).eventId).toBe(first.eventId);
    expect((await comment('Other', 'k1')).status).toBe(422);
    expect((await comment('x'.repeat(8193), 'k2')).status).toBe(400);
    expect((await eventsOf(town, beadId)).filter((event) => event.type === 'comment')).toMatchObject([{ data: { text: 'Well done' } }]);
  });
});

describe('retrying a failed bead', () => {
  it('makes one successor; the failed bead keeps everything but the link', async () => {
    const town = await beadTown();
    const blocker = await town.sling('Blocker');
    const old = await town.sling('Hard', { dependsOn: [blocker.beadId], labels: ['ui'], priority: 'high', body: 'Do it.' });
    expect((await town.on('retryBead', old.beadId, { body: {} })).status).toBe(409);
    await town.fail(old.beadId);
    const before = await town.bead(old.beadId);
    const heir = bodyOf('retryBead', await town.on('retryBead', old.beadId, { body: {} }));
    expect(bodyOf('retryBead', await town.on('retryBead', old.beadId, { body: {} })).beadId).toBe(heir.beadId);
    const { version: _v, updatedAt: _u, supersededBy, ...after } = await town.bead(old.beadId);
    expect(before).toMatchObject(after);
    expect(supersededBy).toBe(heir.beadId);
    expect(heir).toMatchObject({
      supersedes: old.beadId,
      title: 'Hard',
      labels: ['ui'],
      priority: 'high',
      body: 'Do it.',
      openBlockers: 1,
    });
    expect(heir.details).toMatchObject({ lastError: `${old.beadId} failed before: it did not work` });
    expect((await town.edges(heir.beadId)).map((edge) => `${edge.type} ${edge.dependsOnId}`).toSorted()).toEqual(
      [`blocks ${blocker.beadId}`, `supersedes ${old.beadId}`].toSorted(),
    );
    const { reasons } = bodyOf('beadExplain', await town.on('beadExplain', old.beadId));
    expect(reasons[0]).toMatchObject({ code: 'superseded', beadId: heir.beadId });
    const late = await town.sling('Late');
    expect((await town.depend(late.beadId, old.beadId)).body).toMatchObject({ allowed: [heir.beadId] });
  });
  it('dependents and convoys follow the successor, which frees them when it closes', async () => {
    const town = await beadTown();
    const tasks = [{ title: 'A' }, { title: 'B', dependsOn: [0] }];
    const batch = await town.call('slingBatch', {
      as: 'ada',
      params: { townId: town.townId },
      body: { title: 'Theme', rigId: town.rigId, tasks },
    });
    const { convoy, members } = bodyOf('slingBatch', batch);
    const [a = '', b = ''] = members.map((member) => member.bead.beadId);
    const outside = await town.sling('Outside', { dependsOn: [a] });
    await town.fail(a);
    await town.settle();
    const heir = bodyOf('retryBead', await town.on('retryBead', a, { body: {} }));
    await town.settle();
    const view = bodyOf('getConvoy', await town.on('getConvoy', convoy.beadId));
    expect(view.members.map((member) => member.bead.beadId)).toEqual([heir.beadId, b]);
    expect(view.convoy.details).toMatchObject({ failedBeads: 0, memberIds: [heir.beadId, b] });
    expect((await town.edges(convoy.beadId)).map((edge) => edge.dependsOnId).toSorted()).toEqual([heir.beadId, b].toSorted());
    await town.close(heir.beadId);
    await town.settle();
    expect((await town.bead(b)).openBlockers).toBe(0);
    expect(await town.ready()).toEqual([outside.beadId]);
    await town.close(b);
    await town.settle();
    expect((await town.bead(convoy.beadId)).status).toBe('closed');
  });
  it('moves any number of dependents and children, although it is killed after every commit, and although the successor closes first', async () => {
    const town = await beadTown();
    const old = await town.sling('Root');
    const waiting: string[] = [];
    for (let index = 0; index < 120; index += 1) waiting.push((await town.sling(`W ${index}`, { dependsOn: [old.beadId] })).beadId);
    const child = await town.sling('Child', { parentId: old.beadId });
    await town.fail(old.beadId);
    const heir = bodyOf('retryBead', await town.on('retryBead', old.beadId, { body: {} }));
    await town.depend(waiting[0] ?? '', heir.beadId);
    await town.close(heir.beadId);
    let commits = 0;
    const killed = {
      ...town.ports,
      store: {
        ...town.ports.store,
        commit: async (writes: Parameters<typeof town.ports.store.commit>[0]) => {
          commits += 1;
          if (commits % 2 === 0) return { ok: false as const, failed: [] };
          return town.ports.store.commit(writes);
        },
      },
    };
    for (let pass = 0; pass < 30; pass += 1) await town.settle(killed).catch(() => undefined);
    await town.settle();
    for (const beadId of waiting) expect((await town.bead(beadId)).openBlockers).toBe(0);
    expect(await town.ready()).toHaveLength(waiting.length + 1);
    expect((await town.bead(child.beadId)).parentId).toBe(heir.beadId);
    expect(await town.ports.store.dependentsOf(town.townId, old.beadId)).toMatchObject([{ type: 'supersedes' }]);
    expect((await town.ports.store.workOf(town.townId)).filter((item) => item.kind === 'follow')).toEqual([]);
  });
});
