// Cooking: a formula and its variables become a checklist of steps, or a list of what is wrong, each problem with its step. Pure and deterministic.
import { formulaLimits } from '../../contracts/formula.schema.ts';
import type { Formula, FormulaKind } from '../../contracts/formula.schema.ts';
import type { CookedStep } from '../../contracts/molecule.schema.ts';
import { advised, matchesGlob } from './advice.ts';
import { legsOf } from './convoy.ts';
import type { Scope } from './fill.ts';
import { addNeeds, membersOf, ordered, settle } from './graph.ts';
import type { DraftStep } from './graph.ts';
import { collector } from './problem.ts';
import type { FormulaProblem } from './problem.ts';
import { resolved } from './resolve.ts';
import type { Library } from './resolve.ts';
import { expanded, unfold } from './unfold.ts';
import type { Kitchen, Place } from './unfold.ts';
import { checkedVariables } from './variables.ts';
import type { Given } from './variables.ts';

/** What the molecule is for; an expansion or an aspect that is used by itself acts on it. */
export interface Subject {
  readonly title: string;
  readonly description: string;
}
export interface Checklist {
  readonly formula: string;
  readonly kind: FormulaKind;
  readonly steps: readonly CookedStep[];
  /** Kept on import, but without effect here. */
  readonly warnings: readonly string[];
}
export type Cooked =
  | { readonly ok: true; readonly checklist: Checklist }
  | { readonly ok: false; readonly problems: readonly FormulaProblem[] };

const subjectStep = (stepId: string, { title, description }: Subject): DraftStep => ({ stepId, title, description, needs: [] });

const baseSteps = (kitchen: Kitchen, place: Place, formula: Formula, subject: Subject): DraftStep[] => {
  switch (formula.type) {
    case 'workflow':
      return unfold(kitchen, place, formula.steps ?? []);
    case 'convoy':
      return legsOf(kitchen, place.scope, formula);
    case 'expansion':
      return expanded(
        { ...kitchen, library: new Map([...kitchen.library, [formula.formula, formula]]) },
        place,
        subjectStep('main', subject),
        {
          name: formula.formula,
          values: {},
        },
      );
    case 'aspect':
      return [subjectStep('implement', subject)];
    default:
      return formula.type satisfies never;
  }
};

/** `compose.expand` and `compose.map`: steps that are there are replaced by an expansion. */
const composed = (kitchen: Kitchen, place: Place, formula: Formula, steps: DraftStep[]): DraftStep[] => {
  const { expand = [], map = [] } = formula.compose ?? {};
  const rules = [
    ...expand.map((rule) => ({ ...rule, select: rule.target, exact: true })),
    ...map.map((rule) => ({ ...rule, exact: false })),
  ];
  const own = new Set(steps.map((step) => step.stepId));
  const expandedIds = new Set<string>();
  let all = steps;
  for (const rule of rules) {
    const targets = all.filter(
      ({ stepId }) =>
        own.has(stepId) && !expandedIds.has(stepId) && (rule.exact ? stepId === rule.select : matchesGlob(rule.select, stepId)),
    );
    if (targets.length === 0 && rule.exact) kitchen.report(`compose.expand names the step "${rule.select}", and there is no such step`);
    for (const target of targets) {
      expandedIds.add(target.stepId);
      const inner = expanded(kitchen, place, target, { name: rule.with, values: rule.vars ?? {} });
      all = all.flatMap((step) => (step === target ? inner : [step]));
    }
  }
  settle(all, kitchen.groups);
  return all;
};

const closedForm = /^\s*([\w.-]+)\.status\s*==\s*['"]?(?:complete|completed|closed|done)['"]?\s*$/;
/** `compose.branch` and `compose.gate`: edges and gates between steps that are there. */
const wired = (kitchen: Kitchen, formula: Formula, steps: readonly DraftStep[]): void => {
  const named = (id: string, rule: string): DraftStep[] => {
    const members = membersOf(id, kitchen.groups);
    const found = steps.filter((step) => members.includes(step.stepId));
    if (found.length === 0) kitchen.report(`${rule} names the step "${id}", and there is no such step`);
    return found;
  };
  for (const rule of formula.compose?.branch ?? []) {
    named(rule.from, 'compose.branch');
    for (const id of rule.steps) for (const step of named(id, 'compose.branch')) addNeeds(step, [rule.from]);
    for (const step of named(rule.join, 'compose.branch')) addNeeds(step, rule.steps);
  }
  for (const rule of formula.compose?.gate ?? []) {
    const after = closedForm.exec(rule.condition)?.[1];
    for (const step of named(rule.before, 'compose.gate')) {
      if (after === undefined) step.gate ??= { type: 'human', waitsFor: rule.condition };
      else addNeeds(step, [after]);
    }
  }
};

const aspectsOf = (kitchen: Kitchen, scope: Scope, formula: Formula, steps: readonly DraftStep[]): DraftStep[] => {
  let all = advised(kitchen, scope, formula, steps);
  for (const name of formula.compose?.aspects ?? []) {
    const known = kitchen.library.get(name);
    if (known === undefined) kitchen.report(`compose.aspects names ${name}, and there is no such formula`);
    else if (known.type !== 'aspect') kitchen.report(`compose.aspects names ${name}, which is a formula of type ${known.type}, not aspect`);
    else all = advised(kitchen, scope, resolved(known, kitchen.library, kitchen.report), all);
  }
  return all;
};

const childrenKnown = (kitchen: Kitchen, steps: readonly DraftStep[]): void => {
  for (const step of steps) {
    const { waitsForChildrenOf: wait } = step;
    if (wait === undefined) continue;
    const children = kitchen.childrenOf.get(wait.parent) ?? membersOf(wait.parent, kitchen.groups).filter((id) => id !== wait.parent);
    if (children === undefined || children.length === 0)
      kitchen.report(`it waits for the children of "${wait.parent}", which has none`, step.stepId);
    else if (wait.any) {
      step.needs = step.needs.filter((id) => id !== wait.parent);
      step.needsAny = [...children];
    } else addNeeds(step, children);
    delete step.waitsForChildrenOf;
  }
};

const warningsOf = ({ compose }: Formula): string[] => [
  ...(compose?.hooks === undefined ? [] : ['compose.hooks is kept and has no effect here: name the formula when you sling']),
  ...(compose?.bond_points === undefined ? [] : ['compose.bond_points is kept and has no effect here: use extends, expand or aspects']),
];

const sizeOf = (steps: readonly CookedStep[]): number => new TextEncoder().encode(JSON.stringify(steps)).length;
const finished = (draft: DraftStep): CookedStep => ({ ...draft, needs: [...draft.needs] });

/** The checklist, or every problem that was found. The same input always gives the same answer. */
export const cook = (formula: Formula, library: Library, given: Given, subject: Subject): Cooked => {
  const { problems, report } = collector();
  const whole = resolved(formula, library, report);
  const kitchen: Kitchen = { library, report, groups: new Map(), childrenOf: new Map() };
  const scope: Scope = { variables: checkedVariables(whole, given, report), locals: new Map() };
  const place: Place = { scope, idOf: (id) => id, depth: 0 };
  let steps = baseSteps(kitchen, place, whole, subject);
  steps = composed(kitchen, place, whole, steps);
  wired(kitchen, whole, steps);
  childrenKnown(kitchen, steps);
  settle(steps, kitchen.groups);
  steps = ordered(aspectsOf(kitchen, scope, whole, steps), report);
  if (steps.length === 0 && problems.length === 0) report('it has no steps');
  if (steps.length > formulaLimits.steps) report(`it has more than ${formulaLimits.steps} steps`);
  const cooked = steps.map(finished);
  if (sizeOf(cooked) > formulaLimits.cookedBytes) report(`its steps are together larger than ${formulaLimits.cookedBytes} bytes`);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, checklist: { formula: formula.formula, kind: whole.type, steps: cooked, warnings: warningsOf(whole) } };
};
