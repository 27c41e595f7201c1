// A sample of `npm run prove fuzz`: no request breaks the town, tells of another one, or leaves half of what it refused.
import { expect, it } from 'vitest';
import { run } from '../prove/fuzz.ts';

it('holds against requests to every route and tool, good, odd and spoiled', async () => {
  const { rounds, failures } = await run({ full: false });
  expect(failures).toEqual([]);
  expect(rounds).toBeGreaterThan(500);
});
