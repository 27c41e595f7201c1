// What a process remembers of a host for a while, so that looking at it costs few requests. Losing it costs a request.
import type { Clock } from '../../ports.ts';

export interface Memory<T> {
  /** The remembered value, else a new one. Callers at the same time share one making; what failed is not remembered. */
  get(key: string, make: () => Promise<T>): Promise<T>;
  forget(key: string): void;
}

/** `freshUntilMs`: until when a value is as good as a new one. The oldest of more than `most` values are forgotten. */
export const createMemory = <T>(
  clock: Clock,
  { most, freshUntilMs }: { most: number; freshUntilMs: (value: T, madeAtMs: number) => number },
): Memory<T> => {
  const known = new Map<string, { readonly value: Promise<T>; untilMs: number }>();
  return {
    get: (key, make) => {
      const found = known.get(key);
      if (found !== undefined && clock.nowMs() < found.untilMs) return found.value;
      const madeAtMs = clock.nowMs();
      const entry = { value: make(), untilMs: Number.POSITIVE_INFINITY };
      known.delete(key);
      known.set(key, entry);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      entry.value.then(
        (value) => {
          entry.untilMs = freshUntilMs(value, madeAtMs);
        },
        () => {
          if (known.get(key) === entry) known.delete(key);
        },
      );
      return entry.value;
    },
    forget: (key) => {
      known.delete(key);
    },
  };
};
