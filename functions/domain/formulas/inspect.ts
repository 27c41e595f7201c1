// What a formula asks of its user, and what is wrong with it whatever the variables are. Pure.
import type { Formula } from '../../contracts/formula.schema.ts';
import { cook } from './cook.ts';
import { collector } from './problem.ts';
import type { FormulaProblem } from './problem.ts';
import { resolved } from './resolve.ts';
import type { Library } from './resolve.ts';
import { declaredVariables } from './variables.ts';

/** Variables that the town fills in by itself. */
export const knownNames = ['title', 'description', 'issue', 'rig', 'formula_name'] as const;

export interface AskedVariable {
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
  readonly default?: string;
  readonly enum?: string[];
  readonly pattern?: string;
}
export const askedVariables = (formula: Formula, library: Library): AskedVariable[] =>
  [...declaredVariables(resolved(formula, library, () => undefined))].map(([name, variable]) => ({
    name,
    required: variable.required === true,
    ...(variable.description === undefined ? {} : { description: variable.description }),
    ...(variable.default === undefined ? {} : { default: variable.default }),
    ...(variable.enum === undefined ? {} : { enum: variable.enum }),
    ...(variable.pattern === undefined ? {} : { pattern: variable.pattern }),
  }));

/** Cooks it with any value for each variable: what is reported then cannot be repaired by variables. */
export const lastingProblems = (formula: Formula, library: Library): readonly FormulaProblem[] => {
  const { report } = collector();
  const whole = resolved(formula, library, report);
  const anyValue = Object.fromEntries(
    [...declaredVariables(whole)].map(([name, variable]) => [name, { default: variable.default ?? variable.enum?.[0] ?? '1' }]),
  );
  const known = Object.fromEntries(knownNames.map((name) => [name, name]));
  const result = cook(
    { ...formula, vars: { ...formula.vars, ...anyValue }, inputs: {} },
    library,
    { values: {}, known },
    { title: 'title', description: '' },
  );
  return result.ok ? [] : result.problems;
};
