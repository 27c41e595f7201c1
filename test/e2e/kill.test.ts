import { expect, it } from 'vitest';
import { killRounds } from '../prove/kill.ts';

it('a convoy ends with each bead merged once and no invariant violated though the control plane and the runner are killed', async () => {
  const result = await killRounds(2, 7, ['runner', 'control-plane']);
  expect(result.failures).toEqual([]);
}, 600_000);
