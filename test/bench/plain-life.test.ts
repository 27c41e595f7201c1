import { expect, it } from 'vitest';
import { measurePlainLife } from './plain-life.ts';

/** What the decision about costs says for today; lower it with every step that gets cheaper. */
const mostWriteUnits = 115;
const mostReadUnits = 140;

it('takes no more units for the plain life of a bead than is written down', async () => {
  const steps = await measurePlainLife();
  const sum = (of: 'readUnits' | 'writeUnits'): number => steps.reduce((total, step) => total + step[of], 0);
  expect(steps.map(({ step }) => step)).toEqual(['create', 'dispatch', 'push', 'done', 'merge', 'close']);
  expect(sum('writeUnits')).toBeLessThanOrEqual(mostWriteUnits);
  expect(sum('readUnits')).toBeLessThanOrEqual(mostReadUnits);
  expect(sum('writeUnits')).toBeGreaterThan(0);
});
