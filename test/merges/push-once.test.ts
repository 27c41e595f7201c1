import { expect, it } from 'vitest';
import { run } from '../prove/push-once.ts';

it('a change lands exactly once, and nothing of others is lost, wherever the process is killed', async () => {
  const result = await run({ full: false });
  expect(result.failures).toEqual([]);
  expect(result.details.kills).toBeGreaterThanOrEqual(result.rounds - 2);
  expect(result.details.moved).toBeGreaterThan(0);
  expect(result.details.alreadyThere).toBeGreaterThan(0);
}, 300_000);
