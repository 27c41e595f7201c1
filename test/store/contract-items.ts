// Towns and writes that the store tests share.
import type { ItemName, Items } from '../../functions/ports.ts';

let towns = 0;
/** A town that no other test uses. */
export const freshTown = (): string => `t-${Date.now().toString(36).slice(-8)}${String((towns += 1)).padStart(4, '0')}`;

export const putNew = <N extends ItemName>(name: N, item: Items[N]): { put: N; item: Items[N]; when: { absent: true } } => ({
  put: name,
  item,
  when: { absent: true },
});
