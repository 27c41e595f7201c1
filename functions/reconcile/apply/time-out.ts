// Applies B6: the agent stops; the bead goes back to its queue with the reason once, and fails the second time.
import { restWrites } from '../../domain/agent-writes.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { isLive, workedMsOf } from '../../domain/agent-state.ts';
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import { givenBack } from '../../domain/give-back.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { hookIsGood } from '../../domain/plan/hook.ts';
import { transition } from '../../domain/transition.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { agentOf } from './agents.ts';

const minuteMs = 60_000;

/** Its clock starts anew with the second chance. */
const outOfTime = (ctx: PassContext, bead: Bead, usedMs: number): Bead | undefined => {
  if (!isIssue(bead)) return undefined;
  const reason = `It took ${Math.round(usedMs / minuteMs)} minutes of agent time, more than a bead may take.`;
  if ((bead.details.timeouts ?? 0) > 0) {
    const message = `${reason} It was the second time: cut it into smaller beads.`;
    const failed = transition(bead, { status: 'failed', failure: { code: 'timed_out', message, source: 'patrol:B6' } }, isoOf(ctx));
    return failed.ok ? failed.bead : undefined;
  }
  const { timings } = ctx.ports.deployment;
  const open = givenBack({ bead, blame: 'own', reason, maxAttempts: Number.POSITIVE_INFINITY, nowMs: ctx.ports.clock.nowMs(), timings });
  return isIssue(open) ? { ...open, details: { ...open.details, timeouts: 1, agentMs: 0 } } : undefined;
};

export const timeOut = async (ctx: PassContext, action: ActionOf<'time-out'>): Promise<Applied> => {
  const [agent, bead] = await Promise.all([agentOf(ctx, action.agentId), beadOf(ctx, action.beadId)]);
  if (agent === undefined || bead === undefined || agent.epoch !== action.epoch || !isLive(agent) || !hookIsGood(agent, bead))
    return 'lost';
  const usedMs = workedMsOf(agent, ctx.ports.clock.nowMs()) + (isIssue(bead) ? (bead.details.agentMs ?? 0) : 0);
  const after = outOfTime(ctx, bead, usedMs);
  if (after === undefined || after.version === bead.version) return 'lost';
  const reason = after.failure?.message ?? (isIssue(after) ? (after.details.lastError ?? '') : '');
  const event = ruleEvent(ctx, 'B6', 'dispatch_failed', {
    beadId: bead.beadId,
    agentId: agent.agentId,
    old: 'in_progress',
    new: reason,
    data: { status: after.status, usedMs },
    ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
  });
  return commit(ctx, writesOf([{ before: bead, after }], event, momentIn(ctx), restWrites(agent, isoOf(ctx), reason)));
};
