// One act of a person at a time: running, failed with an error, or done.
import { createSignal } from 'solid-js';
import type { Accessor } from 'solid-js';

export interface Act<A extends readonly unknown[]> {
  /** Starts unless it is running already; resolves true when it succeeded. */
  readonly run: (...args: A) => Promise<boolean>;
  readonly isRunning: Accessor<boolean>;
  readonly error: Accessor<unknown>;
  readonly clear: () => void;
}

export const createAct = <A extends readonly unknown[]>(perform: (...args: A) => Promise<void>): Act<A> => {
  const [isRunning, setRunning] = createSignal(false);
  const [error, setError] = createSignal<unknown>();
  return {
    isRunning,
    error,
    clear: () => setError(undefined),
    run: async (...args) => {
      if (isRunning()) return false;
      setRunning(true);
      setError(undefined);
      try {
        await perform(...args);
        return true;
      } catch (thrown) {
        // Shown beside the control that was used.
        setError(() => thrown);
        return false;
      } finally {
        setRunning(false);
      }
    },
  };
};
