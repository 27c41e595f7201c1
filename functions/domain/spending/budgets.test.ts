import { describe, expect, it } from 'vitest';
import type { Settings } from '../../contracts/settings.schema.ts';
import { aConvoy, aRig, aTown, anIssue, nowMs, rigId, work } from '../../../test/rules/build.ts';
import { budgetMicroUsdOf, dayStandings, standingSentence, unknownPriceUsdPerMTok } from './budgets.ts';

const usd = 1_000_000;
const town = (config: Settings, organisation: Settings = {}) => aTown({}, { config, inherited: { organisation, people: {} } });
const convoyWith = (settings: Settings) => {
  const convoy = aConvoy('hq-c001', []);
  return convoy.details.type === 'convoy' ? { ...convoy, details: { ...convoy.details, settings } } : convoy;
};
const limits = (of: ReturnType<typeof town>, rig = aRig()) =>
  Object.fromEntries(dayStandings([], { town: of, rigs: [rig], nowMs }).map(({ scope, limit }) => [scope, limit]));

describe('the budgets that hold', () => {
  it('budget.dayUsd: 50 USD, else what the organisation, else what the town says', () => {
    expect(limits(town({}))['town']).toBe(50 * usd);
    expect(limits(town({}, { 'budget.dayUsd': 70 }))['town']).toBe(70 * usd);
    expect(limits(town({ 'budget.dayUsd': 5 }, { 'budget.dayUsd': 70 }))['town']).toBe(5 * usd);
  });
  it('budget.dayTokens: 50 million, else what the organisation, else what the town says', () => {
    expect(limits(town({}))['tokens']).toBe(50_000_000);
    expect(limits(town({}, { 'budget.dayTokens': 9 }))['tokens']).toBe(9);
    expect(limits(town({ 'budget.dayTokens': 5 }, { 'budget.dayTokens': 9 }))['tokens']).toBe(5);
  });
  it('budget.rigDayUsd: none, else what the organisation, the town, the rig says', () => {
    const scope = `rig#${rigId}`;
    expect(limits(town({}))).not.toHaveProperty(scope);
    expect(limits(town({}, { 'budget.rigDayUsd': 3 }))[scope]).toBe(3 * usd);
    expect(limits(town({ 'budget.rigDayUsd': 2 }, { 'budget.rigDayUsd': 3 }))[scope]).toBe(2 * usd);
    expect(limits(town({ 'budget.rigDayUsd': 2 }), { ...aRig(), config: { 'budget.rigDayUsd': 1 } })[scope]).toBe(usd);
  });
  it('budget.convoyUsd: none, else what the organisation, the town, the rig, the convoy says', () => {
    const convoy = convoyWith({});
    expect(budgetMicroUsdOf(convoy, { town: town({}) })).toBeUndefined();
    expect(budgetMicroUsdOf(convoy, { town: town({}, { 'budget.convoyUsd': 4 }) })).toBe(4 * usd);
    const own = town({ 'budget.convoyUsd': 3 });
    expect(budgetMicroUsdOf(convoy, { town: own })).toBe(3 * usd);
    const rig = { ...aRig(), config: { 'budget.convoyUsd': 2 } };
    expect(budgetMicroUsdOf(convoy, { town: own, rig })).toBe(2 * usd);
    expect(budgetMicroUsdOf(convoyWith({ 'budget.convoyUsd': 1 }), { town: own, rig })).toBe(usd);
  });
  it('budget.beadUsd: 10 USD, else what the organisation, the town, the rig, the convoy, the bead says', () => {
    const bead = anIssue('web-b001');
    expect(budgetMicroUsdOf(bead, { town: town({}) })).toBe(10 * usd);
    expect(budgetMicroUsdOf(bead, { town: town({}, { 'budget.beadUsd': 5 }) })).toBe(5 * usd);
    const own = town({ 'budget.beadUsd': 4 });
    const rig = { ...aRig(), config: { 'budget.beadUsd': 3 } };
    const convoy = convoyWith({ 'budget.beadUsd': 2 });
    expect(budgetMicroUsdOf(bead, { town: own })).toBe(4 * usd);
    expect(budgetMicroUsdOf(bead, { town: own, rig })).toBe(3 * usd);
    expect(budgetMicroUsdOf(bead, { town: own, rig, convoy })).toBe(2 * usd);
    expect(budgetMicroUsdOf(anIssue('web-b001', {}, { settings: { 'budget.beadUsd': 1 } }), { town: own, rig, convoy })).toBe(usd);
  });
  it('budget.unknownPriceUsdPerMTok: 30 USD, else what the organisation, else what the town says', () => {
    expect(unknownPriceUsdPerMTok(town({}))).toBe(30);
    expect(unknownPriceUsdPerMTok(town({}, { 'budget.unknownPriceUsdPerMTok': 60 }))).toBe(60);
    expect(unknownPriceUsdPerMTok(town({ 'budget.unknownPriceUsdPerMTok': 15 }, { 'budget.unknownPriceUsdPerMTok': 60 }))).toBe(15);
  });
});

describe('how the day stands', () => {
  it('names the rig that has used its budget, and what lets it go on', () => {
    const items = [work('spend', `20261121#${rigId}`, { costMicroUsd: 3 * usd, tokens: 5 })];
    const found = dayStandings(items, { town: town({ 'budget.rigDayUsd': 3 }), rigs: [aRig()], nowMs }).find(
      ({ scope }) => scope === `rig#${rigId}`,
    );
    expect(found).toMatchObject({ level: 'stopped', spent: 3 * usd });
    expect(found === undefined ? '' : standingSentence(found)).toBe(
      'Rig web has spent 3.00 USD of 3.00 USD today. Nothing more is given out. Work goes on at midnight UTC, or as soon as the budget is raised.',
    );
  });
  it('does not count what was spent on another day', () => {
    const items = [work('spend', `20261120#${rigId}`, { costMicroUsd: 90 * usd, tokens: 5 })];
    expect(dayStandings(items, { town: town({}), rigs: [], nowMs })).toMatchObject([{ spent: 0, level: 'within' }, { spent: 0 }]);
  });
});
