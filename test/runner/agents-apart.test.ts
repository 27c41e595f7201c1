import { expect, it } from 'vitest';
import { run } from '../prove/agents-apart.ts';

it('keeps an agent from the files, processes, secrets and branches of another (sample of `npm run prove agents-apart`)', async () => {
  const { failures, attempts, note } = await run({ full: false });
  expect(failures).toEqual([]);
  // Where agents cannot have users of their own, the note says so and nothing was tried.
  expect(attempts.length > 30).toBe(note === undefined);
}, 240_000);
