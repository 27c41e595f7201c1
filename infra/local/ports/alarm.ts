// Alarms on one machine: timers. They are lost with the process; the sweep at the next start finds what was due.
import type { Alarm, Clock, ReconcileQueue } from '../../../functions/ports.ts';

/** Node's timers take at most 2^31-1 ms (24.8 days); a longer wait is cut and the pass arms again. */
const longestTimerMs = 2 ** 31 - 1;

export const createLocalAlarm = (queue: ReconcileQueue, clock: Clock): Alarm & { stop(): void } => {
  const timers = new Map<string, Set<NodeJS.Timeout>>();
  return {
    arm: async ({ townId, atMs }) => {
      const own = timers.get(townId) ?? new Set<NodeJS.Timeout>();
      timers.set(townId, own);
      const timer = setTimeout(
        () => {
          own.delete(timer);
          void queue.hint(townId);
        },
        Math.min(longestTimerMs, Math.max(0, atMs - clock.nowMs())),
      );
      timer.unref();
      own.add(timer);
    },
    disarm: async (townId) => {
      for (const timer of timers.get(townId) ?? []) clearTimeout(timer);
      timers.delete(townId);
    },
    stop: () => {
      for (const own of timers.values()) for (const timer of own) clearTimeout(timer);
      timers.clear();
    },
  };
};
