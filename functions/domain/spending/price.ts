// What a model call costs. Pure. A price that is not known is charged at a ceiling and marked; only the product's own scripted model is free.
import { listPrices, priceTableVersion, regionalSurcharge } from './price-table.ts';
import type { ListedPrice, Price } from './price-table.ts';

export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}
export interface Cost {
  readonly costMicroUsd: number;
  readonly price: 'listed' | 'estimated' | 'free';
  readonly prices: string;
}

/** The provider name of the model that ships with the product. It is a known price of 0, told apart by the mark `free`. */
export const scriptedProvider = 'scripted';

/** A date, a version or `latest` behind a name does not make another model; any other suffix does. */
const suffixes = /(?:-(?:latest|preview|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}|\d{6,8}))*(?:-v\d+)?(?::\d+[a-z0-9]*)?$/;
const vendorPrefix = /^(?:(us|us-gov|eu|apac|jp|au|ca|sa|me|af|global)\.)?(?:anthropic|amazon)\./;

const surcharged = (listed: ListedPrice): ListedPrice => {
  const raise = (price: Price): Price => ({
    input: price.input * regionalSurcharge.factor,
    output: price.output * regionalSurcharge.factor,
    cacheRead: price.cacheRead * regionalSurcharge.factor,
    cacheWrite: price.cacheWrite * regionalSurcharge.factor,
  });
  return {
    ...raise(listed),
    ...(listed.long === undefined ? {} : { long: { ...raise(listed.long), aboveTokens: listed.long.aboveTokens } }),
  };
};

/** The list price of a model as its provider names it; undefined when it is not in the table. */
export const listedPrice = (provider: string, model: string): ListedPrice | undefined => {
  const prices = listPrices[provider];
  if (prices === undefined) return undefined;
  const region = vendorPrefix.exec(model)?.[1];
  const name = model.replace(vendorPrefix, '').replace(suffixes, '');
  const listed = Object.hasOwn(prices, name) ? prices[name] : undefined;
  const dearer = provider === 'bedrock' && region !== 'global' && regionalSurcharge.models.some((each) => each === name);
  return listed !== undefined && dearer ? surcharged(listed) : listed;
};

/** Dollars per million tokens are millionths of a dollar per token. Rounded up: tokens never cost 0. */
const sum = (tokens: Tokens, { input, output, cacheRead, cacheWrite }: Price): number =>
  Math.ceil(
    tokens.inputTokens * input +
      tokens.outputTokens * output +
      tokens.cacheReadTokens * cacheRead +
      tokens.cacheWriteTokens * cacheWrite -
      1e-9,
  );

/** `unknownUsdPerMTok` stands in for each kind of token of a model without a known price. */
export const costOf = (
  call: Tokens & { readonly provider: string | undefined; readonly model: string },
  unknownUsdPerMTok: number,
): Cost => {
  if (call.provider === scriptedProvider) return { costMicroUsd: 0, price: 'free', prices: priceTableVersion };
  const listed = call.provider === undefined ? undefined : listedPrice(call.provider, call.model);
  if (listed === undefined) {
    const ceiling = { input: unknownUsdPerMTok, output: unknownUsdPerMTok, cacheRead: unknownUsdPerMTok, cacheWrite: unknownUsdPerMTok };
    return { costMicroUsd: sum(call, ceiling), price: 'estimated', prices: priceTableVersion };
  }
  const promptTokens = call.inputTokens + call.cacheReadTokens + call.cacheWriteTokens;
  const { long } = listed;
  const price = long !== undefined && promptTokens > long.aboveTokens ? long : listed;
  return { costMicroUsd: sum(call, price), price: 'listed', prices: priceTableVersion };
};
