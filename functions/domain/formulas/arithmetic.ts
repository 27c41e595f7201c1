// Numbers of loops: whole-number expressions with + - * / ^ and parentheses, and ranges of them. Pure.

type Tokens = { readonly words: readonly string[]; at: number };
const largest = 1_000_000;

/** Undefined for what is no expression or gets out of hand. */
export const evaluate = (text: string): number | undefined => {
  const words = text.match(/\d+|[-+*/^()]|\S/g) ?? [];
  const tokens: Tokens = { words, at: 0 };
  const value = sum(tokens);
  return value !== undefined && tokens.at === words.length && Number.isInteger(value) && Math.abs(value) <= largest ? value : undefined;
};

const take = (tokens: Tokens, ...wanted: readonly string[]): string | undefined => {
  const word = tokens.words[tokens.at];
  if (word === undefined || !wanted.includes(word)) return undefined;
  tokens.at += 1;
  return word;
};
const chain =
  (operators: readonly string[], inner: (tokens: Tokens) => number | undefined, apply: (a: number, b: number, by: string) => number) =>
  (tokens: Tokens): number | undefined => {
    let value = inner(tokens);
    for (let by = take(tokens, ...operators); by !== undefined && value !== undefined; by = take(tokens, ...operators)) {
      const other = inner(tokens);
      value = other === undefined ? undefined : apply(value, other, by);
    }
    return value;
  };
const atom = (tokens: Tokens): number | undefined => {
  if (take(tokens, '-') !== undefined) {
    const value = atom(tokens);
    return value === undefined ? undefined : -value;
  }
  if (take(tokens, '(') !== undefined) {
    const value = sum(tokens);
    return take(tokens, ')') === undefined ? undefined : value;
  }
  const word = tokens.words[tokens.at];
  if (word === undefined || !/^\d{1,7}$/.test(word)) return undefined;
  tokens.at += 1;
  return Number(word);
};
/** To the right: 2^3^2 is 2^(3^2). */
const power = (tokens: Tokens): number | undefined => {
  const base = atom(tokens);
  if (base === undefined || take(tokens, '^') === undefined) return base;
  const exponent = power(tokens);
  return exponent === undefined ? undefined : base ** exponent;
};
const product = chain(['*', '/'], power, (a, b, by) => (by === '*' ? a * b : Math.trunc(a / b)));
const sum = chain(['+', '-'], product, (a, b, by) => (by === '+' ? a + b : a - b));

/** First and last number of `1..2^3`; undefined when it is no range or runs backwards. */
export const rangeOf = (text: string): { readonly first: number; readonly last: number } | undefined => {
  const [from, to, ...more] = text.split('..');
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  const first = evaluate(from);
  const last = evaluate(to);
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
};
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Milliseconds of `90s`, `1h30m`, `2d`; undefined when it is no duration. */
export const durationMs = (text: string): number | undefined => {
  if (!/^(\d{1,6}(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) total += Number(number) * (unitMs[unit ?? ''] ?? 0);
  return total;
};
