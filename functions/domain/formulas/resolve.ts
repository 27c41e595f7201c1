// Inheritance of formulas: a child takes over what its parents have and replaces what it says itself. Pure; formulas come by name.
import { formulaLimits } from '../../contracts/formula.schema.ts';
import type { Compose, Formula, FormulaStep } from '../../contracts/formula.schema.ts';
import type { Report } from './problem.ts';

/** Formulas by name, the town's own before the built-in ones. */
export type Library = ReadonlyMap<string, Formula>;

const mergedSteps = (parents: readonly FormulaStep[] | undefined, own: readonly FormulaStep[] | undefined): FormulaStep[] | undefined => {
  if (parents === undefined || own === undefined) return parents === undefined ? own && [...own] : [...parents];
  const replaced = parents.map((step) => own.find((mine) => mine.id === step.id) ?? step);
  return [...replaced, ...own.filter((mine) => !parents.some((step) => step.id === mine.id))];
};
const both = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined): T[] | undefined =>
  one === undefined && other === undefined ? undefined : [...(one ?? []), ...(other ?? [])];

const mergedCompose = (parent: Compose | undefined, own: Compose | undefined): Compose | undefined => {
  if (parent === undefined || own === undefined) return own ?? parent;
  return {
    ...parent,
    ...own,
    expand: both(parent.expand, own.expand),
    map: both(parent.map, own.map),
    branch: both(parent.branch, own.branch),
    gate: both(parent.gate, own.gate),
    aspects: [...new Set([...(parent.aspects ?? []), ...(own.aspects ?? [])])],
  };
};

const inherited = (parent: Formula, child: Formula): Formula => ({
  ...parent,
  ...child,
  vars: { ...parent.vars, ...child.vars },
  inputs: { ...parent.inputs, ...child.inputs },
  steps: mergedSteps(parent.steps, child.steps),
  template: mergedSteps(parent.template, child.template),
  legs: mergedSteps(parent.legs, child.legs),
  synthesis: child.synthesis ?? parent.synthesis,
  prompts: child.prompts ?? parent.prompts,
  output: child.output ?? parent.output,
  advice: both(parent.advice, child.advice),
  pointcuts: both(parent.pointcuts, child.pointcuts),
  compose: mergedCompose(parent.compose, child.compose),
});

/** The formula with everything that it inherits. An unknown parent and a circle of parents are reported. */
export const resolved = (formula: Formula, library: Library, report: Report): Formula => {
  const walk = (each: Formula, path: readonly string[]): Formula => {
    const names = each.extends ?? [];
    if (names.length === 0) return each;
    if (path.length > formulaLimits.parents) {
      report(`more than ${formulaLimits.parents} formulas extend each other: ${path.join(' → ')}`);
      return each;
    }
    let merged: Formula | undefined;
    for (const name of names) {
      const parent = library.get(name);
      if (path.includes(name)) report(`formulas extend each other in a circle: ${[...path, name].join(' → ')}`);
      else if (parent === undefined) report(`${each.formula} extends ${name}, and there is no such formula`);
      else {
        const whole = walk(parent, [...path, name]);
        merged = merged === undefined ? whole : inherited(merged, whole);
      }
    }
    return merged === undefined ? each : inherited(merged, each);
  };
  return walk(formula, [formula.formula]);
};
