// Public list prices of models, in US dollars per million tokens. Data only; raise the version with every change, rows keep the one they were priced by.
// Sources (list prices, on demand): claude.com/pricing, aws.amazon.com/bedrock/pricing, openai.com/api/pricing, ai.google.dev/gemini-api/docs/pricing.

export const priceTableVersion = '2026-01';

export interface Price {
  readonly input: number;
  readonly output: number;
  /** Tokens read from the provider's cache. */
  readonly cacheRead: number;
  /** Tokens written to it; the input price where writing costs nothing more. */
  readonly cacheWrite: number;
}
export interface ListedPrice extends Price {
  /** Prompts above so many tokens cost these prices throughout. */
  readonly long?: Price & { readonly aboveTokens: number };
}

const price = (input: number, output: number, cacheRead: number, cacheWrite = input): Price => ({ input, output, cacheRead, cacheWrite });
const aboveTokens = 200_000;

const claude: Readonly<Record<string, ListedPrice>> = {
  'claude-opus-4-5': price(5, 25, 0.5, 6.25),
  'claude-opus-4-1': price(15, 75, 1.5, 18.75),
  'claude-opus-4': price(15, 75, 1.5, 18.75),
  'claude-opus-4-0': price(15, 75, 1.5, 18.75),
  'claude-sonnet-4-5': { ...price(3, 15, 0.3, 3.75), long: { ...price(6, 22.5, 0.6, 7.5), aboveTokens } },
  'claude-sonnet-4': { ...price(3, 15, 0.3, 3.75), long: { ...price(6, 22.5, 0.6, 7.5), aboveTokens } },
  'claude-sonnet-4-0': { ...price(3, 15, 0.3, 3.75), long: { ...price(6, 22.5, 0.6, 7.5), aboveTokens } },
  'claude-3-7-sonnet': price(3, 15, 0.3, 3.75),
  'claude-3-5-sonnet': price(3, 15, 0.3, 3.75),
  'claude-haiku-4-5': price(1, 5, 0.1, 1.25),
  'claude-3-5-haiku': price(0.8, 4, 0.08, 1),
  'claude-3-haiku': price(0.25, 1.25, 0.03, 0.3),
};

/** By provider and the model's plain name, without date and version. */
export const listPrices: Readonly<Record<string, Readonly<Record<string, ListedPrice>>>> = {
  anthropic: claude,
  bedrock: {
    ...claude,
    'nova-micro': price(0.035, 0.14, 0.00875),
    'nova-lite': price(0.06, 0.24, 0.015),
    'nova-pro': price(0.8, 3.2, 0.2),
    'nova-premier': price(2.5, 12.5, 0.625),
  },
  openai: {
    'gpt-5.1': price(1.25, 10, 0.125),
    'gpt-5.1-codex': price(1.25, 10, 0.125),
    'gpt-5': price(1.25, 10, 0.125),
    'gpt-5-codex': price(1.25, 10, 0.125),
    'gpt-5-mini': price(0.25, 2, 0.025),
    'gpt-5-nano': price(0.05, 0.4, 0.005),
    'gpt-5-pro': price(15, 120, 15),
    'gpt-4.1': price(2, 8, 0.5),
    'gpt-4.1-mini': price(0.4, 1.6, 0.1),
    'gpt-4.1-nano': price(0.1, 0.4, 0.025),
    'gpt-4o': price(2.5, 10, 1.25),
    'gpt-4o-mini': price(0.15, 0.6, 0.075),
    o1: price(15, 60, 7.5),
    o3: price(2, 8, 0.5),
    'o3-pro': price(20, 80, 20),
    'o4-mini': price(1.1, 4.4, 0.275),
  },
  google: {
    'gemini-3-pro': { ...price(2, 12, 0.2), long: { ...price(4, 18, 0.4), aboveTokens } },
    'gemini-2.5-pro': { ...price(1.25, 10, 0.125), long: { ...price(2.5, 15, 0.25), aboveTokens } },
    'gemini-2.5-flash': price(0.3, 2.5, 0.03),
    'gemini-2.5-flash-lite': price(0.1, 0.4, 0.01),
    'gemini-2.0-flash': price(0.1, 0.4, 0.025),
  },
};

/** Models of these names cost a tenth more through Bedrock when the inference profile is not the global one. */
export const regionalSurcharge = { factor: 1.1, models: ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'] } as const;
