// What a pass reads of a town: what can move now, however much has been or waits.
import { describe, expect, it } from 'vitest';
import { beadTown } from '../../test/beads/bead-town.ts';
import { anAgent } from '../../test/rules/build.ts';
import type { Ports } from '../ports.ts';
import { loadSnapshot } from './snapshot.ts';

/** Ports that note how many entries of a queue were asked for. */
const counted = (ports: Ports): { readonly ports: Ports; readonly asked: number[] } => {
  const asked: number[] = [];
  const readyOf: Ports['store']['readyOf'] = (townId, rigId, queue, limit) => {
    asked.push(limit);
    return ports.store.readyOf(townId, rigId, queue, limit);
  };
  return { ports: { ...ports, store: { ...ports.store, readyOf } }, asked };
};

describe('a pass', () => {
  it('B1 reads one entry of a queue more than there are free places, and none while no place is free', async () => {
    const town = await beadTown();
    for (let number = 0; number < 9; number += 1) await town.sling(`Task ${number}`);
    const free = counted(town.ports);
    expect((await loadSnapshot(free.ports, town.townId))?.ready).toMatchObject([{ entries: { length: 6 } }]);
    expect(free.asked).toEqual([6]);
    for (const name of ['toast', 'maple', 'birch', 'clover', 'ember'])
      await town.ports.store.commit([
        {
          put: 'agent',
          item: { ...anAgent(name, { state: 'working', hookBeadId: `web-${name}` }), townId: town.townId, rigId: town.rigId },
          when: 'none',
        },
      ]);
    const full = counted(town.ports);
    expect((await loadSnapshot(full.ports, town.townId))?.ready).toEqual([]);
    expect(full.asked).toEqual([]);
  });
  it('reads no bead that is closed, failed, archived, held or only waits', async () => {
    const town = await beadTown();
    const named = async (title: string): Promise<string> => (await town.sling(title)).beadId;
    const [closed, failed, archived, blocker] = [
      await named('Closed'),
      await named('Failed'),
      await named('Archived'),
      await named('Blocker'),
    ];
    await town.sling('Blocked', { dependsOn: [blocker] });
    await town.call('createBead', { as: 'ada', params: { townId: town.townId }, body: { rigId: town.rigId, title: 'Held' } });
    for (const beadId of [closed, archived]) await town.close(beadId);
    await town.on('archiveBead', archived, { body: {} });
    await town.fail(failed);
    await town.settle();
    expect((await loadSnapshot(town.ports, town.townId))?.beads.map((bead) => bead.beadId)).toEqual([blocker]);
  });
});
