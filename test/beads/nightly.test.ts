// The rounds of the night reach every town, also those in which nothing happens, and go on where they were stopped.
import { describe, expect, it } from 'vitest';
import { nightlyRounds } from '../../functions/operations/nightly.ts';
import type { NightlyResult } from '../../functions/operations/nightly.ts';
import type { Ports } from '../../functions/ports.ts';
import { createHandler } from '../../functions/reconcile/audit.handler.ts';
import { fakePorts } from '../fakes/ports.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** A closed bead with a wrong count: nothing of the town moves, so no pass looks at it. */
const quietTown = async (ports = fakePorts(), beads = 1): Promise<BeadTown> => {
  const town = await beadTown(ports);
  for (let count = 0; count < beads; count += 1) {
    const { beadId } = await town.sling(`Bead ${count}`);
    await town.force(beadId, { openBlockers: 3 });
  }
  return town;
};
const wrong = async (town: BeadTown): Promise<number> =>
  (await town.ports.store.everyBead(town.townId, { limit: 1000 })).items.filter((bead) => bead.openBlockers !== 0).length;
/** Each look at the clock takes a second. */
const slow = (ports: ReturnType<typeof fakePorts>): Ports => ({
  ...ports,
  clock: {
    nowMs: () => {
      ports.clock.advance(1000);
      return ports.clock.nowMs();
    },
  },
});

describe('the rounds of the night', () => {
  it('look at every town, also at those without work', async () => {
    const ports = fakePorts();
    const towns = [await quietTown(ports), await quietTown(ports), await quietTown(ports)];
    for (const { townId } of towns)
      for (const work of await ports.store.workOf(townId)) await ports.store.commit([{ remove: 'work', key: work, when: 'none' }]);
    expect(await ports.store.everyTownWithWork()).toEqual([]);
    expect(await nightlyRounds(ports, ports.clock.nowMs() + 1)).toMatchObject({
      complete: true,
      towns: 3,
      violations: 3,
      repaired: 3,
      failed: 0,
    });
    expect(await Promise.all(towns.map(wrong))).toEqual([0, 0, 0]);
  });
  it('go on where time ran out, page by page, and begin anew a day after they began', async () => {
    const ports = fakePorts();
    const town = await quietTown(ports, 130);
    await quietTown(ports);
    const results: NightlyResult[] = [];
    for (let hour = 0; hour < 20 && results.at(-1)?.complete !== true; hour += 1) {
      const result = await nightlyRounds(slow(ports), ports.clock.nowMs() + 3000);
      if (result !== undefined) results.push(result);
    }
    expect(results.length).toBeGreaterThan(2);
    expect(results.at(-1)).toMatchObject({ complete: true, towns: 2, checked: 131, repaired: 131 });
    expect(await wrong(town)).toBe(0);
    expect(await nightlyRounds(ports, ports.clock.nowMs() + 1)).toBeUndefined();
    ports.clock.advance(dayMs);
    expect(await nightlyRounds(ports, ports.clock.nowMs() + 1)).toMatchObject({ complete: true, towns: 2, violations: 0 });
  });
  it('go on after a kill at any write, and look at a page at most twice', async () => {
    const ports = fakePorts();
    const town = await quietTown(ports, 60);
    let left = 0;
    const dying: Ports = {
      ...ports,
      files: {
        ...ports.files,
        put: async (path, body) => {
          if ((left -= 1) < 0) throw new Error('killed');
          await ports.files.put(path, body);
        },
      },
    };
    for (let life = 0; life < 10; life += 1) {
      left = 1;
      await nightlyRounds(dying, ports.clock.nowMs() + 1).catch(() => undefined);
    }
    expect(await nightlyRounds(ports, ports.clock.nowMs() + 1)).toBeUndefined();
    expect(await wrong(town)).toBe(0);
  });
  it('pass over a town that cannot be read, and say so', async () => {
    const ports = fakePorts();
    const [one, other] = [await quietTown(ports), await quietTown(ports)];
    const broken: Ports = {
      ...ports,
      store: {
        ...ports.store,
        everyBead: (townId, page) => (townId === one.townId ? Promise.reject(new Error('broken')) : ports.store.everyBead(townId, page)),
      },
    };
    expect(await createHandler(broken)({})).toMatchObject({ complete: true, towns: 1, failed: 1 });
    expect(await wrong(other)).toBe(0);
    expect(ports.logged.filter(({ event }) => event === 'audit_town_failed')).toMatchObject([{ fields: { townId: one.townId } }]);
    expect(ports.logged.filter(({ event }) => event === 'audited')).toHaveLength(1);
    // The handler is called every hour; the round of this night is done.
    ports.clock.advance(hourMs);
    expect(await createHandler(broken)({})).toBeUndefined();
  });
});
