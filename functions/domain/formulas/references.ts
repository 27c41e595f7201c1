// Which other formulas a formula names, so that they can be loaded before it is cooked. Pure.
import type { Formula, FormulaStep } from '../../contracts/formula.schema.ts';

const inSteps = (steps: readonly FormulaStep[]): string[] =>
  steps.flatMap((step) => [
    ...(step.expand === undefined ? [] : [step.expand]),
    ...inSteps(step.children ?? []),
    ...(step.loop === undefined ? [] : inSteps(step.loop.body)),
  ]);

export const referencesOf = (formula: Formula): string[] => [
  ...new Set([
    ...(formula.extends ?? []),
    ...inSteps(formula.steps ?? []),
    ...inSteps(formula.template ?? []),
    ...(formula.compose?.expand ?? []).map((rule) => rule.with),
    ...(formula.compose?.map ?? []).map((rule) => rule.with),
    ...(formula.compose?.aspects ?? []),
  ]),
];
