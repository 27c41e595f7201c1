// W2: a quiet town in which everything that is left waits for a person, for money or for a time is left alone: what the sweep would find again
// and again gets a later time. Whoever frees it writes its item, or that of the town, anew; once a day it is looked at in any case. Pure.
import type { WorkItem, WorkKind } from '../../contracts/work.schema.ts';
import { hasProcess } from '../agent-state.ts';
import type { Action } from './action.ts';
import type { View } from './view.ts';

/** Kinds that may lie there with nothing to do. The others act, are dropped, or have a time of their own. */
const restingKinds: readonly WorkKind[] = ['queue', 'runtime', 'mail', 'mayor', 'budget', 'escalation', 'triage'];

const isQuiet = ({ snapshot: { lease, agents }, judging }: View): boolean =>
  judging && (lease === undefined || lease.state === 'absent') && !agents.some(hasProcess);

/** A queue at which the pass did not look, because no place is free: what is in it may go on as soon as one is. */
const isUnread = ({ snapshot: { ready } }: View, { kind, workId }: WorkItem): boolean =>
  kind === 'queue' && !ready.some((head) => `${head.rigId}#${head.queue}` === workId);

/** `wakeAtMs`: when something is due by itself. Only of a pass that has nothing else to do. */
export const restRules = (view: View, wakeAtMs: number | undefined): Action[] => {
  if (!isQuiet(view)) return [];
  const { nowMs, timings } = view;
  const untilMs = Math.min(wakeAtMs ?? Number.POSITIVE_INFINITY, nowMs + timings.restMs);
  if (untilMs <= nowMs + timings.sweepPeriodMs) return [];
  const overdue = (item: WorkItem): boolean => item.dueAtMs <= nowMs && restingKinds.includes(item.kind) && !isUnread(view, item);
  return view.snapshot.work.filter(overdue).map((item) => ({
    rule: 'W2',
    kind: 'rest-work',
    subject: `${item.kind}#${item.workId}`,
    item,
    untilMs,
    sentence: `Nothing can be done about ${item.kind} ${item.workId} before somebody decides or its time comes.`,
  }));
};
