// The demo as a newcomer sees it: seconds from a message to the Mayor to three merged beads, with the default waits.
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import { eventually, startLocalTown } from '../e2e/local-town.ts';

export interface ConvoyFigures {
  readonly answeredSeconds: number;
  readonly convoySeconds: number;
  readonly landedSeconds: number;
}
export const measureConvoy = async (): Promise<ConvoyFigures> => {
  const town = await startLocalTown({ demo: true, timings: defaultTimings });
  try {
    const townId = (await town.call('listTowns')).items[0]?.townId ?? '';
    const startMs = performance.now();
    const seconds = (): number => Math.round((performance.now() - startMs) / 100) / 10;
    await town.call('sayToMayor', { params: { townId }, body: { text: 'Please add a few string functions to the library, with tests.' } });
    await eventually('a convoy', 120_000, async () => (await town.call('listConvoys', { params: { townId } })).items[0]);
    const convoySeconds = seconds();
    await eventually('an answer', 120_000, async () =>
      (await town.call('mayorMessages', { params: { townId } })).items.find((message) => message.role === 'mayor'),
    );
    const answeredSeconds = seconds();
    await eventually('the convoy to land', 400_000, async () =>
      (await town.call('listConvoys', { params: { townId } })).items.find((convoy) => convoy.status === 'closed'),
    );
    return { answeredSeconds, convoySeconds, landedSeconds: seconds() };
  } finally {
    await town.stop();
  }
};
