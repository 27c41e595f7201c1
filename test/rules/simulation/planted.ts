// Faults planted on purpose, one at a time: what a rule decides is dropped, or a mark that lets a thing be made once does not hold.
import type { Action } from '../../../functions/domain/plan/action.ts';
import type { Write } from '../../../functions/ports.ts';

export interface Planted {
  /** `drop`: the rule decides nothing · `marks`: marks of this name hold nothing back · `twice`: every action is done twice. */
  readonly how: 'drop' | 'marks' | 'twice';
  /** Rule id, or the beginning of a mark. */
  readonly what: string;
}

export const faulty = (actions: readonly Action[], { how, what }: Planted): Action[] =>
  how === 'drop' ? actions.filter(({ rule }) => rule !== what) : actions.flatMap((action) => [action, action]);

/** Conditions of the marks are lifted. */
export const unmarked = (writes: readonly Write[], { how, what }: Planted): Write[] =>
  writes.map((write) =>
    how === 'marks' && 'put' in write && write.put === 'once' && write.item.mark.startsWith(what) ? { ...write, when: 'none' } : write,
  );
