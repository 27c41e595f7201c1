// Applies A5: nudges an agent that is quiet, asks triage, and stops it when it has stalled.
import { putAgent } from '../../domain/agent-writes.ts';
import type { Agent } from '../../contracts/agent.schema.ts';
import { hasProcess } from '../../domain/agent-state.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { triageWrites } from '../../operations/ask-triage.ts';
import { nudgeFromTown } from '../../operations/town-nudge.ts';
import { commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { agentOf } from './agents.ts';

const nudgeText =
  'You have done nothing for a while. If you are stuck, say so with gt_escalate (category help). If you are waiting for something, do not: decide by your best judgement and go on. If your bead is finished, hand it in.';

export const nudgeAgent = async (ctx: PassContext, action: ActionOf<'nudge-agent'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent === undefined || agent.epoch !== action.epoch || agent.state !== 'working') return 'lost';
  const { nowMs } = momentIn(ctx);
  const acted = action.tier === 'nudge' ? { nudgedAtMs: nowMs } : { triagedAtMs: nowMs };
  const item: Agent = { ...agent, quiet: { ...agent.quiet, ...acted }, version: agent.version + 1, updatedAt: isoOf(ctx) };
  const isSecond = action.tier === 'triage';
  const words = { from: 'patrol:A5', tier: action.tier, text: nudgeText, priority: isSecond ? 'urgent' : 'normal' } as const;
  const { nudgeId, writes } = await nudgeFromTown(ctx.ports, agent, words);
  const asked = isSecond ? await triageWrites(ctx.ports, { agent, kind: 'stalled', reason: action.sentence }) : [];
  const event = ruleEvent(ctx, 'A5', asked.length > 0 ? 'triage_requested' : 'nudge_queued', {
    agentId: agent.agentId,
    new: action.sentence,
    data: { tier: action.tier, ...(nudgeId === undefined ? {} : { nudgeId }) },
    ...(agent.hookBeadId === undefined ? {} : { beadId: agent.hookBeadId }),
  });
  return commit(ctx, [putAgent(agent, item), { put: 'event', item: event, when: 'none' }, ...writes, ...asked]);
};

/** The new epoch keeps out what the stopped process may still say; hook, place and conversation stay for the decision. */
export const stallAgent = async (ctx: PassContext, action: ActionOf<'stall-agent'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent === undefined || agent.epoch !== action.epoch || !hasProcess(agent)) return 'lost';
  const at = isoOf(ctx);
  const item: Agent = { ...agent, state: 'stalled', stalledAt: at, epoch: agent.epoch + 1, version: agent.version + 1, updatedAt: at };
  const asked = await triageWrites(ctx.ports, { agent, kind: 'stalled', reason: action.sentence });
  const event = ruleEvent(ctx, 'A5', 'agent_status', {
    agentId: agent.agentId,
    old: agent.state,
    new: 'stalled',
    data: { why: action.sentence, triage: asked.length > 0 },
    ...(agent.hookBeadId === undefined ? {} : { beadId: agent.hookBeadId }),
    ...(agent.rigId === undefined ? {} : { rigId: agent.rigId }),
  });
  return commit(ctx, [putAgent(agent, item), ...asked, { put: 'event', item: event, when: 'none' }]);
};
