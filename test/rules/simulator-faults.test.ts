// A sample of the planted faults; all of them: `npm run prove simulator-faults`.
import { describe, expect, it } from 'vitest';
import { run } from '../prove/simulator-faults.ts';

describe('the judges of a simulated town', () => {
  it('turn red when a rule decides nothing any more, and stay green when nothing is broken', async () => {
    const { failures, details } = await run({ full: false });
    expect(failures).toEqual([]);
    expect(details.table).toMatchObject({ 'drop nothing': 'never red', 'drop B4': expect.stringContaining('red with seed 1') });
  }, 120_000);
});
