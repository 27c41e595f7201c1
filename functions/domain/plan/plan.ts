// The decision of a pass: snapshot and time in, actions and the next wake-up out. Pure and deterministic.
import type { TownStop } from '../../contracts/stop.schema.ts';
import type { Timings } from '../../contracts/timings.schema.ts';
import { violationsIn } from '../invariants.ts';
import type { Action, Findings, Plan } from './action.ts';
import { agentRules } from './agents.ts';
import { beadRules } from './beads.ts';
import { budgetRules } from './budgets.ts';
import { branchRules } from './branches.ts';
import { breakerRules } from './breakers.ts';
import { convoyRules } from './convoys.ts';
import { dispatchRules } from './dispatch.ts';
import { escalationRules } from './escalations.ts';
import { mailRules } from './mail.ts';
import { mergeRules } from './merges.ts';
import { moleculeRules } from './molecules.ts';
import { pullRequestRules } from './pull-requests.ts';
import { runtimeRules } from './runtime.ts';
import { restRules } from './rest.ts';
import type { Snapshot } from './snapshot.ts';
import { timeoutRules } from './timeouts.ts';
import { trainRules } from './trains.ts';
import { triageRules } from './triage.ts';
import { viewOf } from './view.ts';

/** Order in which families are applied: what frees comes before what claims. */
const families = [
  escalationRules,
  agentRules,
  timeoutRules,
  beadRules,
  budgetRules,
  breakerRules,
  convoyRules,
  mailRules,
  moleculeRules,
  mergeRules,
  pullRequestRules,
  trainRules,
  triageRules,
  branchRules,
  dispatchRules,
] as const;

/** A wake-up is at least this far away, as a share of the report period, so that a rule that cannot act does not spin. */
const leastWakeShare = 1 / 15;

interface Judgement {
  readonly judging: boolean;
  readonly judgeAfterMs?: number;
}
/** After a gap in passes nobody is judged for one report period: the silence may have been ours. */
const judgementOf = ({ alarm }: Snapshot, nowMs: number, timings: Timings): Judgement => {
  const gap = alarm?.lastPassAtMs !== undefined && nowMs - alarm.lastPassAtMs > timings.passGapMs;
  if (gap) return { judging: false, judgeAfterMs: nowMs + timings.reportPeriodMs };
  return { judging: (alarm?.judgeAfterMs ?? 0) <= nowMs };
};

const wakeOf = (waits: readonly number[], nowMs: number, timings: Timings): number | undefined => {
  let nearest = Number.POSITIVE_INFINITY;
  for (const atMs of waits) nearest = Math.min(nearest, atMs);
  return Number.isFinite(nearest) ? Math.max(nearest, nowMs + Math.ceil(timings.reportPeriodMs * leastWakeShare)) : undefined;
};

/** While a town is stopped nothing starts; whether everything has stopped is looked at again and again. */
const stoppedPlan = (townId: string, { by, at, verifiedAt }: TownStop, nowMs: number, timings: Timings): Plan => ({
  actions: [{ rule: 'S1', kind: 'enforce-stop', subject: townId, sentence: `The town is stopped since ${at} by ${by}: nothing may run.` }],
  wakeAtMs: nowMs + (verifiedAt === undefined ? timings.reportPeriodMs : timings.sweepPeriodMs),
});

/** Ids that actions are about. */
const decidedIn = (actions: readonly Action[]): ReadonlySet<string> =>
  new Set(
    actions.flatMap((action) => [
      action.subject,
      ...('agentId' in action ? [action.agentId] : []),
      ...('beadId' in action ? [action.beadId] : []),
    ]),
  );
/** One action per violated invariant that no rule of this pass sets right. */
const repairsOf = (snapshot: Snapshot, actions: readonly Action[]): Action[] =>
  violationsIn(snapshot, decidedIn(actions)).map((violation) => ({
    rule: `I${violation.invariant}` as const,
    kind: 'repair-invariant',
    subject: violation.subject,
    sentence: violation.sentence,
    violation,
  }));

/** What to do now. Times in milliseconds. */
export const plan = (snapshot: Snapshot, nowMs: number, timings: Timings): Plan => {
  if (snapshot.town.deletedAt !== undefined) {
    return {
      actions: [
        {
          rule: 'R4',
          kind: 'remove-town',
          subject: snapshot.town.townId,
          sentence: 'The town was deleted: everything of it is stopped and removed.',
        },
      ],
      wakeAtMs: nowMs + timings.reportPeriodMs,
    };
  }
  if (snapshot.town.stopped !== undefined) return stoppedPlan(snapshot.town.townId, snapshot.town.stopped, nowMs, timings);
  const { judging, judgeAfterMs } = judgementOf(snapshot, nowMs, timings);
  const view = viewOf(snapshot, nowMs, timings, judging);
  const found: Findings[] = families.map((rules) => rules(view));
  const planned: Action[] = found.flatMap(({ actions }) => actions);
  const runtime = runtimeRules(view, planned);
  // Bookkeeping is dropped last: killed before, the pass has left everything that the sweep looks for.
  const isDrop = ({ kind }: Action): boolean => kind === 'drop-work';
  const repairs = repairsOf(snapshot, [...planned, ...runtime.actions]);
  const actions = [...planned.filter((action) => !isDrop(action)), ...runtime.actions, ...repairs, ...planned.filter(isDrop)];
  const waits = [...found.flatMap((each) => each.waits), ...runtime.waits];
  // What an action does is looked at again after a report period even if every hint about it is lost.
  if (actions.length > 0 || !judging) waits.push(nowMs + timings.reportPeriodMs);
  const wakeAtMs = wakeOf(waits, nowMs, timings);
  const resting = actions.length === 0 ? restRules(view, wakeAtMs) : [];
  return {
    actions: [...actions, ...resting],
    ...(wakeAtMs === undefined ? {} : { wakeAtMs }),
    ...(judgeAfterMs === undefined ? {} : { judgeAfterMs }),
  };
};
