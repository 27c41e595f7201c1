import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../../functions/contracts/agent.schema.ts';
import type { MoneyLeft } from '../../../functions/contracts/runner.schema.ts';
import { createModelBudget } from './model-budget.ts';

const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const left = (more: Partial<MoneyLeft> = {}): MoneyLeft => ({
  town: { leftMicroUsd: 1_000_000, graceMicroUsd: 100_000 },
  tokensLeft: 1_000_000,
  agents: { toast: { price, own: { leftMicroUsd: 500_000, graceMicroUsd: 50_000 } }, maple: { price } },
  ...more,
});
const setUp = () => {
  const rows: UsageRow[] = [];
  let nowMs = Date.parse('2026-11-21T10:00:00Z');
  const budget = createModelBudget({ unreported: () => rows, nowMs: () => nowMs });
  const spend = (agentId: string, costMicroUsd: number): void => {
    rows.push({
      callId: `call-${rows.length}`,
      agentId,
      epoch: 1,
      model: 'm',
      inputTokens: 10,
      outputTokens: 1,
      cacheReadTokens: 0,
      costMicroUsd,
      durationMs: 1,
      atMs: nowMs,
    });
  };
  return { budget, rows, spend, tick: () => (nowMs += 1000) };
};

describe('the budget at the model proxy', () => {
  it('fails closed: nothing passes before it is known what is left', () => {
    const { budget } = setUp();
    expect(budget.refusal('toast')).toMatchObject({ retryable: true });
    budget.set(left());
    expect(budget.refusal('toast')).toBeUndefined();
  });
  it('prices calls by the kinds of their tokens', () => {
    const { budget } = setUp();
    budget.set(left());
    expect(budget.costOf('toast', { inputTokens: 100, outputTokens: 10, cacheReadTokens: 1000, cacheWriteTokens: 100 })).toBe(1125);
  });
  it('counts what has not been reported yet, and refuses calls once the budget is used up', () => {
    const { budget, spend, rows, tick } = setUp();
    budget.set(left());
    spend('maple', 999_999);
    expect(budget.refusal('maple')).toBeUndefined();
    spend('maple', 1);
    expect(budget.refusal('maple')).toMatchObject({
      retryable: false,
      message: expect.stringContaining("town's budget for today is used up"),
    });
    tick();
    rows.length = 0;
    budget.set(left({ town: { leftMicroUsd: 0, graceMicroUsd: 100_000 } }));
    expect(budget.refusal('maple')).toBeDefined();
  });
  it("keeps one agent's bead apart from the others", () => {
    const { budget, spend } = setUp();
    budget.set(left());
    spend('toast', 500_000);
    expect(budget.refusal('toast')?.message).toContain('The budget of this bead');
    expect(budget.refusal('maple')).toBeUndefined();
  });
  it('lets a turn that has begun end, up to its grace, and refuses the next turn', () => {
    const { budget, spend, tick } = setUp();
    budget.set(left());
    budget.turnBegins('toast');
    tick();
    spend('toast', 510_000);
    expect(budget.refusal('toast')).toBeUndefined();
    tick();
    budget.turnBegins('toast');
    expect(budget.refusal('toast')).toBeDefined();
  });
  it('refuses within a turn, too, what goes beyond the grace', () => {
    const { budget, spend, tick } = setUp();
    budget.set(left());
    budget.turnBegins('toast');
    tick();
    spend('toast', 550_000);
    expect(budget.refusal('toast')).toBeDefined();
  });
  it('lets calls pass again as soon as a raised budget or a new day is heard of', () => {
    const { budget, spend, tick } = setUp();
    budget.set(left());
    spend('maple', 2_000_000);
    expect(budget.refusal('maple')).toBeDefined();
    tick();
    budget.set(left({ town: { leftMicroUsd: 50_000_000, graceMicroUsd: 0 } }));
    expect(budget.refusal('maple')).toBeUndefined();
  });
  it('caps tokens whatever they cost, also of a model that is free', () => {
    const { budget, spend } = setUp();
    const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    budget.set(left({ town: { leftMicroUsd: -1, graceMicroUsd: 0 }, tokensLeft: 11, agents: { toast: { price: free } } }));
    expect(budget.refusal('toast')).toBeUndefined();
    spend('toast', 0);
    expect(budget.refusal('toast')?.message).toContain('cap of tokens');
  });
});
