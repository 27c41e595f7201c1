// Rules C1 to C3: how a convoy goes on, lands, and asks people.
import { describe, expect, it } from 'vitest';
import { slingOne } from '../../functions/operations/sling.ts';
import { otherRigId, rigId, townId } from './build.ts';
import { convoyWorld } from './convoy-world.ts';
import type { World } from './convoy-world.ts';

const together = { mergeMode: 'review-then-land' };
const chain = [{ title: 'Index' }, { title: 'Query', dependsOn: [0] }];
const idsOf = (view: Awaited<ReturnType<World['sling']>>): string[] => view.members.map((member) => member.bead.beadId);
const after = async (world: World, beadId: string) =>
  slingOne(world.ports, {
    townId,
    userId: 'ada',
    actor: 'user:ada',
    input: {
      rigId,
      title: 'Later',
      body: '',
      kind: 'work',
      issueType: 'task',
      labels: [],
      metadata: {},
      dependsOn: [beadId],
      priority: 'medium',
    },
  });

describe('C1: progress', () => {
  it('counts closed members on every close and lands when all are in (L95: feed on every close)', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ mergeMode: 'review-and-merge', tasks: chain });
    const [index = '', query = ''] = idsOf(view);
    await world.pass();
    expect((await world.bead(query)).status).toBe('open');
    await world.merged(index);
    await world.pass();
    expect(await world.convoy(view.convoy.beadId)).toMatchObject({ status: 'open', details: { closedBeads: 1, totalBeads: 2 } });
    expect((await world.bead(query)).status).toBe('in_progress');
    await world.merged(query);
    await world.pass();
    const landed = await world.convoy(view.convoy.beadId);
    expect(landed).toMatchObject({ status: 'closed', details: { closedBeads: 2 } });
    expect(landed.details.landedAt).toBeDefined();
  });

  it('does not count failed members as done: the convoy asks people once and does not land', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ mergeMode: 'review-and-merge', parallel: true, tasks: [{ title: 'A' }, { title: 'B' }] });
    const [one = '', two = ''] = idsOf(view);
    await world.pass();
    await world.merged(one);
    await world.failed(two);
    await world.pass();
    await world.pass();
    expect(await world.convoy(view.convoy.beadId)).toMatchObject({ status: 'open', details: { closedBeads: 1, failedBeads: 1 } });
    expect(await world.escalations()).toEqual(['Search all cannot land: 1 of 2 beads failed']);
  });

  it('recounts from the members themselves, so that a lost or repeated item changes nothing (L17)', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ mergeMode: 'review-and-merge', parallel: true, tasks: [{ title: 'A' }, { title: 'B' }] });
    await world.pass();
    const [one = ''] = idsOf(view);
    await world.merged(one);
    const [item] = (await world.ports.store.workOf(townId)).filter((work) => work.kind === 'convoy');
    await world.pass();
    if (item !== undefined) await world.ports.store.commit([{ put: 'work', item, when: 'none' }]);
    await world.pass();
    const { version, details } = await world.convoy(view.convoy.beadId);
    expect({ version, closed: details.closedBeads }).toEqual({ version: 2, closed: 1 });
  });
});

describe('C2: landing', () => {
  const atLanding = async () => {
    const world = await convoyWorld();
    const view = await world.sling({ ...together, tasks: chain });
    const convoyId = view.convoy.beadId;
    const [index = '', query = ''] = idsOf(view);
    await world.pass();
    await world.merged(index);
    await world.pass();
    await world.merged(query);
    await world.pass();
    return { world, convoyId, index, query };
  };

  it('lets members work beside the feature branch and merge into it (L78: /head suffix)', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ ...together, tasks: chain });
    const [index = ''] = idsOf(view);
    await world.pass();
    const feature = `convoy/search-all/${view.convoy.beadId}/head`;
    expect((await world.bead(index)).details).toMatchObject({
      targetBranch: feature,
      branch: `convoy/search-all/${view.convoy.beadId}/toast-${index}`,
    });
  });

  it('frees members of the same convoy and rig at once, and everybody else when the rig has landed', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ ...together, tasks: [...chain, { title: 'Client', rigId: otherRigId, dependsOn: [0] }] });
    const [index = '', query = '', client = ''] = idsOf(view);
    await world.pass();
    const early = await after(world, index);
    await world.merged(index);
    await world.pass();
    const late = await after(world, index);
    expect((await world.bead(query)).status).toBe('in_progress');
    const waiting = await Promise.all([early.beadId, late.beadId, client].map(world.bead));
    expect(waiting.map((bead) => bead.openBlockers)).toEqual([1, 1, 1]);
    await world.merged(query);
    await world.pass();
    await world.merged((await world.landing(view.convoy.beadId)).mergeRequestId ?? '');
    await world.pass();
    const free = await Promise.all([early.beadId, late.beadId, client].map(world.bead));
    expect(free.map((bead) => [bead.openBlockers, bead.status])).toEqual([
      [0, 'in_progress'],
      [0, 'in_progress'],
      [0, 'in_progress'],
    ]);
    expect((await world.convoy(view.convoy.beadId)).status).toBe('open');
  });

  it('makes one landing request per rig when all members are in, and closes when it has landed', async () => {
    const { world, convoyId } = await atLanding();
    const landing = await world.landing(convoyId);
    expect(landing).toMatchObject({ state: 'landing', attempts: 1 });
    expect(await world.bead(landing.mergeRequestId ?? '')).toMatchObject({
      parentId: convoyId,
      details: { kind: 'landing', sourceBeadId: convoyId, targetBranch: 'main', branch: `convoy/search-all/${convoyId}/head` },
    });
    expect((await world.convoy(convoyId)).status).toBe('open');
    await world.merged(landing.mergeRequestId ?? '');
    await world.pass();
    const { status, details } = await world.convoy(convoyId);
    expect(status).toBe('closed');
    expect(details.landedAt).toBeDefined();
    // Its branch goes with the next sweep of the rig (H4).
    expect(await world.ports.store.get('work', { townId, kind: 'branches', workId: rigId })).toBeDefined();
  });

  it('tries a landing five times with a growing wait, never two at once, then gives it to people (L70)', async () => {
    const { world, convoyId } = await atLanding();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const { mergeRequestId = '', attempts, state } = await world.landing(convoyId);
      expect([attempts, state]).toEqual([attempt, 'landing']);
      await world.failed(mergeRequestId, 'landing_conflict', 'It does not merge onto main: a.ts.');
      await world.pass();
      const { nextAt } = await world.landing(convoyId);
      if (nextAt === undefined) break;
      waits.push((Date.parse(nextAt) - world.ports.clock.nowMs()) / 1000);
      await world.pass();
      expect((await world.landing(convoyId)).state).toBe('waiting');
      world.ports.clock.set(Date.parse(nextAt));
      await world.pass();
    }
    expect(waits).toEqual([30, 60, 120, 240]);
    expect(await world.landing(convoyId)).toMatchObject({ state: 'failed', attempts: 5, reason: 'It does not merge onto main: a.ts.' });
    expect((await world.escalations()).toSorted()).toEqual([
      'Search all cannot land after 5 attempts',
      'Search all did not land at attempt 1',
    ]);
    const repairs = (await world.ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 50 })).items;
    expect(repairs).toEqual([]);
  });
});

describe('C3: stuck', () => {
  it('tells people once what is in the way when nothing of a convoy can start', async () => {
    const world = await convoyWorld();
    const view = await world.sling({ mergeMode: 'review-and-merge', tasks: [{ title: 'A' }] });
    const [one = ''] = idsOf(view);
    const other = await world.sling({ title: 'Other', mergeMode: 'review-and-merge', tasks: [{ title: 'B' }] });
    const [blocker = ''] = idsOf(other);
    const member = await world.bead(one);
    await world.ports.store.commit([
      { put: 'bead', item: { ...member, openBlockers: 1, version: member.version + 1 }, when: 'none' },
      {
        put: 'dependency',
        item: { townId, beadId: one, dependsOnId: blocker, type: 'blocks', resolved: false, createdAt: member.createdAt },
        when: 'none',
      },
    ]);
    await world.pass();
    expect(await world.escalations()).toEqual([]);
    await world.failed(blocker);
    await world.pass();
    await world.pass();
    expect((await world.escalations()).toSorted()).toEqual([
      'Other cannot land: 1 of 1 beads failed',
      'Search all is stuck: nothing of it can start',
    ]);
  });
});
