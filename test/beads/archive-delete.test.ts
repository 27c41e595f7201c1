// Beads that are put away, removed, and dealt with many at a time.
import { describe, expect, it } from 'vitest';
import { newBead } from '../../functions/domain/new-bead.ts';
import { archiveClosed } from '../../functions/operations/archive.ts';
import { bodyOf } from '../api/call.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const listed = async (town: BeadTown, query: Record<string, string> = {}): Promise<string[]> =>
  bodyOf('listBeads', await town.call('listBeads', { as: 'ada', params: { townId: town.townId }, query })).items.map((bead) => bead.beadId);
const act = (town: BeadTown, id: 'archiveBead' | 'unarchiveBead', beadId: string) => town.on(id, beadId, { body: {} });
const bulk = async (town: BeadTown, body: Record<string, unknown>) =>
  bodyOf('bulkBeads', await town.call('bulkBeads', { as: 'ada', params: { townId: town.townId }, body })).items;
const convoyOf = async (town: BeadTown, titles: readonly string[]) => {
  const body = { title: 'Theme', rigId: town.rigId, parallel: true, tasks: titles.map((title) => ({ title })) };
  return bodyOf('slingBatch', await town.call('slingBatch', { as: 'ada', params: { townId: town.townId }, body }));
};

describe('the archive', () => {
  it('takes a bead out of the lists and the queue, keeps it readable, and gives it back', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Some day');
    expect(bodyOf('archiveBead', await act(town, 'archiveBead', beadId)).archivedAt).toBeDefined();
    bodyOf('archiveBead', await act(town, 'archiveBead', beadId));
    expect([await listed(town), await listed(town, { archived: 'true' }), await town.ready()]).toEqual([[], [beadId], []]);
    expect(bodyOf('getBead', await town.on('getBead', beadId)).bead.title).toBe('Some day');
    expect(bodyOf('beadExplain', await town.on('beadExplain', beadId)).reasons).toMatchObject([{ code: 'archived' }]);
    bodyOf('unarchiveBead', await act(town, 'unarchiveBead', beadId));
    expect([await listed(town), await listed(town, { archived: 'true' }), await town.ready()]).toEqual([[beadId], [], [beadId]]);
    const types = bodyOf('beadEvents', await town.on('beadEvents', beadId)).items.map((event) => event.type);
    expect(types).toEqual(['created', 'archived', 'unarchived']);
  });
  it('does not take what is being worked on', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Busy');
    await town.force(beadId, { status: 'in_progress' });
    expect(await act(town, 'archiveBead', beadId)).toMatchObject({ status: 409, body: { allowed: ['close', 'fail'] } });
  });
  it('takes a landed convoy with all its members, and gives them back', async () => {
    const town = await beadTown();
    const { convoy, members } = await convoyOf(
      town,
      Array.from({ length: 30 }, (_, index) => `Task ${index}`),
    );
    expect((await act(town, 'archiveBead', convoy.beadId)).status).toBe(409);
    for (const { bead } of members) await town.close(bead.beadId);
    await town.settle();
    bodyOf('archiveBead', await act(town, 'archiveBead', convoy.beadId));
    await town.settle();
    expect(await listed(town, { limit: '100' })).toEqual([]);
    expect(await listed(town, { archived: 'true', limit: '100' })).toHaveLength(30);
    bodyOf('unarchiveBead', await act(town, 'unarchiveBead', convoy.beadId));
    await town.settle();
    expect(await listed(town, { limit: '100' })).toHaveLength(30);
  });
  it('takes everything that is closed, in steps, and leaves what failed, is open, or was closed later', async () => {
    const town = await beadTown();
    const closed: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      closed.push((await town.sling(`Old ${index}`)).beadId);
      await town.close(closed[index] ?? '');
    }
    const [open, failed, late] = [await town.sling('Open'), await town.sling('Failed'), await town.sling('Late')];
    await town.fail(failed.beadId);
    await town.call('archiveClosed', { as: 'ada', params: { townId: town.townId }, body: {} });
    town.ports.clock.advance(1000);
    await town.close(late.beadId);
    await town.settle();
    expect((await listed(town, { limit: '100' })).toSorted()).toEqual([open, failed, late].map((bead) => bead.beadId).toSorted());
    expect(await listed(town, { archived: 'true', limit: '100' })).toHaveLength(60);
    expect((await town.ports.store.workOf(town.townId)).filter((item) => item.kind === 'archive')).toEqual([]);
  });
});

describe('archiving everything that is closed', () => {
  it('says that it has begun only when it has', async () => {
    const town = await beadTown();
    let refusals = 2;
    const commit: typeof town.ports.store.commit = async (writes) =>
      (refusals -= 1) < 0 ? town.ports.store.commit(writes) : { ok: false, failed: [] };
    const ports = { ...town.ports, store: { ...town.ports.store, commit } };
    const tasks = async () => (await town.ports.store.workOf(town.townId)).filter((item) => item.kind === 'archive').length;
    const request = { townId: town.townId, actor: 'user:ada' } as const;
    expect(await archiveClosed(ports, request)).toEqual({ started: true });
    expect(await tasks()).toBe(1);
    refusals = Infinity;
    await expect(archiveClosed(ports, request)).rejects.toThrow('The archive kept changing');
  });
});

/** Everything stored that names the bead, beside events. */
const leftOf = async (town: BeadTown, beadId: string): Promise<unknown[]> => {
  const { store } = town.ports;
  return [
    ...[await store.get('bead', town.at(beadId))].filter((bead) => bead !== undefined),
    ...(await store.dependenciesOf(town.townId, beadId)),
    ...(await store.dependentsOf(town.townId, beadId)),
    ...(await store.workOf(town.townId)).filter((item) => item.workId === beadId),
    ...(await town.ready()).filter((id) => id === beadId),
  ];
};
const remove = (town: BeadTown, beadId: string, query: Record<string, string> = {}) => town.on('deleteBead', beadId, { query });

describe('deleting a bead', () => {
  it('hides it at once with its children, frees who waited for it, and leaves nothing', async () => {
    const town = await beadTown();
    const [root, blocker] = [await town.sling('Root'), await town.sling('Blocker')];
    const child = await town.sling('Child', { parentId: root.beadId });
    const grandchild = await town.sling('Grandchild', { parentId: child.beadId, dependsOn: [blocker.beadId] });
    const waiting = await town.sling('Waiting', { dependsOn: [root.beadId, child.beadId] });
    await town.depend(root.beadId, blocker.beadId);
    await town.depend(waiting.beadId, grandchild.beadId, { type: 'related' });
    expect(bodyOf('deleteBead', await remove(town, root.beadId))).toEqual({ deleting: root.beadId, beads: 3 });
    expect((await town.on('getBead', root.beadId)).status).toBe(404);
    expect(await listed(town)).not.toContain(root.beadId);
    expect((await town.depend(waiting.beadId, root.beadId, { type: 'waits-for' })).status).toBe(422);
    expect((await remove(town, root.beadId)).status).toBe(202);
    await town.settle();
    for (const { beadId } of [root, child, grandchild]) expect(await leftOf(town, beadId)).toEqual([]);
    expect(await town.bead(waiting.beadId)).toMatchObject({ openBlockers: 0 });
    expect((await town.ready()).toSorted()).toEqual([blocker.beadId, waiting.beadId].toSorted());
    expect((await remove(town, root.beadId)).status).toBe(404);
    const feed = bodyOf(
      'listEvents',
      await town.call('listEvents', { as: 'ada', params: { townId: town.townId }, query: { limit: '100' } }),
    );
    expect(feed.items.filter((event) => event.type === 'deleted').map((event) => event.beadId)).toHaveLength(3);
  });
  it('is refused for live work, also below, and done with force: the merge request is withdrawn and goes too', async () => {
    const town = await beadTown();
    const root = await town.sling('Root');
    const child = await town.sling('Child', { parentId: root.beadId });
    const request = newBead(
      {
        townId: town.townId,
        beadId: 'web-mrq1',
        title: 'Merge it',
        requestedBy: 'ada',
        createdBy: 'agent:toast',
        at: child.createdAt,
        details: {
          type: 'merge_request',
          stage: 'new',
          sourceBeadId: child.beadId,
          branch: 'gt/toast/x',
          targetBranch: 'main',
          headSha: 'b'.repeat(40),
          attempt: 1,
          gates: [],
          reworkRounds: 0,
          conflictRounds: 0,
          commits: [],
        },
      },
      { rigId: town.rigId },
    );
    await town.ports.store.commit([{ put: 'bead', item: request, when: 'none' }]);
    if (child.details.type !== 'issue') throw new Error('no issue');
    await town.force(child.beadId, { status: 'in_review', details: { ...child.details, latestMergeRequestId: 'web-mrq1' } });
    const refused = await remove(town, root.beadId);
    expect(refused).toMatchObject({ status: 409, body: { allowed: ['force'] } });
    expect(JSON.stringify(refused.body)).toContain(`${child.beadId} \\"Child\\" (in review)`);
    expect((await remove(town, 'web-mrq1')).status).toBe(422);
    bodyOf('deleteBead', await remove(town, root.beadId, { force: 'true' }));
    await town.settle();
    for (const beadId of [root.beadId, child.beadId, 'web-mrq1']) expect(await leftOf(town, beadId)).toEqual([]);
  });
  it('takes a member out of its convoy, which then counts one less', async () => {
    const town = await beadTown();
    const { convoy, members } = await convoyOf(town, ['A', 'B']);
    const [a = '', b = ''] = members.map((member) => member.bead.beadId);
    await town.close(a);
    await town.settle();
    bodyOf('deleteBead', await remove(town, b));
    await town.settle();
    expect(await town.bead(convoy.beadId)).toMatchObject({ status: 'closed', details: { memberIds: [a], totalBeads: 1 } });
    expect(await leftOf(town, b)).toEqual([]);
  });
  it('goes on after a kill at every commit, for any number of children and dependents', async () => {
    const town = await beadTown();
    const root = await town.sling('Root');
    const ids: string[] = [];
    for (let index = 0; index < 110; index += 1) ids.push((await town.sling(`Child ${index}`, { parentId: root.beadId })).beadId);
    const waiting: string[] = [];
    for (let index = 0; index < 110; index += 1) waiting.push((await town.sling(`W ${index}`, { dependsOn: [root.beadId] })).beadId);
    bodyOf('deleteBead', await remove(town, root.beadId));
    let commits = 0;
    const killed = {
      ...town.ports,
      store: {
        ...town.ports.store,
        commit: async (writes: Parameters<typeof town.ports.store.commit>[0]) => {
          commits += 1;
          if (commits % 3 === 0) return { ok: false as const, failed: [] };
          return town.ports.store.commit(writes);
        },
      },
    };
    for (let pass = 0; pass < 10; pass += 1) await town.settle(killed).catch(() => undefined);
    await town.settle();
    for (const beadId of [root.beadId, ...ids]) expect(await leftOf(town, beadId)).toEqual([]);
    for (const beadId of waiting) expect((await town.bead(beadId)).openBlockers).toBe(0);
  });
});

describe('many beads at a time', () => {
  it('answers for each by itself, and the same call again does no more', async () => {
    const town = await beadTown();
    const [one, two, three] = [await town.sling('One'), await town.sling('Two'), await town.sling('Three')];
    await town.force(three.beadId, { status: 'in_progress' });
    const ids = [one.beadId, two.beadId, three.beadId, 'web-none', one.beadId];
    const answers = await bulk(town, { action: 'archive', ids });
    expect(answers.map((answer) => [answer.beadId, answer.ok])).toEqual([
      [one.beadId, true],
      [two.beadId, true],
      [three.beadId, false],
      ['web-none', false],
    ]);
    expect(answers[2]).toMatchObject({ allowed: ['close', 'fail'] });
    const before = await town.bead(one.beadId);
    expect(await bulk(town, { action: 'archive', ids })).toEqual(answers);
    expect(await town.bead(one.beadId)).toEqual(before);
  });
  it('closes, fails, holds, releases, orders, labels, retries and deletes', async () => {
    const town = await beadTown();
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) ids.push((await town.sling(`Bead ${index}`)).beadId);
    const fine = async (body: Record<string, unknown>): Promise<void> => {
      expect((await bulk(town, body)).filter((answer) => !answer.ok)).toEqual([]);
    };
    await fine({ action: 'hold', ids });
    expect(await town.ready()).toEqual([]);
    await fine({ action: 'release', ids });
    expect(await town.ready()).toHaveLength(7);
    await fine({ action: 'priority', ids, priority: 'critical' });
    await fine({ action: 'add-label', ids, label: 'sprint' });
    await fine({ action: 'add-label', ids, label: 'ui' });
    await fine({ action: 'remove-label', ids, label: 'sprint' });
    expect(await town.bead(ids[0] ?? '')).toMatchObject({ priority: 'critical', labels: ['ui'] });
    await fine({ action: 'close', ids: ids.slice(0, 2) });
    await fine({ action: 'fail', ids: ids.slice(2, 4), reason: 'not wanted' });
    const [retried] = await bulk(town, { action: 'retry', ids: ids.slice(2, 3) });
    expect((await town.bead(retried?.successorId ?? '')).supersedes).toBe(ids[2]);
    await fine({ action: 'delete', ids: ids.slice(4) });
    await town.settle();
    await fine({ action: 'delete', ids: ids.slice(4) });
    expect(await listed(town)).toHaveLength(5);
    expect((await bulk(town, { action: 'add-label', ids: [ids[3] ?? ''], label: 'x' }))[0]).toMatchObject({ ok: false, allowed: [] });
    const refused = [
      { action: 'fail', ids },
      { action: 'close', ids: [] },
      { action: 'explode', ids },
    ];
    for (const body of refused)
      expect((await town.call('bulkBeads', { as: 'ada', params: { townId: town.townId }, body })).status).toBe(400);
  });
});
