// A sample of the never-lost proof; all seeds run by `npm run prove never-lost`.
import { describe, expect, it } from 'vitest';
import { run } from '../prove/never-lost.ts';
import { liveOnce } from './simulation/town.ts';

describe('a town in which everything fails now and then', () => {
  it('loses no bead, dispatches none twice at once, and lands each convoy once', async () => {
    const { failures, details } = await run({ full: false });
    expect(failures.map(({ seed, problems }) => `seed ${seed}: ${problems.join('; ')}`)).toEqual([]);
    expect(details.kills).toBeGreaterThan(100);
  }, 180_000);

  it('lives the same life again from the same seed', async () => {
    const [one, other] = [await liveOnce(7, false), await liveOnce(7, false)];
    expect(other).toEqual(one);
  }, 30_000);
});
