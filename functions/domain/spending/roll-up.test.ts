import { describe, expect, it } from 'vitest';
import type { Tally } from '../../contracts/usage.schema.ts';
import { rolledUp } from './roll-up.ts';

const aTally = (more: Partial<Tally>): Tally => ({
  townId: 't-4f9k2m1q',
  period: '20261121',
  scope: JSON.stringify(more),
  calls: 1,
  inputTokens: 100,
  outputTokens: 10,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  durationMs: 5,
  costMicroUsd: 1000,
  estimatedMicroUsd: 0,
  computeMicroUsd: 0,
  ...more,
});
const tallies = [
  aTally({ beadId: 'web-a', agentId: 'toast', requestedBy: 'ada', rigId: 'r-web1', convoyId: 'hq-c1', model: 'm1' }),
  aTally({ beadId: 'web-b', agentId: 'toast', requestedBy: 'bob', rigId: 'r-web1', model: 'm1', costMicroUsd: 5000 }),
  aTally({ agentId: 'mayor', requestedBy: 'ada', model: 'm2', period: '20261120', estimatedMicroUsd: 1000 }),
];

describe('what was spent', () => {
  it.each([
    ['bead', ['web-b', undefined, 'web-a']],
    ['convoy', [undefined, 'hq-c1']],
    ['agent', ['toast', 'mayor']],
    ['user', ['bob', 'ada']],
    ['rig', ['r-web1', undefined]],
    ['day', ['2026-11-20', '2026-11-21']],
    ['model', ['m1', 'm2']],
  ] as const)('is summed by %s, dearest first, days in their order', (by, keys) => {
    const { items, total } = rolledUp(tallies, by);
    expect(items.map(({ key }) => key)).toEqual(keys);
    expect(total).toMatchObject({ calls: 3, costMicroUsd: 7000, estimatedMicroUsd: 1000 });
    expect(items.reduce((sum, item) => sum + item.costMicroUsd, 0)).toBe(total.costMicroUsd);
  });
  it('is nothing for no rows', () => {
    expect(rolledUp([], 'bead')).toMatchObject({ items: [], total: { calls: 0, costMicroUsd: 0 } });
  });
});
