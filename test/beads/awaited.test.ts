// Who waits for a bead is told when it ends, although a bead that nobody waits for tells nobody: the mark of the first edge and the end meet in one item.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { isIssue, isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import { effectOf } from '../../functions/domain/dependencies.ts';
import { edgeWrites, waitsOn } from '../../functions/domain/edges.ts';
import { violationsOfBead } from '../../functions/domain/invariants.ts';
import { landed } from '../../functions/domain/merge/landed.ts';
import { auditPage } from '../../functions/operations/audit.ts';
import { addDependency, removeDependency, replaceDependencies } from '../../functions/operations/dependencies.ts';
import { retryBead } from '../../functions/operations/retry.ts';
import { slingOne } from '../../functions/operations/sling.ts';
import type { Ports } from '../../functions/ports.ts';
import { aRequest, iso } from '../rules/build.ts';
import { beadTown, racing } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const actor = 'user:ada';
const moment = { nowMs: Date.parse(iso()), stamp: 'merged' };

/** The bead as it is after gt_done. */
const inReview = async ({ ports, townId, bead }: BeadTown, beadId: string): Promise<void> => {
  const issue = await bead(beadId);
  if (!isIssue(issue)) throw new Error('no issue');
  const request = aRequest(`${beadId}m`, { townId, status: 'in_progress' }, { sourceBeadId: beadId });
  const details = { ...issue.details, latestMergeRequestId: request.beadId, branch: `gt/toast/${beadId}` };
  await ports.store.commit([
    { put: 'bead', item: { ...issue, status: 'in_review', details, version: issue.version + 1 }, when: 'none' },
    { put: 'bead', item: request, when: { absent: true } },
  ]);
};
/** What the last step of a merge writes, tried again when somebody was faster. */
const merge = async (ports: Ports, townId: string, beadId: string): Promise<void> => {
  for (;;) {
    const [source, request] = await ports.store.getMany('bead', [
      { townId, beadId },
      { townId, beadId: `${beadId}m` },
    ]);
    if (source === undefined || request === undefined || !isIssue(source) || !isMergeRequest(request)) throw new Error('nothing to merge');
    const { changes } = landed(request, source, 'b'.repeat(40), iso());
    if ((await ports.store.commit(writesOf(changes, undefined, moment))).ok) return;
  }
};

type Adder = (town: BeadTown, through: Ports, blocker: string) => Promise<string>;
const edgeOf =
  (type: string): Adder =>
  async (town, ports, dependsOnId) => {
    const { beadId } = await town.sling('Second');
    await addDependency(ports, { townId: town.townId, beadId, actor, input: { dependsOnId, type } });
    return beadId;
  };
const slungOn: Adder = async ({ townId, rigId }, ports, blocker) => {
  const input = {
    rigId,
    title: 'Second',
    body: '',
    kind: 'work',
    issueType: 'task',
    labels: [],
    metadata: {},
    priority: 'medium',
  } as const;
  return (await slingOne(ports, { townId, userId: 'ada', actor, input: { ...input, labels: [], metadata: {}, dependsOn: [blocker] } }))
    .beadId;
};
const replaced: Adder = async (town, ports, blocker) => {
  const { beadId } = await town.sling('Second');
  await replaceDependencies(ports, { townId: town.townId, beadId, actor, dependsOn: [blocker] });
  return beadId;
};
/** The failed bead waited for it, and nobody knew: as in a town of an older version. */
const carried: Adder = async (town, ports, blocker) => {
  const { beadId } = await town.sling('Second');
  const edge = { townId: town.townId, beadId, dependsOnId: blocker, type: 'blocks', resolved: false, createdAt: iso() };
  await town.ports.store.commit([{ put: 'dependency', item: edge, when: 'none' }]);
  await town.force(beadId, { status: 'failed', openBlockers: 1, failure: { code: 'user', message: 'no' } });
  return (await retryBead(ports, { townId: town.townId, beadId, actor })).beadId;
};
const adders: [string, Adder][] = [
  ['a blocking edge', edgeOf('blocks')],
  ['a waits-for edge', edgeOf('waits-for')],
  ['a new bead that waits', slungOn],
  ['a replaced list', replaced],
  ['a retried bead', carried],
];

describe.each(adders)('B8: a bead that is merged while somebody begins to wait for it with %s', (_name, add) => {
  const waiting = async (arrange: (town: BeadTown, blocker: string) => Promise<string>): Promise<Bead> => {
    const town = await beadTown();
    const { beadId } = await town.sling('First');
    await inReview(town, beadId);
    const dependent = await arrange(town, beadId);
    await town.settle();
    expect((await town.bead(beadId)).status).toBe('closed');
    expect((await town.edges(dependent)).filter(waitsOn)).toEqual([]);
    return town.bead(dependent);
  };
  it('tells it when the edge comes between the reading and the end', async () => {
    const bead = await waiting(async (town, blocker) => {
      let dependent = '';
      const through = racing(town.ports, async () => {
        dependent = await add(town, town.ports, blocker);
      });
      await merge(through, town.townId, blocker);
      return dependent;
    });
    expect(bead.openBlockers).toBe(0);
  });
  it('is no blocker any more when the end comes between the reading and the edge', async () => {
    const bead = await waiting((town, blocker) =>
      add(
        town,
        racing(town.ports, () => merge(town.ports, town.townId, blocker)),
        blocker,
      ),
    );
    expect(bead.openBlockers).toBe(0);
  });
});

describe('B8: the end of a merged bead', () => {
  const releases = async (town: BeadTown): Promise<number> =>
    (await town.ports.store.workOf(town.townId)).filter(({ kind }) => kind === 'release').length;
  it('costs no work item when nobody waits', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('First');
    await inReview(town, beadId);
    await merge(town.ports, town.townId, beadId);
    expect(await releases(town)).toBe(0);
  });
  it('is told to the children of its parent, who may be waited for together', async () => {
    const town = await beadTown();
    const parent = await town.sling('Parent');
    const child = await town.sling('Child', { parentId: parent.beadId });
    const { beadId: gate } = await town.sling('Gate');
    await town.depend(gate, parent.beadId, { type: 'waits-for' });
    await inReview(town, child.beadId);
    await merge(town.ports, town.townId, child.beadId);
    expect(await releases(town)).toBe(1);
    await town.settle();
    expect((await town.bead(gate)).openBlockers).toBe(0);
  });
});

/** One act on beads that are named by their number; some are lost to a race and tried again. */
type Step =
  | { readonly act: 'wait'; readonly bead: number; readonly on: number; readonly type: 'blocks' | 'waits-for' }
  | { readonly act: 'leave'; readonly bead: number; readonly on: number }
  | { readonly act: 'merge' | 'retry' | 'pass'; readonly bead: number };
const beads = 4;
const number = fc.nat(beads - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('wait'), bead: number, on: number, type: fc.constantFrom('blocks', 'waits-for') }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('leave'), bead: number, on: number }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom('merge', 'merge', 'retry', 'pass'), bead: number }) },
);

/** `line`: the newest beads of each line of work. */
const carriedOut = async (town: BeadTown, line: string[], through: Ports, taken: Step): Promise<void> => {
  const { townId } = town;
  const beadId = line[taken.bead] ?? '';
  const act = { townId, beadId, actor } as const;
  const { status } = await town.bead(beadId);
  switch (taken.act) {
    case 'wait':
      await addDependency(through, { ...act, input: { dependsOnId: line[taken.on] ?? '', type: taken.type } });
      return;
    case 'leave':
      await removeDependency(through, { ...act, dependsOnId: line[taken.on] ?? '' });
      return;
    case 'merge':
      if (status !== 'open' || (await town.bead(beadId)).openBlockers > 0) return;
      await inReview(town, beadId);
      await merge(through, townId, beadId);
      return;
    case 'retry':
      if (status === 'open') await town.fail(beadId);
      line[taken.bead] = (await retryBead(through, act)).beadId;
      return;
    default:
      await town.settle();
  }
};

it('B9: a retried bead that waited for a failed one and for its successor waits once', async () => {
  const town = await beadTown();
  const [first, second] = [await town.sling('First'), await town.sling('Second')];
  const act = { townId: town.townId, actor } as const;
  await town.depend(second.beadId, first.beadId, { type: 'waits-for' });
  await town.fail(first.beadId);
  const heir = await retryBead(town.ports, { ...act, beadId: first.beadId });
  await town.depend(second.beadId, heir.beadId, { type: 'waits-for' });
  await town.fail(second.beadId);
  const { beadId } = await retryBead(town.ports, { ...act, beadId: second.beadId });
  expect((await town.edges(beadId)).filter(waitsOn)).toHaveLength(1);
  expect((await town.bead(beadId)).openBlockers).toBe(1);
});

it('B8: whatever beads do to each other at once, nobody waits for one that is merged, and everybody who is waited for knows it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, step), { minLength: 8, maxLength: 20 }), async (pairs) => {
      const town = await beadTown();
      const line = await Promise.all(Array.from({ length: beads }, async (_, index) => (await town.sling(`Bead ${index}`)).beadId));
      const all = new Set(line);
      const quietly = (through: Ports, taken: Step): Promise<void> => carriedOut(town, line, through, taken).catch(() => undefined);
      for (const [first, rival] of pairs) {
        await quietly(
          racing(town.ports, () => quietly(town.ports, rival)),
          first,
        );
        for (const beadId of line) all.add(beadId);
      }
      await town.settle();
      for (const beadId of all) {
        const bead = await town.bead(beadId);
        const edges = (await town.edges(beadId)).filter(waitsOn);
        const others = await Promise.all(edges.map((edge) => town.bead(edge.dependsOnId)));
        expect(violationsOfBead({ bead, edges: await town.edges(beadId), members: [], others })).toEqual([]);
        if (bead.status === 'open') for (const [at, edge] of edges.entries()) expect(effectOf(edge, others[at] ?? bead)).toBe('stay');
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('I12: an audit marks what is waited for unknown, and nothing else of it changes', async () => {
  const town = await beadTown();
  const [first, second] = [await town.sling('First'), await town.sling('Second')];
  const edge = { townId: town.townId, beadId: second.beadId, dependsOnId: first.beadId, type: 'blocks', resolved: false, createdAt: iso() };
  await town.ports.store.commit([{ put: 'dependency', item: edge, when: 'none' }]);
  await town.force(second.beadId, { openBlockers: 1 });
  const audit = () => auditPage(town.ports, { townId: town.townId, limit: 50, repair: true });
  expect(await audit()).toMatchObject({ violations: [{ invariant: 12, subject: first.beadId }], repaired: 1 });
  expect(await town.bead(first.beadId)).toEqual({ ...first, awaited: true, version: first.version + 1 });
  expect(await audit()).toMatchObject({ violations: [] });
});

it('is written at one place only, which refuses an edge to a bead that nobody has read', () => {
  const root = join(import.meta.dirname, '..', '..', 'functions');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const writers = sources.filter((file) => /^(?!\s*(?:\/\/|\*|\/\*\*)).*put: 'dependency'/m.test(readFileSync(join(root, file), 'utf8')));
  expect(writers).toEqual(['domain/edges.ts']);
  const edge = { townId: 't-1', beadId: 'web-2', dependsOnId: 'web-1', type: 'blocks', resolved: false, createdAt: iso() };
  expect(() => edgeWrites([edge])).toThrow(/without knowing it/);
});
