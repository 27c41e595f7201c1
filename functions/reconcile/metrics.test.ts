import { describe, expect, it } from 'vitest';
import { beadTown } from '../../test/beads/bead-town.ts';
import { createEmfMetrics } from '../adapters/system.ts';
import { reconcileTown } from './reconcile.ts';

describe('what a pass measures', () => {
  it('H5 is what it did, by action and by rule', async () => {
    const town = await beadTown();
    await town.sling('First');
    await reconcileTown(town.ports, town.townId);
    expect(town.ports.measured).toMatchObject([
      { values: { Dispatches: 1, ReadyBeads: 1, ActionsFailed: 0, OpenBreakers: 0 }, facts: { townId: town.townId, rule_B1: 1 } },
    ]);
  });
  it('H5 is nothing when there was nothing to do', async () => {
    const town = await beadTown();
    await reconcileTown(town.ports, town.townId);
    expect(town.ports.measured).toEqual([]);
  });
  it('H5 is one line of the log that CloudWatch reads, with the deployment as its only dimension', () => {
    const lines: string[] = [];
    createEmfMetrics((line) => lines.push(line), { nowMs: () => 1_795_255_200_000 }, 'blue').record(
      { PassMs: 12, Dispatches: 2 },
      { townId: 't-1' },
    );
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        townId: 't-1',
        PassMs: 12,
        Dispatches: 2,
        Deployment: 'blue',
        _aws: {
          Timestamp: 1_795_255_200_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Gastown',
              Dimensions: [['Deployment']],
              Metrics: [
                { Name: 'PassMs', Unit: 'Milliseconds' },
                { Name: 'Dispatches', Unit: 'Count' },
              ],
            },
          ],
        },
      },
    ]);
  });
});
