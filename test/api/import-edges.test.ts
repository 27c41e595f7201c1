// Edges that a Beads file brings to beads that are there already: nobody waits for ever.
import { describe, expect, it } from 'vitest';
import { beadTown } from '../beads/bead-town.ts';

const issue = (id: string, edges: readonly [type: string, dependsOnId: string][] = []): string =>
  JSON.stringify({
    id,
    title: `Title of ${id}`,
    status: 'open',
    priority: 1,
    issue_type: 'task',
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:05Z',
    dependencies: edges.map(([type, depends_on_id]) => ({ issue_id: id, depends_on_id, type })),
  });
const importTown = async () => {
  const town = await beadTown();
  const send = (lines: readonly string[]) =>
    town.call('importBeads', {
      as: 'ada',
      params: { townId: town.townId },
      query: { rigId: town.rigId, hold: 'true' },
      body: lines.join('\n'),
    });
  return { ...town, send };
};

describe('an imported bead', () => {
  it('that waits for the children of a bead does not, when they are over already', async () => {
    const town = await importTown();
    const parent = await town.sling('Parent');
    const child = await town.sling('Child', { parentId: parent.beadId });
    await town.close(child.beadId);
    await town.settle();
    expect((await town.send([issue('bd-late', [['waits-for', parent.beadId]])])).status).toBe(200);
    await town.settle();
    expect((await town.bead('bd-late')).openBlockers).toBe(0);
  });
  it('that waits for the children of a bead is told when the last of them closes', async () => {
    const town = await importTown();
    const parent = await town.sling('Parent');
    const child = await town.sling('Child', { parentId: parent.beadId });
    expect((await town.send([issue('bd-late', [['waits-for', parent.beadId]])])).status).toBe(200);
    await town.settle();
    expect((await town.bead('bd-late')).openBlockers).toBe(1);
    await town.close(child.beadId);
    await town.settle();
    expect((await town.bead('bd-late')).openBlockers).toBe(0);
  });
  it('never waits in a circle that goes through the children of a bead, within the file or in the town', async () => {
    const town = await importTown();
    const within = await town.send([
      issue('bd-epic'),
      issue('bd-own', [
        ['parent-child', 'bd-epic'],
        ['waits-for', 'bd-epic'],
      ]),
    ]);
    expect([within.status, JSON.stringify(within.body)]).toEqual([422, expect.stringContaining('bd-own')]);
    const parent = await town.sling('Parent');
    await town.sling('Child', { parentId: parent.beadId });
    const gate = await town.sling('Gate');
    expect((await town.depend(gate.beadId, parent.beadId, { type: 'waits-for' })).status).toBe(200);
    const through = await town.send([
      issue('bd-through', [
        ['parent-child', parent.beadId],
        ['blocks', gate.beadId],
      ]),
    ]);
    expect([through.status, JSON.stringify(through.body)]).toEqual([422, expect.stringContaining('bd-through')]);
    const long = await town.send([
      issue('bd-one', [
        ['parent-child', parent.beadId],
        ['blocks', 'bd-two'],
      ]),
      issue('bd-two', [['blocks', gate.beadId]]),
    ]);
    expect(long.status).toBe(422);
    const fine = await town.send([issue('bd-fine', [['parent-child', parent.beadId]]), issue('bd-free', [['waits-for', parent.beadId]])]);
    expect(fine.status).toBe(200);
  });
});
