import { describe, expect, it } from 'vitest';
import { costOf, listedPrice } from './price.ts';
import { listPrices } from './price-table.ts';

const tokens = { inputTokens: 1_200, outputTokens: 800, cacheReadTokens: 50_000, cacheWriteTokens: 2_000 };
const ceiling = 30;

describe('the cost of a model call', () => {
  it('is the list price of its provider, in whole millionths of a dollar', () => {
    expect(costOf({ ...tokens, provider: 'anthropic', model: 'claude-sonnet-4-5-20250929' }, ceiling)).toMatchObject({
      costMicroUsd: 1_200 * 3 + 800 * 15 + 50_000 * 0.3 + 2_000 * 3.75,
      price: 'listed',
    });
  });
  it('counts prompts beyond the long-context limit at their own price', () => {
    const long = { ...tokens, cacheReadTokens: 0, cacheWriteTokens: 0, inputTokens: 200_001, outputTokens: 10 };
    expect(costOf({ ...long, provider: 'google', model: 'gemini-2.5-pro' }, ceiling).costMicroUsd).toBe(Math.ceil(200_001 * 2.5 + 150));
    expect(costOf({ ...long, inputTokens: 200_000, provider: 'google', model: 'gemini-2.5-pro' }, ceiling).costMicroUsd).toBe(250_100);
  });
  it('L101 of an unknown model is the configured ceiling and marked as estimated, never 0', () => {
    for (const call of [
      { provider: 'openai', model: 'gpt-9-ultra' },
      { provider: 'models.example.com', model: 'gpt-5' },
      { provider: undefined, model: 'claude-sonnet-4-5' },
      { provider: 'anthropic', model: 'toString' },
      { provider: '__proto__', model: 'x' },
    ])
      expect(costOf({ ...tokens, ...call }, ceiling)).toMatchObject({ costMicroUsd: 54_000 * ceiling, price: 'estimated' });
    expect(
      costOf({ inputTokens: 1, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, provider: 'openai', model: 'gpt-5-nano' }, 30),
    ).toMatchObject({
      costMicroUsd: 1,
    });
  });
  it('is a known 0 for the scripted model only, and says so', () => {
    expect(costOf({ ...tokens, provider: 'scripted', model: 'scripted-polecat' }, ceiling)).toMatchObject({
      costMicroUsd: 0,
      price: 'free',
    });
    expect(costOf({ ...tokens, provider: 'models.example.com', model: 'scripted' }, ceiling).price).toBe('estimated');
  });
});

describe('the name of a model', () => {
  it('is found under its date, version and inference profile', () => {
    expect(listedPrice('bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0')).toEqual(
      listedPrice('anthropic', 'claude-sonnet-4-5'),
    );
    expect(listedPrice('bedrock', 'anthropic.claude-3-haiku-20240307-v1:0')?.input).toBe(0.25);
    expect(listedPrice('bedrock', 'us.amazon.nova-pro-v1:0')?.output).toBe(3.2);
    expect(listedPrice('openai', 'gpt-5-2025-08-07')?.input).toBe(1.25);
    expect(listedPrice('google', 'gemini-2.5-flash-preview-09-2025')?.input).toBe(0.3);
  });
  it('costs a tenth more through a regional profile of a newer model', () => {
    expect(listedPrice('bedrock', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0')?.output).toBeCloseTo(5.5);
  });
  it('of a smaller or larger sibling is another model', () => {
    expect(listedPrice('openai', 'gpt-5-mini')?.input).toBe(0.25);
    expect(listedPrice('openai', 'gpt-5-max')).toBeUndefined();
    expect(listedPrice('anthropic', 'claude-sonnet-4-9')).toBeUndefined();
  });
  it('has prices above 0 throughout the table, and a cache that is never dearer to read than the input', () => {
    for (const [provider, models] of Object.entries(listPrices))
      for (const [model, { input, output, cacheRead, cacheWrite }] of Object.entries(models)) {
        expect(Math.min(input, output, cacheRead, cacheWrite), `${provider} ${model}`).toBeGreaterThan(0);
        expect(cacheRead, `${provider} ${model}`).toBeLessThanOrEqual(input);
      }
  });
});
