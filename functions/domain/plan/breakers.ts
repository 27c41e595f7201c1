// B3: when the model, the git host or the runtime has failed several times in a row, beads are given out one at a time until it works again.
import { z } from 'zod';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isLive } from '../agent-state.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { counted } from '../words.ts';
import type { View } from './view.ts';
import { msOf } from './view.ts';

/** Failures in a row of one dependency that open its breaker. */
export const breakerFailures = 3;
/** A breaker closes after so many periods in which nothing was tried. */
const quietPeriods = 3;

export const breakerDataSchema = z.object({ failures: z.int().nonnegative(), atMs: z.int().nonnegative(), error: z.string().max(1000) });
export type BreakerData = z.infer<typeof breakerDataSchema>;

/** What a breaker item counts; unreadable data counts as nothing. */
export const breakerData = (item: WorkItem | undefined): BreakerData => {
  if (item?.data === undefined) return { failures: 0, atMs: 0, error: '' };
  try {
    return breakerDataSchema.parse(JSON.parse(item.data));
  } catch {
    // Bookkeeping of another version: the breaker starts counting anew.
    return { failures: 0, atMs: 0, error: '' };
  }
};

export interface BreakerGate {
  /** How many beads may be given out now. */
  readonly dispatches: number;
  /** Open breakers that a dispatch now would try. */
  readonly probes: readonly WorkItem[];
  readonly waits: readonly number[];
  readonly reasons: readonly string[];
}

const reasonOf: Readonly<Record<string, string>> = { model: 'the model endpoint', git: 'the git host', infrastructure: 'the runner' };

/** Whether beads may be given out now, one at a time or not at all. */
export const breakerGate = (view: View): BreakerGate => {
  const open = view.work('breaker').filter((item) => breakerData(item).failures >= breakerFailures);
  const { lease } = view.snapshot;
  const waits = open.map((item) => item.dueAtMs).filter((atMs) => atMs > view.nowMs);
  const reasons = open.map(
    (item) => `${reasonOf[item.workId] ?? item.workId} failed ${breakerData(item).failures} times in a row: ${breakerData(item).error}`,
  );
  if (lease !== undefined && lease.state === 'absent' && lease.startFailures >= breakerFailures && (lease.notBeforeMs ?? 0) > view.nowMs) {
    waits.push(lease.notBeforeMs ?? 0);
    reasons.push(`the runtime failed ${counted(lease.startFailures, 'time')} in a row: ${lease.lastError ?? 'no reason was given'}`);
  }
  if (waits.length > 0) return { dispatches: 0, probes: [], waits, reasons };
  return { dispatches: open.length > 0 ? 1 : Number.POSITIVE_INFINITY, probes: open, waits, reasons };
};

/** An agent that started after the last failure and got on, or came to its end, shows that the dependency works. */
const worksAgain = (view: View, atMs: number): boolean =>
  view.snapshot.agents.some((agent) => {
    const startedAtMs = msOf(agent.startedAt);
    if (startedAtMs <= atMs) return false;
    if (!isLive(agent)) return agent.lastExit === undefined && msOf(agent.lastActivityAt) > atMs;
    const state = view.report(agent)?.observed.state;
    return state === 'waiting' || (state === 'working' && view.nowMs - startedAtMs > view.timings.runtimeBreakerMs);
  });

export const breakerRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('breaker')) {
    const closesAtMs = item.dueAtMs + quietPeriods * view.timings.runtimeBreakerMs;
    if (closesAtMs > view.nowMs && !worksAgain(view, breakerData(item).atMs)) found.waits.push(closesAtMs);
    else
      found.actions.push({
        rule: 'B3',
        kind: 'close-breaker',
        subject: item.workId,
        item,
        sentence: `Nothing speaks against ${reasonOf[item.workId] ?? item.workId} any more.`,
      });
  }
  return found;
};
