// B3: when the model, the git host or the runtime has failed several times in a row, beads are given out one at a time until it works again.
import { z } from 'zod';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isLive } from '../agent-state.ts';
import { beadBreakerBeads, distinctBeads, failuresIn } from '../failure-log.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { hoursLeft } from './hours.ts';
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

/** Of a host's pull requests: it keeps nobody from working, and only looks at them show that it works again. */
const isOfHost = ({ workId }: WorkItem): boolean => workId.startsWith('host:');

export interface BreakerGate {
  /** How many beads may be given out now. */
  readonly dispatches: number;
  /** Open breakers that a dispatch now would try. */
  readonly probes: readonly WorkItem[];
  readonly waits: readonly number[];
  readonly reasons: readonly string[];
}

const reasonOf: Readonly<Record<string, string>> = {
  model: 'the model endpoint',
  git: 'the git host',
  infrastructure: 'the runner',
  capacity: 'the room on the machine',
};

/** What a breaker is about, for people. */
export const dependencyInWords = (name: string): string => reasonOf[name] ?? name;

/** Whether beads may be given out now, one at a time or not at all. */
export const breakerGate = (view: View): BreakerGate => {
  const open = view.work('breaker').filter((item) => !isOfHost(item) && breakerData(item).failures >= breakerFailures);
  const { lease } = view.snapshot;
  const waits = open.map((item) => item.dueAtMs).filter((atMs) => atMs > view.nowMs);
  const reasons = open.map(
    (item) => `${dependencyInWords(item.workId)} failed ${breakerData(item).failures} times in a row: ${breakerData(item).error}`,
  );
  if (lease !== undefined && lease.state === 'absent' && lease.startFailures >= breakerFailures && (lease.notBeforeMs ?? 0) > view.nowMs) {
    waits.push(lease.notBeforeMs ?? 0);
    reasons.push(`the runtime failed ${counted(lease.startFailures, 'time')} in a row: ${lease.lastError ?? 'no reason was given'}`);
  }
  const { untilMs } = hoursLeft(view.snapshot.town, lease, view.nowMs);
  if (untilMs !== undefined) {
    waits.push(untilMs);
    reasons.push('the runtime has used up its hours of today');
  }
  const pause = beadPause(view);
  if (pause !== undefined) {
    reasons.push(`${counted(pause.beads, 'different bead')} failed in half an hour`);
    if (pause.untilMs > view.nowMs) waits.push(pause.untilMs);
  }
  if (waits.length > 0 || pause?.trialRuns === true) return { dispatches: 0, probes: [], waits, reasons };
  return { dispatches: open.length > 0 || pause !== undefined ? 1 : Number.POSITIVE_INFINITY, probes: open, waits, reasons };
};

/** An agent that started after the time has handed its bead in. */
const finishedSince = (view: View, atMs: number): boolean =>
  view.snapshot.agents.some(
    (agent) => !isLive(agent) && agent.lastExit === undefined && msOf(agent.startedAt) > atMs && msOf(agent.lastActivityAt) > atMs,
  );

/** The bead breaker: so many different beads have failed that something is wrong with the town itself. */
const beadPause = (view: View): { readonly beads: number; readonly untilMs: number; readonly trialRuns: boolean } | undefined => {
  const log = failuresIn(view.work('failures')[0], view.nowMs - view.timings.failureWindowMs);
  const beads = distinctBeads(log);
  const lastAtMs = log.at(-1)?.atMs ?? 0;
  if (beads < beadBreakerBeads || finishedSince(view, lastAtMs)) return undefined;
  const trialRuns = view.liveAgents.some((agent) => agent.role === 'polecat' && msOf(agent.startedAt) > lastAtMs);
  return { beads, untilMs: lastAtMs + view.timings.beadPauseMs, trialRuns };
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
    if (closesAtMs > view.nowMs && (isOfHost(item) || !worksAgain(view, breakerData(item).atMs))) found.waits.push(closesAtMs);
    else
      found.actions.push({
        rule: 'B3',
        kind: 'close-breaker',
        subject: item.workId,
        item,
        sentence: `Nothing speaks against ${dependencyInWords(item.workId)} any more.`,
      });
  }
  for (const item of view.work('failures')) {
    const log = failuresIn(item, view.nowMs - view.timings.failureWindowMs);
    const tripped = distinctBeads(log) >= beadBreakerBeads && finishedSince(view, log.at(-1)?.atMs ?? 0);
    if (log.length === 0 || tripped)
      found.actions.push({
        rule: 'B3',
        kind: 'forget-failures',
        subject: item.workId,
        item,
        sentence: tripped ? 'A bead was finished again: the pause is over.' : 'No bead has failed for half an hour.',
      });
  }
  return found;
};
