// The graph of cooked steps: groups (loops, expansions) become the steps at their ends, and the order is checked and made. Pure.
import type { CookedStep } from '../../contracts/molecule.schema.ts';
import { findCycle } from '../dependencies.ts';
import type { Report } from './problem.ts';

/** A step while it is cooked. */
export interface DraftStep extends Omit<CookedStep, 'needs' | 'needsAny'> {
  needs: string[];
  needsAny?: string[];
  /** `all-children` and the like, until the children are known. */
  waitsForChildrenOf?: { readonly parent: string; readonly any: boolean };
}
/** An id that stands for several steps. Nothing in it: what waits for it waits for what it waited for. */
export interface Group {
  readonly members: readonly string[];
  readonly exits: readonly string[];
}
export type Groups = Map<string, Group>;

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Replaces names of groups by the steps at their ends. Each group is looked at once: skipped steps may wait for each other in many ways. */
export const settle = (steps: readonly DraftStep[], groups: Groups): void => {
  const known = new Map<string, readonly string[]>();
  const ends = (id: string): readonly string[] => {
    const group = groups.get(id);
    if (group === undefined) return [id];
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, []);
    const result = unique(group.exits.flatMap(ends));
    known.set(id, result);
    return result;
  };
  for (const step of steps) {
    step.needs = unique(step.needs.flatMap(ends));
    if (step.needsAny !== undefined) step.needsAny = unique(step.needsAny.flatMap(ends));
  }
};

/** The ids of the steps in a group, also of those in groups inside it. */
export const membersOf = (id: string, groups: Groups): string[] => {
  const walk = (each: string, seen: readonly string[]): string[] => {
    const group = groups.get(each);
    if (group === undefined || seen.includes(each)) return [each];
    return group.members.flatMap((member) => walk(member, [...seen, each]));
  };
  return walk(id, []);
};

/** Steps that need nothing inside the set, and steps that nothing inside it needs. */
export const bordersOf = (steps: readonly DraftStep[]): { readonly entries: DraftStep[]; readonly exits: string[] } => {
  const ids = new Set(steps.map((step) => step.stepId));
  const needed = new Set(steps.flatMap((step) => [...step.needs, ...(step.needsAny ?? [])]));
  return {
    entries: steps.filter((step) => ![...step.needs, ...(step.needsAny ?? [])].some((id) => ids.has(id))),
    exits: steps.flatMap((step) => (needed.has(step.stepId) ? [] : [step.stepId])),
  };
};

export const addNeeds = (step: DraftStep, needs: readonly string[]): void => {
  step.needs = unique([...step.needs, ...needs]);
};

const checkNeeds = (steps: readonly DraftStep[], report: Report): boolean => {
  const ids = new Set<string>();
  let sound = true;
  const bad = (message: string, step: string): void => {
    sound = false;
    report(message, step);
  };
  for (const step of steps) {
    if (ids.has(step.stepId)) bad('there are two steps with this id', step.stepId);
    ids.add(step.stepId);
  }
  for (const step of steps)
    for (const need of [...step.needs, ...(step.needsAny ?? [])]) {
      if (need === step.stepId) bad('it needs itself', step.stepId);
      else if (!ids.has(need)) bad(`it needs "${need}", and there is no such step`, step.stepId);
    }
  return sound;
};

/** The steps in an order in which they can be done, the written order as far as it allows. Reports doubles, unknown needs and circles. */
export const ordered = (steps: readonly DraftStep[], report: Report): DraftStep[] => {
  if (!checkNeeds(steps, report)) return [...steps];
  const position = new Map(steps.map((step, index) => [step.stepId, index]));
  const edges = steps.map((step) => [...step.needs, ...(step.needsAny ?? [])].map((id) => position.get(id) ?? 0));
  const cycle = findCycle(edges);
  if (cycle !== undefined) {
    const names = cycle.map((index) => steps[index]?.stepId ?? '');
    report(`steps need each other in a circle: ${names.join(' → ')}`, names[0]);
    return [...steps];
  }
  const done = new Set<string>();
  const result: DraftStep[] = [];
  const left = [...steps];
  while (left.length > 0) {
    const next = left.findIndex((step) => [...step.needs, ...(step.needsAny ?? [])].every((id) => done.has(id)));
    const [step] = left.splice(Math.max(next, 0), 1);
    if (step === undefined) break;
    done.add(step.stepId);
    result.push(step);
  }
  return result;
};
