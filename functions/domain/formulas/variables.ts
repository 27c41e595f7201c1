// Variables of a formula: what was given, what is missing, what does not fit. Pure.
import { formulaLimits } from '../../contracts/formula.schema.ts';
import type { Formula, FormulaVariable } from '../../contracts/formula.schema.ts';
import type { Report } from './problem.ts';

/** Convoys call them inputs. */
export const declaredVariables = (formula: Formula): ReadonlyMap<string, FormulaVariable> =>
  new Map([...Object.entries(formula.inputs ?? {}), ...Object.entries(formula.vars ?? {})]);

const kinds: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,15}$/,
  integer: /^-?\d{1,15}$/,
  number: /^-?\d{1,15}(\.\d{1,15})?$/,
  bool: /^(true|false)$/,
  boolean: /^(true|false)$/,
};
const patternedCharacters = 500;

/** A repeated group that repeats or chooses inside can take for ever on a short text. */
const canRunAway = (pattern: string): boolean => {
  const groups: boolean[] = [];
  const bare = pattern.replaceAll(/\\./gs, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  for (const [index, sign] of bare.split('').entries()) {
    if (sign === '(') groups.push(false);
    else if (sign === ')') {
      const restless = groups.pop() ?? false;
      const repeated = /^[*+{]/.test(bare.slice(index + 1));
      if (restless && repeated) return true;
      if ((restless || repeated) && groups.length > 0) groups[groups.length - 1] = true;
    } else if (/[*+{|]/.test(sign) && groups.length > 0) groups[groups.length - 1] = true;
  }
  return false;
};

const fitsPattern = (pattern: string, value: string): boolean | 'bad pattern' => {
  if (canRunAway(pattern)) return 'bad pattern';
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return 'bad pattern';
  }
};

const checkValue = (name: string, declared: FormulaVariable, value: string, report: Report): void => {
  if (value.length > formulaLimits.valueCharacters)
    return report(`the variable ${name} is longer than ${formulaLimits.valueCharacters} characters`);
  const kind = declared.type === undefined ? undefined : kinds[declared.type];
  if (kind !== undefined && !kind.test(value)) report(`the variable ${name} must be of type ${declared.type}, not "${value.slice(0, 80)}"`);
  if (declared.enum !== undefined && !declared.enum.includes(value))
    report(`the variable ${name} must be one of ${declared.enum.join(', ')}, not "${value.slice(0, 80)}"`);
  if (declared.pattern === undefined) return;
  const fits = value.length > patternedCharacters ? false : fitsPattern(declared.pattern, value);
  if (fits === 'bad pattern')
    report(`the pattern of the variable ${name} is no regular expression that can be checked safely: ${declared.pattern}`);
  else if (!fits) report(`the variable ${name} must match ${declared.pattern}, not "${value.slice(0, 80)}"`);
};

export interface Given {
  /** What the caller says. */
  readonly values: Readonly<Record<string, string>>;
  /** What the town knows by itself (title, issue); a formula may use it without declaring it. */
  readonly known: Readonly<Record<string, string>>;
}

/** Every variable with its value. An undeclared one that is used is reported where it is used. */
export const checkedVariables = (formula: Formula, given: Given, report: Report): ReadonlyMap<string, string> => {
  const declared = declaredVariables(formula);
  const values = new Map<string, string>(Object.entries(given.known));
  for (const name of Object.keys(given.values)) {
    if (!declared.has(name))
      report(
        declared.size === 0
          ? `there is no variable ${name}: ${formula.formula} has none`
          : `there is no variable ${name}; ${formula.formula} has ${[...declared.keys()].join(', ')}`,
      );
  }
  const said = new Map(Object.entries(given.values));
  for (const [name, definition] of declared) {
    const value = said.get(name) ?? definition.default ?? values.get(name);
    const spared = definition.required_unless?.some((other) => (said.get(other) ?? '') !== '') ?? false;
    const needed = definition.required === true || (definition.required_unless !== undefined && !spared);
    if (value === undefined && needed)
      report(`the variable ${name} is required${definition.description === undefined ? '' : `: ${definition.description}`}`);
    if (value !== undefined && (value !== '' || needed)) checkValue(name, definition, value, report);
    values.set(name, value ?? '');
  }
  return values;
};
