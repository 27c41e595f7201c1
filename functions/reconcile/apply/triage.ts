// Applies T2: starts the triage agent for what is open, and hands to people what no triage agent decided.
import { putAgent } from '../../domain/agent-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isLive } from '../../domain/agent-state.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { nextTriageMs, triageAgentId, triageItem, triageRequestOf, triagerItem, triagerOf } from '../../domain/triage.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, escalationWrites, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { agentOf, epochsBefore, startedAgent } from './agents.ts';

export const startTriage = async (ctx: PassContext, action: ActionOf<'start-triage'>): Promise<Applied> => {
  const { store } = ctx.ports;
  const moment = momentIn(ctx);
  const [before, item] = await Promise.all([
    agentOf(ctx, triageAgentId),
    store.get('work', { townId: ctx.townId, kind: 'triager', workId: '-' }),
  ]);
  const triager = triagerOf(item, moment.nowMs);
  if ((before !== undefined && isLive(before)) || nextTriageMs(triager) > moment.nowMs) return 'lost';
  const agent = startedAgent(ctx, {
    before,
    epochs: await epochsBefore(ctx, before, triageAgentId),
    agentId: triageAgentId,
    name: 'Triage',
    role: 'triage',
  });
  const asked = action.requests.flatMap((each): Write[] => {
    const request = triageRequestOf(each);
    if (request === undefined) return [];
    const given = { ...request, batch: agent.epoch, tries: request.tries + 1 };
    return [{ put: 'work', item: triageItem(ctx.townId, given, moment), when: { equals: { stamp: each.stamp } } }];
  });
  const event = ruleEvent(ctx, 'T2', 'agent_status', { agentId: agent.agentId, new: 'starting', data: { requests: asked.length } });
  return commit(ctx, [
    putAgent(before, agent),
    ...asked,
    {
      put: 'work',
      item: triagerItem(ctx.townId, { ...triager, startsMs: [...triager.startsMs, moment.nowMs] }, moment),
      when: item === undefined ? { absent: true } : { equals: { stamp: item.stamp } },
    },
    { put: 'event', item: event, when: 'none' },
  ]);
};

/** The next triage agent waits; that this one failed is nobody's case and no sign against anything else. */
export const triageCooldown = async (ctx: PassContext): Promise<Write[]> => {
  const item = await ctx.ports.store.get('work', { townId: ctx.townId, kind: 'triager', workId: '-' });
  const moment = momentIn(ctx);
  const triager = { ...triagerOf(item, moment.nowMs), notBeforeMs: moment.nowMs + ctx.ports.deployment.timings.triageCooldownMs };
  return [
    {
      put: 'work',
      item: triagerItem(ctx.townId, triager, moment),
      when: item === undefined ? { absent: true } : { equals: { stamp: item.stamp } },
    },
  ];
};

export const giveUpTriage = async (ctx: PassContext, { item, sentence }: ActionOf<'give-up-triage'>): Promise<Applied> => {
  const asked = triageRequestOf(item);
  if (asked === undefined) return 'lost';
  const about = asked.beadId === undefined ? undefined : await beadOf(ctx, asked.beadId);
  const told = await escalationWrites(ctx, {
    rule: 'T2',
    mark: `T2#${item.workId}#${asked.atMs}`,
    severity: 'high',
    category: 'help',
    about,
    title: `${asked.agentId} needs a decision${asked.beadId === undefined ? '' : ` about ${asked.beadId}`}`,
    body: `${asked.reason}\n\n${sentence}`,
  });
  const event = ruleEvent(ctx, 'T2', 'escalated', {
    agentId: asked.agentId,
    new: sentence,
    ...(asked.beadId === undefined ? {} : { beadId: asked.beadId }),
  });
  const { townId, kind, workId, stamp } = item;
  const over: Write = { remove: 'work', key: { townId, kind, workId }, when: { equals: { stamp } } };
  return commit(ctx, writesOf([], event, momentIn(ctx), [over, ...told]));
};
