// Writes in parts that fit a transaction.
import type { Write } from '../ports.ts';

/** Items of the table that a write touches: an edge is stored in both directions. */
const itemsOf = (write: Write): number => ('put' in write && write.put === 'dependency' ? 2 : 1);
export const sizeOf = (writes: readonly Write[]): number => writes.reduce((sum, write) => sum + itemsOf(write), 0);

/** Consecutive parts of at most `most` items each. */
export const chunked = (writes: readonly Write[], most: number): Write[][] => {
  const chunks: Write[][] = [];
  let room = 0;
  for (const write of writes) {
    const last = chunks.at(-1);
    if (last === undefined || itemsOf(write) > room) {
      chunks.push([write]);
      room = most - itemsOf(write);
    } else {
      last.push(write);
      room -= itemsOf(write);
    }
  }
  return chunks;
};
