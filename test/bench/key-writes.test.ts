// Is there a key that a busy town writes too often? A partition of the table takes 1,000 write units a second; a town keeps far below on each.
import { describe, expect, it } from 'vitest';
import { storedRow } from '../../functions/adapters/dynamodb/counting-units.ts';
import { flatWrite, identityOf } from '../../functions/adapters/dynamodb/items.ts';
import type { Row } from '../../functions/adapters/dynamodb/units.ts';
import type { Store, Write } from '../../functions/ports.ts';
import { liveBig } from '../rules/simulation/big-town.ts';
import { createLightStore } from '../rules/simulation/light-store.ts';

const partitionKeys = ['pk', 'gsi1pk', 'gsi3pk'] as const;
const mostWritesPerSecond = 100;

/** Rows written by partition key and second of the town's time, in the table and its indexes. */
class KeyWrites {
  private readonly counts = new Map<string, number>();
  private readonly rows = new Map<string, Row>();
  nowMs = (): number => 0;

  over(store: Store): Store {
    return {
      ...store,
      commit: async (writes) => {
        const outcome = await store.commit(writes);
        if (outcome.ok) for (const write of writes) if (!('check' in write)) this.saw(write);
        return outcome;
      },
    };
  }
  private saw(write: Write): void {
    const { act, name, attributes } = flatWrite(write);
    const id = `${name} ${identityOf(name, attributes)}`;
    const before = this.rows.get(id);
    const names = name === 'dependency' ? (['dependency', 'dependent'] as const) : ([name] as const);
    const isWhole = act === 'put' || act === 'add';
    const after = isWhole ? names.map((each) => storedRow(each, attributes)) : [];
    if (after[0] !== undefined) this.rows.set(id, after[0]);
    const second = Math.floor(this.nowMs() / 1_000);
    for (const row of isWhole ? after : [before])
      for (const key of partitionKeys) {
        const touched = [row?.[key], ...(isWhole && key !== 'pk' ? [before?.[key]] : [])];
        for (const value of new Set(touched)) if (typeof value === 'string') this.count(`${key} ${value} in second ${second}`);
      }
  }
  private count(at: string): void {
    this.counts.set(at, (this.counts.get(at) ?? 0) + 1);
  }
  get keys(): number {
    return this.counts.size;
  }
  /** The busiest, most first. */
  busiest(count: number): (readonly [string, number])[] {
    return [...this.counts].toSorted(([, one], [, other]) => other - one).slice(0, count);
  }
}

describe('a town at its caps: 30 workers, 5 slings and a letter a second, reports and merges', () => {
  it('writes no partition key of the table or of an index more than 100 times in any second', async () => {
    const writes = new KeyWrites();
    const store = writes.over(createLightStore());
    const life = await liveBig(3, {
      beads: 150,
      store,
      restMs: 4 * 60_000,
      busy: { everyMs: 200, workers: 30 },
      onClock: (nowMs) => {
        writes.nowMs = nowMs;
      },
    });
    expect(life.dispatches).toBeGreaterThan(60);
    expect(writes.keys).toBeGreaterThan(500);
    expect(writes.busiest(1_000).filter(([, count]) => count > mostWritesPerSecond)).toEqual([]);
  }, 120_000);
});
