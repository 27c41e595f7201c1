// The reconcile queue on one machine: one pass per town at a time, hints that come during a pass make one more pass.
import type { Log, ReconcileQueue } from '../../../functions/ports.ts';

export interface LocalQueue extends ReconcileQueue {
  /** Resolves when no pass runs or waits. */
  idle(): Promise<void>;
  /** No further pass starts. */
  stop(): Promise<void>;
}

/** `run` is one pass; its failure is logged and tried again after `retryMs`. */
export const createLocalQueue = (
  run: (townId: string) => Promise<void>,
  options: { readonly log: Log; readonly retryMs: number },
): LocalQueue => {
  const towns = new Map<string, { again: boolean; done: Promise<void> }>();
  const retries = new Set<NodeJS.Timeout>();
  let stopped = false;

  const work = async (townId: string, state: { again: boolean }): Promise<void> => {
    while (state.again && !stopped) {
      state.again = false;
      try {
        await run(townId);
      } catch (error) {
        options.log.error('pass_failed', { townId, error: error instanceof Error ? error.message : 'unknown' });
        const timer = setTimeout(() => {
          retries.delete(timer);
          void hint(townId);
        }, options.retryMs);
        retries.add(timer);
      }
    }
    towns.delete(townId);
  };
  const hint = async (townId: string): Promise<void> => {
    if (stopped) return;
    const running = towns.get(townId);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const state = { again: true, done: Promise.resolve() };
    towns.set(townId, state);
    // A turn of the event loop later, so that a burst of hints makes one pass.
    state.done = new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => work(townId, state));
  };
  const idle = async (): Promise<void> => {
    while (towns.size > 0) await Promise.all([...towns.values()].map((state) => state.done));
  };
  return {
    hint,
    idle,
    stop: async () => {
      stopped = true;
      for (const timer of retries) clearTimeout(timer);
      await idle();
    },
  };
};
