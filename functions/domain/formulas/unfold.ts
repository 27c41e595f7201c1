// Turns written steps into a flat list: conditions are decided, loops and expansions written out, children put before their parent. Pure.
import { beadIdSchema } from '../../contracts/primitives.schema.ts';
import { formulaLimits } from '../../contracts/formula.schema.ts';
import type { FormulaGate, FormulaStep } from '../../contracts/formula.schema.ts';
import type { CookedStep, StepGate } from '../../contracts/molecule.schema.ts';
import { durationMs, evaluate, rangeOf } from './arithmetic.ts';
import { conditionHolds } from './condition.ts';
import { fill } from './fill.ts';
import type { Scope } from './fill.ts';
import { addNeeds, bordersOf, settle } from './graph.ts';
import type { DraftStep, Groups } from './graph.ts';
import type { Report } from './problem.ts';
import type { Library } from './resolve.ts';
import { declaredVariables } from './variables.ts';

/** What one cooking shares. */
export interface Kitchen {
  readonly library: Library;
  readonly report: Report;
  readonly groups: Groups;
  readonly childrenOf: Map<string, readonly string[]>;
}
/** Where a list of steps stands: its values, and how the ids that it uses are called outside. */
export interface Place {
  readonly scope: Scope;
  readonly idOf: (written: string) => string;
  readonly depth: number;
}

const priorities: readonly NonNullable<CookedStep['priority']>[] = ['critical', 'high', 'medium', 'low', 'low'];

/** Fills a text and says for which step a value is missing. */
export const filler =
  (kitchen: Pick<Kitchen, 'report'>, scope: Scope, step: string) =>
  (text: string | undefined): string => {
    const { text: filled, unresolved } = fill(text ?? '', scope);
    for (const name of unresolved) kitchen.report(`the variable ${name} has no value`, step);
    return filled;
  };

export const gateOf = (gate: FormulaGate, fillText: (text: string | undefined) => string, report: (message: string) => void): StepGate => {
  const id = fillText(gate.id);
  const words = fillText(gate.description);
  if (gate.type === 'timer') {
    const waitMs = durationMs(fillText(gate.timeout));
    if (waitMs === undefined) report('its timer needs a timeout such as 90s, 30m, 24h or 2d');
    return { type: 'timer', waitsFor: words || fillText(gate.timeout), waitMs: waitMs ?? 0 };
  }
  if (gate.type === 'bead') {
    if (!beadIdSchema.safeParse(id).success) report(`its gate waits for a bead, and "${id}" is no id of one`);
    return { type: 'bead', waitsFor: words || id, beadId: id };
  }
  const said = [words, id].filter((part) => part !== '').join(': ');
  return { type: 'human', waitsFor: gate.type === 'human' ? said || 'a person' : `${gate.type}${said === '' ? '' : ` ${said}`}` };
};

/** The step itself, apart from what it contains. */
const plain = (kitchen: Kitchen, place: Place, step: FormulaStep, stepId: string): DraftStep => {
  const fillText = filler(kitchen, place.scope, stepId);
  const acceptance = fillText(step.acceptance);
  const notes = fillText(step.notes);
  const title = fillText(step.title);
  if ((step.title ?? '').trim() === '') kitchen.report('it has no title', stepId);
  if (step.on_complete !== undefined)
    kitchen.report(
      'on_complete is not carried out here; write the steps out, use a loop or an expansion, or let the step record what it finds as beads',
      stepId,
    );
  return {
    stepId,
    title: title.trim().slice(0, 1000) || stepId,
    description: [fillText(step.description), notes].filter((part) => part !== '').join('\n\n'),
    needs: needsOf(place, step, fillText),
    ...(acceptance === '' ? {} : { acceptance }),
    ...(step.optional === true ? { optional: true } : {}),
    ...(step.gate === undefined ? {} : { gate: gateOf(step.gate, fillText, (message) => kitchen.report(message, stepId)) }),
    ...(step.type === undefined ? {} : { issueType: step.type }),
    ...(step.kind === undefined ? {} : { kind: step.kind }),
    ...(step.priority === undefined ? {} : { priority: priorities[step.priority] ?? 'medium' }),
    ...(step.labels === undefined ? {} : { labels: step.labels.map(fillText) }),
  };
};

const needsOf = (place: Place, step: FormulaStep, fillText: (text: string | undefined) => string): string[] =>
  [...(step.needs ?? []), ...(step.depends_on ?? [])].map((need) => place.idOf(fillText(need)));

/** Steps that stand in for one: its needs go to their beginnings, who needs it waits for their ends. */
const asGroup = (kitchen: Kitchen, step: DraftStep, inner: DraftStep[]): DraftStep[] => {
  settle(inner, kitchen.groups);
  const { entries, exits } = bordersOf(inner);
  for (const entry of entries) {
    addNeeds(entry, step.needs);
    if (step.gate !== undefined) entry.gate ??= step.gate;
  }
  kitchen.groups.set(step.stepId, { members: inner.map(({ stepId }) => stepId), exits: inner.length === 0 ? step.needs : exits });
  return inner;
};

/** The steps of an expansion for one target. Reports an unknown formula, one of another kind, and expansions without end. */
export const expanded = (
  kitchen: Kitchen,
  place: Place,
  target: DraftStep,
  use: { readonly name: string; readonly values: Readonly<Record<string, string>> },
): DraftStep[] => {
  const formula = kitchen.library.get(use.name);
  if (formula === undefined) kitchen.report(`it expands with ${use.name}, and there is no such formula`, target.stepId);
  else if (formula.type !== 'expansion')
    kitchen.report(`it expands with ${use.name}, which is a formula of type ${formula.type}, not expansion`, target.stepId);
  else if (place.depth >= formulaLimits.expansionDepth)
    kitchen.report(`expansions stand more than ${formulaLimits.expansionDepth} levels inside each other`, target.stepId);
  else {
    const defaults = [...declaredVariables(formula)].flatMap(([name, { default: value }]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const own = new Map([...defaults, ...Object.entries(use.values)]);
    const locals = new Map([
      ...place.scope.locals,
      ...own,
      ['target', target.stepId] as const,
      ['target.id', target.stepId] as const,
      ['target.title', target.title] as const,
      ['target.description', target.description] as const,
    ]);
    const scope: Scope = { variables: place.scope.variables, locals };
    const inner = unfold(kitchen, { scope, idOf: (id) => id, depth: place.depth + 1 }, formula.template ?? []);
    if (inner.length === 0) kitchen.report(`the expansion ${use.name} has no steps`, target.stepId);
    return asGroup(kitchen, target, inner);
  }
  return [target];
};

interface Round {
  readonly number: number;
  readonly value: number;
}
/** The rounds of a loop; a conditional one has as many as it may take. */
const roundsOf = (kitchen: Kitchen, place: Place, step: FormulaStep, stepId: string): Round[] => {
  const { loop } = step;
  const bad = (message: string): Round[] => {
    kitchen.report(message, stepId);
    return [];
  };
  if (loop === undefined) return [];
  const ways = [loop.count, loop.range, loop.until].filter((way) => way !== undefined).length;
  if (ways !== 1) return bad('a loop has exactly one of count, range and until');
  const asNumber = (text: string): string =>
    fill(text, { ...place.scope, locals: new Map([...place.scope.variables, ...place.scope.locals]) }).text;
  if (loop.until !== undefined && loop.max === undefined) return bad('a loop with until needs max, so that it ends');
  const range =
    loop.range === undefined
      ? { first: 1, last: loop.until === undefined ? (evaluate(asNumber(String(loop.count))) ?? 0) : (loop.max ?? 0) }
      : rangeOf(asNumber(loop.range));
  if (range === undefined) return bad(`the range ${loop.range} is no range of whole numbers such as 1..5`);
  const size = range.last - range.first + 1;
  if (size < 1 || size > formulaLimits.steps) return bad(`a loop has 1 to ${formulaLimits.steps} rounds, not ${size}`);
  return Array.from({ length: size }, (_, index) => ({ number: index + 1, value: range.first + index }));
};

const looped = (kitchen: Kitchen, place: Place, step: FormulaStep, container: DraftStep): DraftStep[] => {
  const body = step.loop?.body ?? [];
  if (body.length === 0) kitchen.report('a loop needs a body of steps', container.stepId);
  const rounds = roundsOf(kitchen, place, step, container.stepId);
  const all: DraftStep[] = [];
  let before: readonly string[] = [];
  for (const round of rounds) {
    const name = `${container.stepId}.iter${round.number}`;
    const inside = idsIn(body);
    const locals = new Map([
      ...place.scope.locals,
      ...(step.loop?.var === undefined ? [] : [[step.loop.var, String(round.value)] as const]),
    ]);
    const inner = unfold(
      kitchen,
      {
        scope: { variables: place.scope.variables, locals },
        idOf: (id) => (inside.has(id) ? `${name}.${id}` : place.idOf(id)),
        depth: place.depth,
      },
      body,
    );
    settle(inner, kitchen.groups);
    const { entries, exits } = bordersOf(inner);
    for (const entry of entries) addNeeds(entry, before);
    const { until, max } = step.loop ?? {};
    if (until !== undefined && max !== undefined)
      for (const each of inner) each.round ??= { loopId: container.stepId, round: round.number, max, until };
    before = exits;
    all.push(...inner);
    if (all.length > formulaLimits.steps) break;
  }
  return asGroup(kitchen, container, all);
};

const idsIn = (steps: readonly FormulaStep[]): Set<string> =>
  new Set(steps.flatMap((step) => [step.id, ...idsIn(step.children ?? []), ...(step.loop === undefined ? [] : idsIn(step.loop.body))]));

/** Children come first and carry what their parent needs; the parent ends them. */
const withChildren = (kitchen: Kitchen, place: Place, step: FormulaStep, parent: DraftStep): DraftStep[] => {
  const inner = unfold(kitchen, place, step.children ?? []);
  settle(inner, kitchen.groups);
  kitchen.childrenOf.set(
    parent.stepId,
    inner.map(({ stepId }) => stepId),
  );
  const { entries, exits } = bordersOf(inner);
  for (const entry of entries) addNeeds(entry, parent.needs);
  addNeeds(parent, exits);
  return [...inner, parent];
};

const waitsForOf = (kitchen: Kitchen, step: FormulaStep, draft: DraftStep, place: Place): void => {
  if (step.waits_for === undefined) return;
  const named = /^children-of\((.+)\)$/.exec(step.waits_for)?.[1];
  const parent = named === undefined ? draft.needs[0] : place.idOf(named);
  if (named === undefined && step.waits_for !== 'all-children' && step.waits_for !== 'any-children')
    return kitchen.report(`waits_for is all-children, any-children or children-of(step), not ${step.waits_for}`, draft.stepId);
  if (parent === undefined) return kitchen.report('waits_for needs a step whose children it waits for: name it under needs', draft.stepId);
  draft.waitsForChildrenOf = { parent, any: step.waits_for === 'any-children' };
};

/** The flat list of a list of written steps. */
export const unfold = (kitchen: Kitchen, place: Place, steps: readonly FormulaStep[]): DraftStep[] => {
  const all: DraftStep[] = [];
  for (const step of steps) {
    if (all.length > formulaLimits.steps) break;
    const written = fill(step.id, place.scope).text;
    const stepId = place.idOf(written).slice(0, 300);
    const verdict = conditionHolds(step.condition, place.scope);
    if (!verdict.ok) kitchen.report(verdict.message, stepId);
    if (verdict.ok && !verdict.holds) {
      kitchen.groups.set(stepId, { members: [], exits: needsOf(place, step, (text) => fill(text ?? '', place.scope).text) });
      continue;
    }
    const asked = step.title === undefined && (step.expand !== undefined || step.loop !== undefined) ? { ...step, title: stepId } : step;
    const draft = plain(kitchen, place, asked, stepId);
    waitsForOf(kitchen, step, draft, place);
    if (step.loop !== undefined) all.push(...looped(kitchen, place, step, draft));
    else if (step.expand !== undefined)
      all.push(...expanded(kitchen, place, draft, { name: fill(step.expand, place.scope).text, values: step.expand_vars ?? {} }));
    else if (step.children !== undefined) all.push(...withChildren(kitchen, place, step, draft));
    else all.push(draft);
  }
  return all;
};
