import { expect, it } from 'vitest';
import { run } from '../prove/agents-apart.ts';

it('keeps an agent from the files, processes, secrets and branches of another (sample of `npm run prove agents-apart`)', async () => {
  const { failures, attempts, note } = await run({ full: false });
  expect(failures).toEqual([]);
  if (note === undefined) expect(attempts.length).toBeGreaterThan(30);
}, 240_000);
