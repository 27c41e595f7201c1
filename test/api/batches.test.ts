// A batch is one atomic act, however large it is and wherever its writer is killed.
import { expect, it } from 'vitest';
import { routes } from '../../functions/contracts/routes.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import type { Ports } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { loadSnapshot } from '../../functions/reconcile/snapshot.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aRig, aTown, otherRigId, rigId, townId } from '../rules/build.ts';
import { bodyOf, client } from './call.ts';

const most = 250;
const input = (tasks = most) =>
  routes.slingBatch.body.parse({
    title: 'Many',
    mergeMode: 'review-and-merge',
    tasks: Array.from({ length: tasks }, (_each, index) => ({
      title: `Task ${index}`,
      rigId: index % 2 === 0 ? rigId : otherRigId,
      dependsOn: index % 5 === 4 ? [index - 1, index - 2] : [],
    })),
  });

const scene = async () => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'rig', item: { ...aRig(otherRigId), prefix: 'api' }, when: 'none' },
  ]);
  return ports;
};
/** The same ports, whose process dies before the commit of this number (from 1). */
const dyingAt = (ports: Ports, last: number): Ports => {
  let commits = 0;
  return {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes) => {
        commits += 1;
        if (commits >= last) throw new Error('killed');
        return ports.store.commit(writes);
      },
    },
  };
};
const sling = (ports: Ports, tasks?: number) => slingBatch(ports, { townId, userId: 'ada', actor: 'user:ada', input: input(tasks) });
const itemsOf = async (ports: Ports) => ({
  work: (await ports.store.workOf(townId)).map((item) => item.kind).toSorted(),
  beads: (await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 500 })).items,
  convoys: (await ports.store.beadsBy({ townId, type: 'convoy', status: 'open' }, { limit: 500 })).items,
});

it('makes 250 beads with dependencies appear together in one last commit (domain.md, Convoy: batch creation is one atomic act)', async () => {
  const ports = await scene();
  const call = client(ports);
  const seen = new Set<number>();
  const store = { ...ports.store };
  const watching: Ports = {
    ...ports,
    store: {
      ...store,
      commit: async (writes) => {
        const listed = bodyOf('listBeads', await call('listBeads', { as: 'ada', params: { townId }, query: { limit: '100' } }));
        const snapshot = await loadSnapshot(ports, townId);
        seen.add(listed.items.length + (snapshot?.ready.length ?? 0) + (snapshot?.beads.length ?? 0));
        return store.commit(writes);
      },
    },
  };
  const view = await sling(watching);
  expect(view.members).toHaveLength(most);
  expect([...seen]).toEqual([0]);
  expect((await itemsOf(ports)).work).toEqual(['convoy', 'queue', 'queue']);
  const ready = await Promise.all([rigId, otherRigId].map((id) => ports.store.readyOf(townId, id, view.convoy.beadId, 500)));
  expect(ready.flat()).toHaveLength(200);
  expect(ready[0]?.slice(0, 3).map((entry) => entry.beadId)).toEqual([0, 2, 6].map((index) => view.members[index]?.bead.beadId));
});

it('leaves nothing behind when its writer is killed before any of its commits and C4 has removed it', async () => {
  for (let last = 1; ; last += 1) {
    const ports = await scene();
    const made = await sling(dyingAt(ports, last), 60).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'killed' });
      return undefined;
    });
    if (made !== undefined) {
      expect(last).toBeGreaterThan(4);
      return;
    }
    const ids = (await itemsOf(ports)).beads.map((bead) => bead.beadId);
    ports.clock.advance(ports.deployment.timings.pendingBatchMs);
    await reconcileTown(ports, townId);
    const left = await itemsOf(ports);
    expect(left).toEqual({ work: [], beads: [], convoys: [] });
    for (const beadId of ids) {
      expect(await ports.store.dependenciesOf(townId, beadId)).toEqual([]);
      expect(await ports.store.dependentsOf(townId, beadId)).toEqual([]);
    }
    for (const id of [rigId, otherRigId]) expect(await ports.store.readyOf(townId, id, '-', 10)).toEqual([]);
  }
});

it('leaves no ready entry behind, also when C4 itself is killed at any of its commits', async () => {
  for (let last = 2; ; last += 1) {
    const ports = await scene();
    await expect(sling(dyingAt(ports, 5), 60)).rejects.toThrow('killed');
    const [marker] = (await ports.store.workOf(townId)).filter((item) => item.kind === 'batch');
    ports.clock.advance(ports.deployment.timings.pendingBatchMs);
    const result = await reconcileTown(dyingAt(ports, last), townId).catch(() => undefined);
    const died = result === undefined || result.failed > 0;
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    expect(await itemsOf(ports)).toEqual({ work: [], beads: [], convoys: [] });
    for (const id of [rigId, otherRigId]) expect(await ports.store.readyOf(townId, id, marker?.workId ?? '', 500)).toEqual([]);
    if (!died) return;
  }
});

it('leaves nothing behind when another transaction keeps any commit of C4 back', async () => {
  for (let refused = 1; ; refused += 1) {
    const ports = await scene();
    await expect(sling(dyingAt(ports, 5), 60)).rejects.toThrow('killed');
    ports.clock.advance(ports.deployment.timings.pendingBatchMs);
    let commits = 0;
    const commit: typeof ports.store.commit = async (writes) => {
      commits += 1;
      return commits === refused ? { ok: false, failed: [] } : ports.store.commit(writes);
    };
    await reconcileTown({ ...ports, store: { ...ports.store, commit } }, townId);
    await reconcileTown(ports, townId);
    expect(await itemsOf(ports)).toEqual({ work: [], beads: [], convoys: [] });
    if (commits < refused) return;
  }
});

it('gives out nothing of a plan before it is started, and then all that is ready (domain.md, Convoy: staged)', async () => {
  const ports = await scene();
  const call = client(ports);
  const body = { ...input(6), staged: true };
  const plan = bodyOf('slingBatch', await call('slingBatch', { as: 'ada', params: { townId }, body }));
  expect(plan.sentence).toContain('plan of 6 beads');
  await reconcileTown(ports, townId);
  expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'in_progress' }, { limit: 50 })).items).toEqual([]);
  const params = { townId, beadId: plan.convoy.beadId };
  bodyOf('startConvoy', await call('startConvoy', { as: 'ada', params }));
  bodyOf('startConvoy', await call('startConvoy', { as: 'ada', params }));
  await reconcileTown(ports, townId);
  expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'in_progress' }, { limit: 50 })).items).toHaveLength(5);
  const events = (await ports.store.eventsOf(townId, {}, { limit: 50 })).items.filter((event) => event.type === 'convoy_started');
  expect(events.map((event) => event.old)).toEqual([undefined, 'staged']);
});

it('shows the members by waves', async () => {
  const ports = await scene();
  const view = await sling(ports, 6);
  const [one, two, three, four, five, six] = view.members.map((member) => member.bead.beadId);
  expect(view.waves).toEqual([[one, two, three, four, six], [five]]);
});

it('makes a large batch of the Mayor a plan, and starts a small one (settings.md: convoy.staged)', async () => {
  const ports = await scene();
  const staged = async (tasks: number): Promise<unknown> => {
    const view = await slingBatch(ports, { townId, userId: 'ada', actor: 'agent:mayor', input: input(tasks) });
    return view.convoy.details.type === 'convoy' && view.convoy.details.staged;
  };
  expect(await staged(9)).toBe(true);
  expect(await staged(8)).toBe(false);
});

it('refuses rigs that could only land as a whole one after the other in a circle', async () => {
  const ports = await scene();
  const answer = await client(ports)('slingBatch', {
    as: 'ada',
    params: { townId },
    body: {
      title: 'Circle',
      mergeMode: 'review-then-land',
      tasks: [
        { title: 'A', rigId },
        { title: 'B', rigId: otherRigId, dependsOn: [0] },
        { title: 'C', rigId, dependsOn: [1] },
      ],
    },
  });
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body)).toContain('landing of');
});
