import { expect, it } from 'vitest';
import { measureAgentHour } from './agent-hour.ts';

/** What docs/costs.md says of one agent that works alone, which is the dearest. */
const most = { reports: 480, usage: 1442, transcripts: 540 };

it('takes no more write units for an hour of an agent than is written down', async () => {
  const { reports, usage, transcripts } = await measureAgentHour(1);
  const units = { reports: reports.writeUnits, usage: usage.writeUnits, transcripts: transcripts.writeUnits };
  for (const [part, limit] of Object.entries(most)) {
    expect(units).toHaveProperty(part, expect.any(Number));
    expect(new Map(Object.entries(units)).get(part)).toBeLessThanOrEqual(limit);
    expect(new Map(Object.entries(units)).get(part)).toBeGreaterThan(0);
  }
}, 60_000);
