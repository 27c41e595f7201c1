// Aspects: steps put before, after or around the steps that a pattern names. Works on cooked steps and on groups (a loop, an expansion). Pure.
import type { Advice, AdviceStep, Formula, Pointcut } from '../../contracts/formula.schema.ts';
import { addNeeds, bordersOf, membersOf } from './graph.ts';
import type { DraftStep, Groups } from './graph.ts';
import { filler } from './unfold.ts';
import type { Kitchen } from './unfold.ts';
import { fill } from './fill.ts';
import type { Scope } from './fill.ts';

/** `*` is any text, everything else is meant as it is. Without backtracking: parts are looked for one after the other. */
export const matchesGlob = (glob: string, id: string): boolean => {
  const parts = glob.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return glob === id;
  const last = rest.pop() ?? '';
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0 || found + part.length > id.length - last.length) return false;
    at = found + part.length;
  }
  return true;
};

interface Target {
  readonly id: string;
  readonly steps: readonly DraftStep[];
}
const targetsOf = (steps: readonly DraftStep[], groups: Groups): Target[] => [
  ...steps.map((step) => ({ id: step.stepId, steps: [step] })),
  ...[...groups.keys()].flatMap((id) => {
    const members = membersOf(id, groups);
    const inner = steps.filter((step) => members.includes(step.stepId));
    return inner.length === 0 ? [] : [{ id, steps: inner }];
  }),
];

const isCut = (pointcuts: readonly Pointcut[] | undefined, target: Target): boolean =>
  pointcuts === undefined ||
  pointcuts.length === 0 ||
  pointcuts.some(
    (cut) =>
      (cut.glob === undefined || matchesGlob(cut.glob, target.id)) &&
      (cut.type === undefined || target.steps.some((step) => (step.issueType ?? 'task') === cut.type)) &&
      (cut.label === undefined || target.steps.some((step) => step.labels?.includes(cut.label ?? '') ?? false)),
  );

const made = (kitchen: Kitchen, scope: Scope, target: Target, written: AdviceStep): DraftStep => {
  const [first] = target.steps;
  const single = target.steps.length === 1 ? first : undefined;
  const locals = new Map([
    ...scope.locals,
    ['step.id', target.id] as const,
    ['step.title', single?.title ?? target.id] as const,
    ['step.description', single?.description ?? ''] as const,
  ]);
  const inner: Scope = { variables: scope.variables, locals };
  const stepId = fill(written.id, inner).text.slice(0, 300);
  const fillText = filler(kitchen, inner, stepId);
  const acceptance = fillText(written.acceptance);
  return {
    stepId,
    title: fillText(written.title ?? written.id).slice(0, 1000) || stepId,
    description: fillText(written.description),
    needs: [],
    ...(acceptance === '' ? {} : { acceptance }),
    ...(written.type === undefined ? {} : { issueType: written.type }),
  };
};

const chained = (steps: readonly DraftStep[]): void => {
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    if (before !== undefined) addNeeds(step, [before.stepId]);
  }
};

const wrap = (all: DraftStep[], target: Target, before: readonly DraftStep[], after: readonly DraftStep[]): void => {
  const members = new Set(target.steps.map((step) => step.stepId));
  const { entries, exits } = bordersOf(target.steps);
  const [firstBefore] = before;
  const lastBefore = before.at(-1);
  chained(before);
  chained(after);
  if (firstBefore !== undefined && lastBefore !== undefined) {
    for (const entry of entries) {
      addNeeds(firstBefore, entry.needs);
      entry.needs = [lastBefore.stepId];
    }
    const at = all.findIndex((step) => members.has(step.stepId));
    all.splice(Math.max(at, 0), 0, ...before);
  }
  const lastAfter = after.at(-1);
  if (after[0] === undefined || lastAfter === undefined) return;
  for (const step of all)
    if (!members.has(step.stepId) && step.needs.some((need) => exits.includes(need)))
      step.needs = [...new Set(step.needs.map((need) => (exits.includes(need) ? lastAfter.stepId : need)))];
  addNeeds(after[0], exits);
  const end = all.findLastIndex((step) => members.has(step.stepId));
  all.splice(end + 1, 0, ...after);
};

const sides = ({ before, after, around }: Advice): { readonly before: AdviceStep[]; readonly after: AdviceStep[] } => ({
  before: [...(around?.before ?? []), ...(before === undefined ? [] : [before])],
  after: [...(after === undefined ? [] : [after]), ...(around?.after ?? [])],
});

/** Applies the advice of one formula to the steps that are there; what it adds is no target of its own rules. */
export const advised = (kitchen: Kitchen, scope: Scope, formula: Formula, steps: readonly DraftStep[]): DraftStep[] => {
  const all = [...steps];
  const targets = targetsOf(steps, kitchen.groups);
  for (const rule of formula.advice ?? []) {
    for (const target of targets.filter((each) => matchesGlob(rule.target, each.id) && isCut(formula.pointcuts, each))) {
      const { before, after } = sides(rule);
      wrap(
        all,
        target,
        before.map((step) => made(kitchen, scope, target, step)),
        after.map((step) => made(kitchen, scope, target, step)),
      );
    }
  }
  return all;
};
