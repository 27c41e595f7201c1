// When a bead may be worked: the rules of blocking types, of parents and children, and what is never ready.
import { describe, expect, it } from 'vitest';
import { isReady } from '../../functions/domain/bead-writes.ts';
import { effectOf } from '../../functions/domain/dependencies.ts';
import type { Action } from '../../functions/domain/plan/action.ts';
import { queueIsOpen } from '../../functions/domain/plan/dispatch.ts';
import { viewOf } from '../../functions/domain/plan/view.ts';
import { applyAction } from '../../functions/reconcile/apply/apply.ts';
import { bodyOf } from '../api/call.ts';
import { aConvoy, aSnapshot, anIssue, iso, nowMs, timings, work } from '../rules/build.ts';
import { beadTown, racing } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const sentenceOf = async (town: BeadTown, beadId: string): Promise<string> =>
  bodyOf('beadExplain', await town.on('beadExplain', beadId)).sentence;

describe('Ready = issue, open, not held, not archived, no open blocker, not in a staged convoy or an unfinished batch', () => {
  it.each([
    ['held', { held: true }],
    ['archived', { archivedAt: iso() }],
    ['blocked', { openBlockers: 1 }],
    ['being removed', { deletingAt: iso() }],
    ['under a blocked parent', { parentBlocked: true as const }],
    ['in progress', { status: 'in_progress' as const }],
    ['closed', { status: 'closed' as const }],
  ])('is not so for one that is %s', (_what, more) => {
    expect(isReady(anIssue('web-a001'))).toBe(true);
    expect(isReady(anIssue('web-a001', more))).toBe(false);
  });
  it('never opens the queue of a staged convoy or of an unfinished batch', () => {
    const open = (staged: boolean, pending: boolean): boolean => {
      const batch = pending ? [work('batch', 'hq-c001')] : [];
      const snapshot = aSnapshot({ beads: [aConvoy('hq-c001', ['web-a001'], staged)], work: batch });
      return queueIsOpen(viewOf(snapshot, nowMs, timings, true), 'hq-c001');
    };
    expect([open(false, false), open(true, false), open(false, true)]).toEqual([true, false, false]);
  });
});

describe('a blocker is resolved when it is closed, a conditional one when it failed', () => {
  it.each([
    ['blocks', 'open', 'stay'],
    ['blocks', 'in_review', 'stay'],
    ['blocks', 'closed', 'free'],
    ['blocks', 'failed', 'stay'],
    ['conditional-blocks', 'in_progress', 'stay'],
    ['conditional-blocks', 'closed', 'skip'],
    ['conditional-blocks', 'failed', 'free'],
  ] as const)('%s by a bead that is %s: %s', (type, status, effect) => {
    expect(effectOf({ type }, anIssue('web-a001', { status }))).toBe(effect);
  });
  it('a conditional dependent runs when its blocker failed, and closes as skipped when it succeeded', async () => {
    const town = await beadTown();
    const [bad, good] = [await town.sling('Bad'), await town.sling('Good')];
    const [after, instead] = [await town.sling('After bad'), await town.sling('Instead of good')];
    await town.depend(after.beadId, bad.beadId, { type: 'conditional-blocks' });
    await town.depend(instead.beadId, good.beadId, { type: 'conditional-blocks' });
    await town.fail(bad.beadId);
    await town.close(good.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([after.beadId]);
    expect((await town.bead(instead.beadId)).status).toBe('closed');
    const events = bodyOf('beadEvents', await town.on('beadEvents', instead.beadId)).items;
    expect(events.at(-1)).toMatchObject({ type: 'status_changed', new: 'closed', data: { reason: `Skipped: ${good.beadId} succeeded.` } });
    const late = await town.sling('Late');
    const answer = await town.depend(late.beadId, good.beadId, { type: 'conditional-blocks' });
    expect([answer.status, JSON.stringify(answer.body).includes('would never run')]).toEqual([409, true]);
    expect(bodyOf('addDependency', await town.depend(late.beadId, bad.beadId, { type: 'conditional-blocks' })).bead.openBlockers).toBe(0);
  });
  it('a failed blocker keeps its dependents blocked until the edge is removed', async () => {
    const town = await beadTown();
    const first = await town.sling('First');
    const second = await town.sling('Second', { dependsOn: [first.beadId] });
    await town.fail(first.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([]);
    expect(await sentenceOf(town, second.beadId)).toBe(`${first.beadId} "First" failed, so this cannot start.`);
    await town.on('removeDependency', second.beadId, { query: { dependsOnId: first.beadId } });
    expect(await town.ready()).toEqual([second.beadId]);
  });
  it('a convoy, too, frees who waits for it when it closes', async () => {
    const town = await beadTown();
    const batch = { title: 'Theme', rigId: town.rigId, parallel: true, tasks: [{ title: 'A' }] };
    const { convoy, members } = bodyOf(
      'slingBatch',
      await town.call('slingBatch', { as: 'ada', params: { townId: town.townId }, body: batch }),
    );
    const next = await town.sling('Next', { dependsOn: [convoy.beadId] });
    expect(await town.ready()).toEqual([]);
    await town.close(members[0]?.bead.beadId ?? '');
    await town.close(convoy.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([next.beadId]);
  });
});

describe('waits-for: all or any children', () => {
  const scene = async (gate?: 'all' | 'any') => {
    const town = await beadTown();
    const [parent, waiter] = [await town.sling('Spawner'), await town.sling('Waiter')];
    const children = [
      await town.sling('One', { parentId: parent.beadId }),
      await town.sling('Two', { parentId: parent.beadId }),
      await town.sling('Three', { parentId: parent.beadId }),
    ].map((bead) => bead.beadId);
    bodyOf(
      'addDependency',
      await town.depend(waiter.beadId, parent.beadId, { type: 'waits-for', ...(gate === undefined ? {} : { gate }) }),
    );
    const isWaiting = async (): Promise<boolean> => {
      await town.settle();
      return !(await town.ready()).includes(waiter.beadId);
    };
    return { town, parent: parent.beadId, waiter: waiter.beadId, children, isWaiting };
  };
  it('all: goes on when the last of them is closed, and says which are not', async () => {
    const { town, parent, waiter, children, isWaiting } = await scene();
    const [one = '', two = '', three = ''] = children;
    await town.close(one);
    await town.fail(two);
    expect(await isWaiting()).toBe(true);
    expect(await sentenceOf(town, waiter)).toBe(
      `Waits for all of the children of ${parent} "Spawner"; not closed: ${two} "Two" (failed), ${three} "Three" (open).`,
    );
    await town.close(three);
    expect(await isWaiting()).toBe(true);
    await town.on('removeDependency', waiter, { query: { dependsOnId: parent } });
    expect(await isWaiting()).toBe(false);
  });
  it('any: goes on with the first that is closed, whatever the parent does', async () => {
    const { town, children, isWaiting } = await scene('any');
    expect(await isWaiting()).toBe(true);
    await town.fail(children[0] ?? '');
    expect(await isWaiting()).toBe(true);
    await town.close(children[2] ?? '');
    expect(await isWaiting()).toBe(false);
  });
  it('is met at once when the children are closed already', async () => {
    const town = await beadTown();
    const [parent, waiter] = [await town.sling('Spawner'), await town.sling('Waiter')];
    const child = await town.sling('One', { parentId: parent.beadId });
    await town.close(child.beadId);
    await town.settle();
    await town.depend(waiter.beadId, parent.beadId, { type: 'waits-for' });
    await town.settle();
    expect(await town.ready()).toContain(waiter.beadId);
  });
  it('of a bead without children waits for the bead itself', async () => {
    const town = await beadTown();
    const [parent, waiter] = [await town.sling('Spawner'), await town.sling('Waiter')];
    await town.depend(waiter.beadId, parent.beadId, { type: 'waits-for' });
    await town.settle();
    expect(await town.ready()).toEqual([parent.beadId]);
    await town.close(parent.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([waiter.beadId]);
  });
  it('does not let a child wait for what waits for all children', async () => {
    const { town, parent, waiter, children } = await scene();
    const answer = await town.depend(children[0] ?? '', waiter);
    expect([answer.status, JSON.stringify(answer.body).includes('circle')]).toEqual([409, true]);
    const body = { rigId: town.rigId, title: 'Late', parentId: parent, dependsOn: [waiter] };
    expect((await town.call('sling', { as: 'ada', params: { townId: town.townId }, body })).status).toBe(409);
  });
});

describe('a blocked parent blocks its descendants, an open parent does not', () => {
  it('tells them down to the last, and frees them with it', async () => {
    const town = await beadTown();
    const [blocker, parent] = [await town.sling('Blocker'), await town.sling('Parent')];
    const child = await town.sling('Child', { parentId: parent.beadId });
    const grandchild = await town.sling('Grandchild', { parentId: child.beadId });
    expect((await town.ready()).length).toBe(4);
    await town.depend(parent.beadId, blocker.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([blocker.beadId]);
    expect(await sentenceOf(town, grandchild.beadId)).toBe(
      `Waits with its parent ${parent.beadId} "Parent", which waits for ${blocker.beadId} "Blocker" (open).`,
    );
    const late = await town.sling('Late', { parentId: child.beadId });
    expect(late.parentBlocked).toBe(true);
    await town.close(blocker.beadId);
    await town.settle();
    expect((await town.ready()).toSorted()).toEqual([parent, child, grandchild, late].map((bead) => bead.beadId).toSorted());
  });
  it('tells any number of children', async () => {
    const town = await beadTown();
    const [blocker, parent] = [await town.sling('Blocker'), await town.sling('Parent')];
    const children = 130;
    for (let index = 0; index < children; index += 1) await town.sling(`Child ${index}`, { parentId: parent.beadId });
    await town.depend(parent.beadId, blocker.beadId);
    await town.settle();
    expect(await town.ready()).toEqual([blocker.beadId]);
    await town.close(blocker.beadId);
    await town.settle();
    expect(await town.ready()).toHaveLength(children + 1);
  });
  it('refuses a parent that waits for its own child', async () => {
    const town = await beadTown();
    const parent = await town.sling('Parent');
    const child = await town.sling('Child', { parentId: parent.beadId });
    const answer = await town.depend(parent.beadId, child.beadId);
    expect([answer.status, JSON.stringify(answer.body).includes('circle')]).toEqual([409, true]);
    expect((await town.depend(parent.beadId, child.beadId, { type: 'parent-child' })).status).toBe(409);
  });
  it('looks at the parents again, strongly, when a bead is given out', async () => {
    const town = await beadTown();
    const [blocker, parent] = [await town.sling('Blocker'), await town.sling('Parent')];
    const child = await town.sling('Child', { parentId: parent.beadId });
    const dispatch: Action = {
      rule: 'B1',
      kind: 'dispatch',
      subject: child.beadId,
      sentence: '',
      beadId: child.beadId,
      rigId: town.rigId,
      agentId: 'toast',
      agentName: 'Toast',
      claim: { slotId: `${town.rigId}#1`, townSlotId: 'town#1' },
    };
    const blockParent = () => town.depend(parent.beadId, blocker.beadId);
    expect(await applyAction({ ports: racing(town.ports, blockParent), townId: town.townId }, dispatch)).toBe('lost');
    expect(await applyAction({ ports: town.ports, townId: town.townId }, dispatch)).toBe('done');
    expect(await town.bead(child.beadId)).toMatchObject({ status: 'open', parentBlocked: true });
    expect(await town.ready()).toEqual([blocker.beadId]);
  });
});
