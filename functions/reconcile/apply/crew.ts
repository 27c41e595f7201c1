// Applies A7: the bead of a silent crew agent goes back. The agent keeps its epoch and its token: its person may claim something again.
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import { unhooked } from '../../domain/agent-state.ts';
import { putAgent } from '../../domain/agent-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { hookIsGood } from '../../domain/plan/hook.ts';
import { transition } from '../../domain/transition.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { agentOf } from './agents.ts';

export const releaseCrew = async (ctx: PassContext, action: ActionOf<'release-crew'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent?.hookBeadId === undefined || agent.epoch !== action.epoch || agent.role !== 'crew') return 'lost';
  const bead = await beadOf(ctx, agent.hookBeadId);
  const at = isoOf(ctx);
  const isHeld = bead !== undefined && hookIsGood(agent, bead);
  // It has called something since the pass looked.
  if (isHeld && Date.parse(agent.lastActivityAt ?? at) + ctx.ports.deployment.timings.crewSilentMs > ctx.ports.clock.nowMs()) return 'lost';
  const open = isHeld && isIssue(bead) ? transition(bead, { status: 'open' }, at) : undefined;
  const after =
    open?.ok === true && isIssue(open.bead) ? { ...open.bead, details: { ...open.bead.details, lastError: action.sentence } } : undefined;
  const event = ruleEvent(ctx, 'A7', 'unhooked', {
    agentId: agent.agentId,
    beadId: agent.hookBeadId,
    new: action.sentence,
    ...(bead?.rigId === undefined ? {} : { rigId: bead.rigId }),
  });
  const changes = bead === undefined || after === undefined ? [] : [{ before: bead, after }];
  const item = { ...unhooked(agent, at), lastExit: action.sentence.slice(0, 1000) };
  return commit(ctx, writesOf(changes, event, momentIn(ctx), [putAgent(agent, item)]));
};
