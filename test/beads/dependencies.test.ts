// What a bead waits for: adding, removing, replacing, and never a circle.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlocking } from '../../functions/domain/dependencies.ts';
import { addDependency } from '../../functions/operations/dependencies.ts';
import { bodyOf } from '../api/call.ts';
import { fakePorts } from '../fakes/ports.ts';
import { beadTown, racing } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const problem = (answer: { body: unknown }): string => JSON.stringify(answer.body);
const counted = async (town: BeadTown, beadId: string): Promise<[number, number]> => {
  const unresolved = (await town.edges(beadId)).filter((edge) => isBlocking(edge.type) && !edge.resolved);
  return [(await town.bead(beadId)).openBlockers, unresolved.length];
};

describe('adding and removing a dependency (L22: dependencies can be edited at every layer)', () => {
  it('counts the blocker in the same transaction and takes the bead from its queue; removing it gives it back', async () => {
    const town = await beadTown();
    const [first, second] = [await town.sling('First'), await town.sling('Second')];
    expect(bodyOf('addDependency', await town.depend(second.beadId, first.beadId))).toMatchObject({
      bead: { openBlockers: 1 },
      dependsOn: [{ dependsOnId: first.beadId, type: 'blocks', resolved: false }],
    });
    expect(await town.ready()).toEqual([first.beadId]);
    bodyOf('addDependency', await town.depend(second.beadId, first.beadId));
    expect(await counted(town, second.beadId)).toEqual([1, 1]);
    bodyOf('removeDependency', await town.on('removeDependency', second.beadId, { query: { dependsOnId: first.beadId } }));
    expect(await counted(town, second.beadId)).toEqual([0, 0]);
    expect((await town.ready()).toSorted()).toEqual([first.beadId, second.beadId].toSorted());
    const types = bodyOf('beadEvents', await town.on('beadEvents', second.beadId)).items.map((event) => event.type);
    expect(types).toEqual(['created', 'dependency_added', 'dependency_removed']);
  });
  it('is resolved at once when the blocker is closed already', async () => {
    const town = await beadTown();
    const [first, second] = [await town.sling('First'), await town.sling('Second')];
    await town.close(first.beadId);
    const { bead, dependsOn } = bodyOf('addDependency', await town.depend(second.beadId, first.beadId));
    expect([bead.openBlockers, dependsOn[0]?.resolved]).toEqual([0, true]);
  });
  it('keeps a bead blocked by a blocker that has failed, and shows it as the reason', async () => {
    const town = await beadTown();
    const [first, second] = [await town.sling('First'), await town.sling('Second')];
    await town.fail(first.beadId);
    expect(bodyOf('addDependency', await town.depend(second.beadId, first.beadId)).bead.openBlockers).toBe(1);
    const { reasons } = bodyOf('beadExplain', await town.on('beadExplain', second.beadId));
    expect(reasons).toMatchObject([{ code: 'blocker_failed', beadId: first.beadId }]);
    await town.on('removeDependency', second.beadId, { query: { dependsOnId: first.beadId } });
    expect(await town.ready()).toEqual([second.beadId]);
  });
  it.each(['related', 'discovered-from', 'duplicates', 'replies-to', 'bewitched-by'])(
    'keeps %s without blocking, also on a bead that is over',
    async (type) => {
      const town = await beadTown();
      const [first, second] = [await town.sling('First'), await town.sling('Second')];
      await town.close(second.beadId);
      const { dependsOn, bead } = bodyOf('addDependency', await town.depend(second.beadId, first.beadId, { type }));
      expect(dependsOn).toMatchObject([{ type, resolved: false }]);
      expect(bead).toMatchObject({ openBlockers: 0, version: 2 });
      expect(await town.ready()).toEqual([first.beadId]);
    },
  );
  it('refuses what cannot be waited for, and says why', async () => {
    const town = await beadTown();
    const [first, second] = [await town.sling('First'), await town.sling('Second')];
    expect(problem(await town.depend(first.beadId, first.beadId))).toContain('cannot depend on itself');
    expect(problem(await town.depend(first.beadId, 'web-none'))).toContain('There is no bead web-none');
    expect(problem(await town.depend(first.beadId, second.beadId, { type: 'supersedes' }))).toContain('kept by the town itself');
    expect(problem(await town.depend(first.beadId, second.beadId, { gate: 'any' }))).toContain('Only waits-for has a gate');
    await town.force(second.beadId, { status: 'in_progress' });
    const answer = await town.depend(second.beadId, first.beadId);
    expect(answer.status).toBe(409);
    expect(problem(answer)).toContain('only while it is open');
    bodyOf('addDependency', await town.depend(first.beadId, second.beadId));
    expect(problem(await town.depend(first.beadId, second.beadId, { type: 'conditional-blocks' }))).toContain('already, as blocks');
  });
  it('replaces depends_on as a whole: what stays keeps its state, other types stay too', async () => {
    const town = await beadTown();
    const beads = await Promise.all(['One', 'Two', 'Three', 'Four'].map((title) => town.sling(title)));
    const [one = '', two = '', three = '', four = ''] = beads.map((bead) => bead.beadId);
    const replace = (dependsOn: string[]) => town.on('replaceDependencies', four, { body: { dependsOn } });
    await town.depend(four, three, { type: 'related' });
    bodyOf('replaceDependencies', await replace([one, two]));
    expect(await counted(town, four)).toEqual([2, 2]);
    await town.close(two);
    await town.settle();
    const { dependsOn } = bodyOf('replaceDependencies', await replace([two, three, three]));
    expect(dependsOn.map((edge) => `${edge.dependsOnId} ${edge.type} ${edge.resolved}`).toSorted()).toEqual(
      [`${two} blocks true`, `${three} blocks false`, `${three} related false`].toSorted(),
    );
    expect(await counted(town, four)).toEqual([1, 1]);
    bodyOf('replaceDependencies', await replace([]));
    expect(await town.ready()).toContain(four);
  });
  it('is told by a blocker that closes at the very moment of adding', async () => {
    const town = await beadTown();
    const [first, second] = [await town.sling('First'), await town.sling('Second')];
    const raced = racing(town.ports, () => town.close(first.beadId));
    await addDependency(raced, { ...town.at(second.beadId), actor: 'user:ada', input: { dependsOnId: first.beadId, type: 'blocks' } });
    await town.settle();
    expect(await counted(town, second.beadId)).toEqual([0, 0]);
  });
});

describe('a circle', () => {
  it('is refused with every bead of it by id and title', async () => {
    const town = await beadTown();
    const [one, two, three] = [await town.sling('One'), await town.sling('Two'), await town.sling('Three')];
    await town.depend(two.beadId, one.beadId);
    await town.depend(three.beadId, two.beadId, { type: 'conditional-blocks' });
    const answer = await town.depend(one.beadId, three.beadId);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      detail: `They would wait for each other in a circle: ${one.beadId} "One" → ${three.beadId} "Three" → ${two.beadId} "Two" → ${one.beadId} "One".`,
    });
    expect((await town.on('replaceDependencies', one.beadId, { body: { dependsOn: [three.beadId] } })).status).toBe(409);
    expect((await town.depend(one.beadId, three.beadId, { type: 'related' })).status).toBe(200);
  });
  it('is refused through a convoy, whose end waits for its members', async () => {
    const town = await beadTown();
    const batch = { title: 'Theme', rigId: town.rigId, parallel: true, tasks: [{ title: 'A' }, { title: 'B' }] };
    const { convoy, members } = bodyOf(
      'slingBatch',
      await town.call('slingBatch', { as: 'ada', params: { townId: town.townId }, body: batch }),
    );
    const answer = await town.depend(members[0]?.bead.beadId ?? '', convoy.beadId);
    expect([answer.status, problem(answer).includes('circle')]).toEqual([409, true]);
  });
  it('is not closed by two edges that are added at the same moment', async () => {
    const town = await beadTown();
    const [one, two] = [await town.sling('One'), await town.sling('Two')];
    let other = 0;
    const raced = racing(town.ports, async () => {
      other = (await town.depend(two.beadId, one.beadId)).status;
    });
    const input = { dependsOnId: two.beadId, type: 'blocks' };
    await expect(addDependency(raced, { ...town.at(one.beadId), actor: 'user:ada', input })).rejects.toThrow('circle');
    expect([other, await counted(town, one.beadId), await counted(town, two.beadId)]).toEqual([200, [0, 0], [1, 1]]);
  });
  it('is searched for within a bound, and beyond it the edge is refused in clear words', async () => {
    const town = await beadTown();
    const [one, two] = [await town.sling('One'), await town.sling('Two')];
    const endless = {
      ...town.ports,
      store: {
        ...town.ports.store,
        getMany: async (name: 'bead', keys: readonly { townId: string; beadId: string }[]) =>
          keys.map((key) => ({ ...two, beadId: key.beadId })),
        dependenciesOf: async (townId: string, beadId: string) =>
          beadId === one.beadId
            ? []
            : [1, 2, 3].map((index) => ({
                townId,
                beadId,
                type: 'blocks',
                resolved: false,
                createdAt: two.createdAt,
                dependsOnId: `web-${(Number.parseInt(beadId.slice(4), 36) * 3 + index).toString(36).slice(-9).padStart(4, '0')}`,
              })),
      },
    };
    const ports: unknown = endless;
    await expect(
      addDependency(ports as typeof town.ports, {
        ...town.at(one.beadId),
        actor: 'user:ada',
        input: { dependsOnId: two.beadId, type: 'blocks' },
      }),
    ).rejects.toThrow('More than 2000 beads wait behind');
  });
  it('never comes to be, whatever edges are asked for in whatever order and side by side', async () => {
    const nodes = 6;
    const edge = fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1), fc.constantFrom('blocks', 'conditional-blocks', 'parent-child', 'remove'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edge, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), async (rounds) => {
        const town = await beadTown(fakePorts());
        const ids: string[] = [];
        for (let index = 0; index < nodes; index += 1) ids.push((await town.sling(`Bead ${index}`)).beadId);
        for (const round of rounds)
          await Promise.all(
            round.map(([from, to, type]) =>
              type === 'remove'
                ? town.on('removeDependency', ids[from] ?? '', { query: { dependsOnId: ids[to] ?? '' } })
                : town.depend(ids[from] ?? '', ids[to] ?? '', { type }),
            ),
          );
        const next = new Map(await Promise.all(ids.map(async (id) => [id, (await town.edges(id)).map((one) => one.dependsOnId)] as const)));
        const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
          (next.get(from) ?? []).some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
        for (const id of ids) {
          expect(reaches(id, id)).toBe(false);
          const [held, unresolved] = await counted(town, id);
          expect(held).toBe(unresolved);
          const bead = await town.bead(id);
          const parents = (await town.edges(id)).filter((one) => one.type === 'parent-child').map((one) => one.dependsOnId);
          expect(parents).toEqual(bead.parentId === undefined ? [] : [bead.parentId]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a bead that is slung with dependencies of several types', () => {
  it('waits for the blocking ones, tells of the others, and goes on as if they had been added later', async () => {
    const town = await beadTown();
    const [plain, parent, bad, other] = [
      await town.sling('Plain'),
      await town.sling('Parent'),
      await town.sling('Bad'),
      await town.sling('Other'),
    ];
    const child = await town.sling('Child', { parentId: parent.beadId });
    const made = await town.sling('After all', {
      dependsOn: [plain.beadId],
      dependencies: [
        { dependsOnId: parent.beadId, type: 'waits-for', gate: 'any' },
        { dependsOnId: bad.beadId, type: 'conditional-blocks' },
        { dependsOnId: other.beadId, type: 'related' },
        { dependsOnId: other.beadId, type: 'discovered-from' },
        { dependsOnId: plain.beadId },
      ],
    });
    expect(made.openBlockers).toBe(3);
    const edges = (await town.edges(made.beadId)).map(
      ({ type, dependsOnId, resolved, gate }) => `${type} ${dependsOnId} ${String(resolved)} ${gate ?? '-'}`,
    );
    expect(edges.toSorted()).toEqual(
      [
        `blocks ${plain.beadId} false -`,
        `waits-for ${parent.beadId} false any`,
        `conditional-blocks ${bad.beadId} false -`,
        `related ${other.beadId} false -`,
        `discovered-from ${other.beadId} false -`,
      ].toSorted(),
    );
    await town.close(plain.beadId);
    await town.close(child.beadId);
    await town.settle();
    expect((await town.bead(made.beadId)).openBlockers).toBe(1);
    await town.fail(bad.beadId);
    await town.settle();
    expect(await town.bead(made.beadId)).toMatchObject({ status: 'open', openBlockers: 0 });
    expect(await town.ready()).toContain(made.beadId);
  });
  it('is met at once by children that are closed already', async () => {
    const town = await beadTown();
    const parent = await town.sling('Parent');
    const child = await town.sling('Child', { parentId: parent.beadId });
    await town.close(child.beadId);
    const made = await town.sling('After', { dependencies: [{ dependsOnId: parent.beadId, type: 'waits-for' }] });
    await town.settle();
    expect((await town.bead(made.beadId)).openBlockers).toBe(0);
  });
  it('is refused with what is wrong: kept types, gates, parents, two ways of waiting, what would never run, circles', async () => {
    const town = await beadTown();
    const one = await town.sling('One');
    const done = await town.sling('Done');
    await town.close(done.beadId);
    const refused = async (dependencies: object[], more: object = {}): Promise<number> =>
      (
        await town.call('sling', {
          as: 'ada',
          params: { townId: town.townId },
          body: { rigId: town.rigId, title: 'No', dependencies, ...more },
        })
      ).status;
    const on = { dependsOnId: one.beadId };
    expect(await refused([{ ...on, type: 'tracks' }])).toBe(422);
    expect(await refused([{ ...on, type: 'blocks', gate: 'any' }])).toBe(422);
    expect(await refused([{ ...on, type: 'parent-child' }])).toBe(422);
    expect(await refused([{ ...on, type: 'conditional-blocks' }], { dependsOn: [one.beadId] })).toBe(422);
    expect(await refused([{ dependsOnId: done.beadId, type: 'conditional-blocks' }])).toBe(409);
    expect(await refused([{ ...on, type: 'waits-for' }], { parentId: one.beadId })).toBe(422);
    expect(await refused([{ dependsOnId: 'web-none', type: 'related' }])).toBe(422);
    // Somebody waits for the children of One, and the new child would wait for that one.
    const waiter = await town.sling('Waiter', { dependencies: [{ ...on, type: 'waits-for' }] });
    expect(await refused([{ dependsOnId: waiter.beadId }], { parentId: one.beadId })).toBe(409);
    // The same through a child of what is waited for.
    const group = await town.sling('Group');
    await town.sling('Inner', { parentId: group.beadId, dependsOn: [waiter.beadId] });
    expect(await refused([{ dependsOnId: group.beadId, type: 'waits-for' }], { parentId: one.beadId })).toBe(409);
  });
});
