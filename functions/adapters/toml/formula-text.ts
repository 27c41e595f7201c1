// Formulas as text: TOML (the format of Beads and Gas Town) or JSON, read and written without loss. Knows a TOML library; the rules know documents only.
import { parse, stringify } from 'smol-toml';
import { z } from 'zod';
import { formulaLimits, formulaSchema } from '../../contracts/formula.schema.ts';
import type { Formula } from '../../contracts/formula.schema.ts';
import { isDeeperThan } from '../../contracts/primitives.schema.ts';

export type FormulaFormat = 'toml' | 'json';
export type ReadFormula = { readonly ok: true; readonly formula: Formula } | { readonly ok: false; readonly message: string };

/** TOML knows no null: what JSON says is nothing is left out. Dates become their text. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((each) => each !== null && each !== undefined).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
};

const firstLine = (error: unknown): string => (error instanceof Error ? error.message.trim() : String(error)).slice(0, 1000);

/** The document of a text. The message says where the text is wrong. */
export const readFormula = (text: string, format: FormulaFormat = 'toml'): ReadFormula => {
  if (Buffer.byteLength(text) > formulaLimits.textBytes)
    return { ok: false, message: `a formula is at most ${formulaLimits.textBytes} bytes` };
  let value: unknown;
  try {
    value = format === 'toml' ? parse(text, { maxDepth: formulaLimits.depth, unsafeKeyBehaviour: 'throw' }) : JSON.parse(text);
  } catch (error) {
    return { ok: false, message: `this is not ${format.toUpperCase()}: ${firstLine(error)}` };
  }
  if (isDeeperThan(value, formulaLimits.depth)) return { ok: false, message: `a formula is at most ${formulaLimits.depth} levels deep` };
  const parsed = formulaSchema.safeParse(withoutNulls(value));
  if (parsed.success) return { ok: true, formula: parsed.data };
  return { ok: false, message: z.prettifyError(parsed.error).slice(0, 4000) };
};

/** The same document as TOML. */
export const tomlOf = (formula: Formula): string => `${stringify(withoutNulls(formula))}\n`;
