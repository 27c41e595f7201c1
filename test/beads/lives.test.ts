// Random lives of a graph of beads, by hand and by passes that may be killed or run side by side: what is counted is what is there.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { isReady } from '../../functions/domain/bead-writes.ts';
import { blocksChildren, effectOf, isBlocking } from '../../functions/domain/dependencies.ts';
import { isFinal } from '../../functions/domain/transition.ts';
import type { Ports } from '../../functions/ports.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const acts = [
  'sling',
  'child',
  'blocks',
  'conditional-blocks',
  'waits-for',
  'any',
  'unlink',
  'replace',
  'parent',
  'orphan',
  'close',
  'fail',
  'retry',
  'delete',
  'archive',
  'unarchive',
  'hold',
  'start',
  'pass',
] as const;
const step = fc.record({
  act: fc.constantFrom(...acts),
  one: fc.nat(20),
  other: fc.nat(20),
  kill: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Every third commit of a pass does not happen. */
const killing = (ports: Ports): Ports => {
  let commits = 0;
  return {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes) => {
        commits += 1;
        return commits % 3 === 0 ? { ok: false, failed: [] } : ports.store.commit(writes);
      },
    },
  };
};

const perform = async (town: BeadTown, ids: string[], { act, one, other, kill }: Step): Promise<void> => {
  const a = ids[one % ids.length] ?? '';
  const b = ids[other % ids.length] ?? '';
  const made = async (more: Record<string, unknown>): Promise<void> => {
    const body = { rigId: town.rigId, title: `Bead ${ids.length}`, ...more };
    const answer = await town.call('sling', { as: 'ada', params: { townId: town.townId }, body });
    if (answer.status === 201) ids.push((answer.body as Bead).beadId);
  };
  switch (act) {
    case 'sling':
      return made({ dependsOn: [...new Set([a, b])] });
    case 'child':
      return made({ parentId: a, dependsOn: kill ? [b] : [] });
    case 'blocks':
    case 'conditional-blocks':
    case 'waits-for':
      await town.depend(a, b, { type: act });
      return undefined;
    case 'any':
      await town.depend(a, b, { type: 'waits-for', gate: 'any' });
      return undefined;
    case 'unlink':
      await town.on('removeDependency', a, { query: { dependsOnId: b } });
      return undefined;
    case 'replace':
      await town.on('replaceDependencies', a, { body: { dependsOn: kill ? [] : [b] } });
      return undefined;
    case 'parent':
      await town.on('updateBead', a, { body: { parentId: b } });
      return undefined;
    case 'orphan':
      await town.on('updateBead', a, { body: { parentId: null } });
      return undefined;
    case 'close':
      await town.close(a);
      return undefined;
    case 'fail':
      await town.fail(a);
      return undefined;
    case 'retry': {
      const answer = await town.on('retryBead', a, { body: {} });
      const beadId = answer.status === 200 ? (answer.body as Bead).beadId : a;
      if (!ids.includes(beadId)) ids.push(beadId);
      return undefined;
    }
    case 'delete':
      await town.on('deleteBead', a, { query: {} });
      return undefined;
    case 'archive':
      await town.on('archiveBead', a, { body: {} });
      return undefined;
    case 'unarchive':
      await town.on('unarchiveBead', a, { body: {} });
      return undefined;
    case 'hold':
      await town.on('updateBead', a, { body: { held: true } });
      return undefined;
    case 'start':
      await town.on('startBead', a, { body: {} });
      return undefined;
    case 'pass':
      await town.settle(kill ? killing(town.ports) : town.ports).catch(() => undefined);
      return undefined;
    default:
      return act satisfies never;
  }
};

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined);

/** What must hold of a settled town, bead by bead. */
const problemsOf = async (town: BeadTown, ids: readonly string[]): Promise<string[]> => {
  const { store } = town.ports;
  const problems: string[] = [];
  const beads = new Map(present(await store.getMany('bead', ids.map(town.at))).map((bead) => [bead.beadId, bead]));
  const ready = new Set(await town.ready());
  const next = new Map<string, string[]>();
  for (const id of ids) {
    const edges = await town.edges(id);
    const bead = beads.get(id);
    if (bead === undefined) {
      const towards = await store.dependentsOf(town.townId, id);
      if (edges.length + towards.length > 0 || ready.has(id)) problems.push(`something of ${id} is left`);
      continue;
    }
    const waiting = edges.filter((edge) => isBlocking(edge.type) && !edge.resolved);
    next.set(
      id,
      isFinal(bead.status) ? [] : [...waiting.map((edge) => edge.dependsOnId), ...(bead.parentId === undefined ? [] : [bead.parentId])],
    );
    // What is over is not written any more, also not when something that it waited for ends.
    if (!isFinal(bead.status) && bead.openBlockers !== waiting.length)
      problems.push(`${id} counts ${bead.openBlockers} and has ${waiting.length} blockers`);
    if (ready.has(id) !== isReady(bead)) problems.push(`${id} is ${ready.has(id) ? '' : 'not '}in its queue`);
    for (const edge of isFinal(bead.status) ? [] : waiting) {
      const target = beads.get(edge.dependsOnId);
      const children = present(
        (await store.dependentsOf(town.townId, edge.dependsOnId, 'parent-child')).map((one) => beads.get(one.beadId)),
      );
      if (target === undefined || effectOf(edge, target, children) !== 'stay')
        problems.push(`${id} still waits for ${edge.type} ${edge.dependsOnId}`);
      if (target?.supersededBy !== undefined) problems.push(`${id} waits for ${target.beadId}, which was retried`);
    }
    const parent = bead.parentId === undefined ? undefined : beads.get(bead.parentId);
    if (!isFinal(bead.status) && (bead.parentBlocked === true) !== (parent !== undefined && blocksChildren(parent)))
      problems.push(`${id} is not told about its parent`);
    if (!isFinal(bead.status) && edges.some((edge) => edge.type === 'parent-child') !== (bead.parentId !== undefined))
      problems.push(`${id} and its edge name different parents`);
  }
  const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
    (next.get(from) ?? []).some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
  for (const id of ids) if (reaches(id, id, new Set())) problems.push(`${id} waits for itself`);
  const kinds = new Set((await store.workOf(town.townId)).map((item) => item.kind));
  for (const kind of ['release', 'gate', 'family', 'follow', 'delete', 'archive'] as const)
    if (kinds.has(kind)) problems.push(`${kind} is left`);
  return problems;
};

it('whatever is done in whatever order, what is counted is what is there, nobody waits for what is over, and nothing is left of what was removed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 18 }), async (rounds) => {
      const town = await beadTown();
      const ids: string[] = [];
      for (const title of ['First', 'Second', 'Third', 'Fourth']) ids.push((await town.sling(title)).beadId);
      for (const round of rounds) await Promise.all(round.map((each) => perform(town, ids, each)));
      await town.settle();
      expect(await problemsOf(town, ids)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
