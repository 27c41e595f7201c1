import { describe, expect, it } from 'vitest';
import { aConvoy, aRig, aTown, anAgent, anIssue, nowMs, rigId, work } from '../../../test/rules/build.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { moneyLeft } from './money-left.ts';

const usd = 1_000_000;
const bead = anIssue('web-b001', {}, { convoyId: 'hq-c001' });
const route = { kind: 'opencode-provider', provider: 'openai', model: 'gpt-5-mini' } as const;
const left = (
  items: WorkItem[],
  more: { route?: Parameters<typeof moneyLeft>[1][number]['route']; rig?: ReturnType<typeof aRig> } = {},
) => {
  const convoy = aConvoy('hq-c001', ['web-b001']);
  const known =
    convoy.details.type === 'convoy' ? { ...convoy, details: { ...convoy.details, settings: { 'budget.convoyUsd': 20 } } } : convoy;
  return moneyLeft(
    { town: aTown(), rigs: [more.rig ?? aRig()], work: items, nowMs, bead: (id) => [bead, known].find(({ beadId }) => beadId === id) },
    [{ agent: anAgent('toast'), hook: bead, route: more.route ?? route }],
    'http://127.0.0.1:9/v1',
  );
};

describe('what is left to spend', () => {
  it('is the budget of the day without what was spent, and the cap of tokens likewise', () => {
    const spent = work('spend', `20261121#${rigId}`, { costMicroUsd: 48 * usd, tokens: 1000 });
    expect(left([spent])).toMatchObject({ town: { leftMicroUsd: 2 * usd, graceMicroUsd: 5 * usd }, tokensLeft: 49_999_000 });
  });
  it('is nothing when what was spent is not known', () => {
    expect(left([work('spend', `20261121#${rigId}`)])).toMatchObject({ town: { leftMicroUsd: -50 * usd }, tokensLeft: -50_000_000 });
  });
  it('of an agent is the least of its bead, its convoy and its rig', () => {
    const own = (items: WorkItem[], rig = aRig()) => left(items, { rig }).agents['toast']?.own?.leftMicroUsd;
    expect(own([])).toBe(2 * usd);
    expect(own([work('budget', 'web-b001', { costMicroUsd: 9 * usd })])).toBe(usd);
    expect(own([work('budget', 'hq-c001', { costMicroUsd: 20 * usd })])).toBe(0);
    expect(
      own([work('spend', `20261121#${rigId}`, { costMicroUsd: 6 * usd, tokens: 0 })], { ...aRig(), config: { 'budget.rigDayUsd': 5 } }),
    ).toBe(-usd);
  });
  it('comes with the price of the model: listed, the ceiling when unknown, 0 for the scripted one', () => {
    expect(left([]).agents['toast']?.price).toMatchObject({ input: 0.25, output: 2 });
    expect(left([], { route: { ...route, model: 'mystery' } }).agents['toast']?.price).toMatchObject({ input: 30, cacheRead: 30 });
    const scripted = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', model: 'scripted-polecat' } as const;
    expect(left([], { route: scripted }).agents['toast']?.price).toMatchObject({ input: 0, output: 0 });
  });
});
