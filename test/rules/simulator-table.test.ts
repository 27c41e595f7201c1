// One small town of the simulator on the table's own engine: the store in memory must not be what makes it come to rest.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aTestTable } from '../store/dynamodb.ts';
import type { TestTable } from '../store/dynamodb.ts';
import { liveBig } from './simulation/big-town.ts';

describe('a simulated town on a table', () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await aTestTable();
  });
  afterAll(() => {
    table.client.destroy();
  });
  it('comes to rest like one in memory', async () => {
    const life = await liveBig(2, { beads: 15, store: table.store, troubleMs: 20 * 60_000 });
    expect(life.problems).toEqual([]);
    expect(life.dispatches).toBeGreaterThan(10);
  }, 170_000);
});
