// Faults planted on purpose, one at a time: what a rule decides is dropped, or everything is done twice, which must change nothing.
import type { Action } from '../../../functions/domain/plan/action.ts';

export interface Planted {
  /** `drop`: the rule decides nothing · `twice`: every action is done twice. */
  readonly how: 'drop' | 'twice';
  /** Rule id. */
  readonly what: string;
}

export const faulty = (actions: readonly Action[], { how, what }: Planted): Action[] =>
  how === 'drop' ? actions.filter(({ rule }) => rule !== what) : actions.flatMap((action) => [action, action]);
