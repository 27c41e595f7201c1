// A sample of the simulator; whole towns live by `npm run prove simulator`.
import { describe, expect, it } from 'vitest';
import { run } from '../prove/simulator.ts';
import { liveBig } from './simulation/big-town.ts';

describe('a town full of work, people and faults', () => {
  it('comes to rest: every bead has ended or waits for somebody, nothing runs, and no rule was ever broken', async () => {
    const { failures, details } = await run({ full: false });
    expect(failures.map(({ seed, problems }) => `seed ${seed}: ${problems.join('; ')}`)).toEqual([]);
    expect(details.kills).toBeGreaterThan(10);
    expect(details.dispatches).toBeGreaterThan(60);
    for (const fault of ['hintLost', 'passKilled', 'storeUnavailable', 'answerLost', 'agentLies', 'refineryWantsChanges'])
      expect(details.faults[fault], fault).toBeGreaterThan(0);
  }, 120_000);

  it('lives the same life again from the same seed', async () => {
    const [one, other] = [await liveBig(17, { beads: 10 }), await liveBig(17, { beads: 10 })];
    expect(other).toEqual(one);
  }, 60_000);
});
