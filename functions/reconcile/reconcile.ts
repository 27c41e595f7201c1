// One pass over one town: read, plan, apply. Safe to repeat, to run twice at once, and to be killed anywhere.
import type { Plan } from '../domain/plan/action.ts';
import type { Snapshot } from '../domain/plan/snapshot.ts';
import { plan } from '../domain/plan/plan.ts';
import type { Ports } from '../ports.ts';
import { StoreUnavailable } from '../store-errors.ts';
import { applyAction } from './apply/apply.ts';
import type { PassContext } from './context.ts';
import { keepPass } from './kept-pass.ts';
import { loadSnapshot } from './snapshot.ts';
import { armWake } from './wake.ts';

export interface PassResult {
  /** Actions that were applied, that gave way because the town had changed, and whose outside call failed. */
  readonly done: number;
  readonly lost: number;
  readonly failed: number;
  readonly wakeAtMs?: number;
}
const nothing: PassResult = { done: 0, lost: 0, failed: 0 };

/** Steady states are not measured: a pass without actions says nothing. */
const measuresOf = (
  snapshot: Snapshot,
  { actions }: Plan,
  pass: Pick<PassResult, 'done' | 'lost' | 'failed'> & { readonly passMs: number },
): Record<string, number> => ({
  PassMs: pass.passMs,
  ActionsDone: pass.done,
  ActionsLost: pass.lost,
  ActionsFailed: pass.failed,
  Dispatches: actions.filter(({ kind }) => kind === 'dispatch').length,
  MergesStarted: actions.filter(({ kind }) => kind === 'start-merge').length,
  AgentsLost: actions.filter(({ kind }) => kind === 'lose-agent').length,
  ReadyBeads: snapshot.ready.reduce((sum, head) => sum + head.entries.length, 0),
  OpenBreakers: snapshot.work.filter(({ kind }) => kind === 'breaker').length,
});
/** `rule_B1: 3`. */
const byRule = ({ actions }: Plan): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(actions, ({ rule }) => rule)].map(([rule, own]) => [`rule_${rule}`, own.length]));

/** What proofs put in the place of parts of a pass: where it is kept, and what is decided. */
export interface PassParts {
  readonly keep: typeof keepPass;
  readonly decide: typeof plan;
}
const passParts: PassParts = { keep: keepPass, decide: plan };

/**
 * A pass without actions writes nothing but, when something waits earlier than the alarm, the alarm. A failing action does not keep the
 * others back. Throws `StoreUnavailable` when the table cannot be reached.
 */
export const reconcileTown = async (ports: Ports, townId: string, { keep, decide }: PassParts = passParts): Promise<PassResult> => {
  const begunAtMs = ports.clock.nowMs();
  const snapshot = await loadSnapshot(ports, townId);
  if (snapshot === undefined) return nothing;
  const { timings } = ports.deployment;
  const nowMs = ports.clock.nowMs();
  const decided = decide(snapshot, nowMs, timings);
  const ctx: PassContext = { ports, townId };
  const count = { done: 0, lost: 0, failed: 0 };
  for (const action of decided.actions) {
    try {
      count[await applyAction(ctx, action)] += 1;
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      count.failed += 1;
      ports.log.error('action_failed', {
        townId,
        rule: action.rule,
        kind: action.kind,
        subject: action.subject,
        error: error instanceof Error ? error.message : 'unknown',
      });
    }
  }
  if (decided.actions.length > 0) {
    ports.metrics.record(measuresOf(snapshot, decided, { ...count, passMs: ports.clock.nowMs() - begunAtMs }), {
      townId,
      ...byRule(decided),
    });
    // Of a town that is being removed nothing is kept.
    if (snapshot.town.deletedAt === undefined) await keep(ports, snapshot, decided, nowMs);
    ports.log.info('pass', {
      townId,
      ...count,
      actions: decided.actions
        .slice(0, 20)
        .map((action) => `${action.rule} ${action.kind} ${action.subject}`)
        .join('; '),
    });
  }
  await armWake(ports, townId, {
    atMs: decided.wakeAtMs,
    judgeAfterMs: decided.judgeAfterMs,
    whileThere: snapshot.town.deletedAt !== undefined,
    known: { alarm: snapshot.alarm },
  });
  return { ...count, ...(decided.wakeAtMs === undefined ? {} : { wakeAtMs: decided.wakeAtMs }) };
};
