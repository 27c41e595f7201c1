// Applies the rules about agents: start, hook, lose, stop. Each is one transaction on what is read here again.
import type { Agent } from '../../contracts/agent.schema.ts';
import { isLive, isParked, restarted } from '../../domain/agent-state.ts';
import { putAgent, removalWrites, restWrites } from '../../domain/agent-writes.ts';
import { isMergeRequest } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { hookIsGood } from '../../domain/plan/hook.ts';
import { mayorId } from '../../domain/plan/names.ts';
import { withAllSpending, withSettledSpending } from '../../operations/agent-spending.ts';
import { beadOf, commit, isoOf, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

export const agentOf = (ctx: PassContext, agentId: string): Promise<Agent | undefined> =>
  ctx.ports.store.get('agent', { townId: ctx.townId, agentId });
interface Start {
  readonly before: Agent | undefined;
  /** Epochs that earlier items of this agent have used; only for one that has no item now. */ readonly epochs?: number;
  readonly agentId: string;
  readonly name: string;
  readonly role: Agent['role'];
  readonly rigId?: string | undefined;
  readonly hookBeadId?: string;
  readonly slot?: string;
  readonly personaId?: string | undefined;
  /** Bead whose timeline tells of it, where that is not the hook. */
  readonly about?: string;
}
const recentBeads = 20;
const recentOf = (before: Agent | undefined, beadId: string | undefined): Pick<Agent, 'recentBeadIds'> => {
  const known = before?.recentBeadIds ?? [];
  const recent = beadId === undefined ? known : [beadId, ...known.filter((id) => id !== beadId)].slice(0, recentBeads);
  return recent.length === 0 ? {} : { recentBeadIds: recent };
};

/** The agent in its next life: a new epoch, state starting. */
export const startedAgent = (ctx: PassContext, start: Start): Agent => {
  const at = isoOf(ctx);
  const { before } = start;
  return {
    townId: ctx.townId,
    agentId: start.agentId,
    name: start.name,
    role: start.role,
    ...(start.rigId === undefined ? {} : { rigId: start.rigId }),
    ...(start.hookBeadId === undefined ? {} : { hookBeadId: start.hookBeadId }),
    ...(start.slot === undefined ? {} : { slot: start.slot }),
    ...(start.personaId === undefined ? {} : { personaId: start.personaId }),
    ...recentOf(before, start.about ?? start.hookBeadId),
    // The Mayor's conversations go on; everybody else starts a new one with a new bead.
    ...(start.role === 'mayor' && before?.sessionId !== undefined ? { sessionId: before.sessionId } : {}),
    state: 'starting',
    ...(before?.record === undefined ? {} : { record: before.record }),
    epoch: (before?.epoch ?? start.epochs ?? 0) + 1,
    startedAt: at,
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  };
};
/** Of an agent without an item: removed after a long rest, or never there. No epoch is ever used twice. */
export const epochsBefore = async (ctx: PassContext, before: Agent | undefined, agentId: string): Promise<number> =>
  before === undefined ? ((await ctx.ports.store.get('identity', { townId: ctx.townId, agentId }))?.epochs ?? 0) : 0;

/** A6: after a day of rest without a bead. */
export const removeAgent = async (ctx: PassContext, action: ActionOf<'remove-agent'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent === undefined || agent.epoch !== action.epoch || isLive(agent) || agent.hookBeadId !== undefined) return 'lost';
  const identity = await ctx.ports.store.get('identity', { townId: ctx.townId, agentId: agent.agentId });
  return commit(ctx, removalWrites(await withAllSpending(ctx.ports, agent), identity, isoOf(ctx)));
};

export const startMayor = async (ctx: PassContext, _action: ActionOf<'start-mayor'>): Promise<Applied> => {
  const before = await agentOf(ctx, mayorId);
  if (before !== undefined && isLive(before)) return 'lost';
  const item = startedAgent(ctx, { before: await withSettledSpending(ctx.ports, before), agentId: mayorId, name: 'Mayor', role: 'mayor' });
  return commit(ctx, [
    putAgent(before, item),
    { put: 'event', item: ruleEvent(ctx, 'A0', 'agent_status', { agentId: mayorId, new: 'starting' }), when: 'none' },
  ]);
};

export const hookRefinery = async (ctx: PassContext, action: ActionOf<'hook-refinery'>): Promise<Applied> => {
  const [before, request] = await Promise.all([agentOf(ctx, action.agentId), beadOf(ctx, action.mergeRequestId)]);
  if (request === undefined || (before !== undefined && (isLive(before) || before.hookBeadId !== undefined))) return 'lost';
  const item = startedAgent(ctx, {
    before: await withSettledSpending(ctx.ports, before),
    epochs: await epochsBefore(ctx, before, action.agentId),
    agentId: action.agentId,
    name: 'Refinery',
    role: 'refinery',
    rigId: action.rigId,
    hookBeadId: request.beadId,
    ...(isMergeRequest(request) ? { about: request.details.sourceBeadId } : {}),
  });
  if (!isMergeRequest(request) || !hookIsGood(item, request)) return 'lost';
  // A request that moves on at this moment leaves a refinery with a hook that is over: A4 takes it off.
  return commit(ctx, [
    putAgent(before, item),
    {
      put: 'event',
      item: ruleEvent(ctx, 'A0', 'hooked', {
        beadId: request.details.sourceBeadId,
        agentId: item.agentId,
        rigId: action.rigId,
        // Green gates wrote no event of their own.
        data: { mergeRequestId: request.beadId, gates: request.details.gates.length },
      }),
      when: 'none',
    },
  ]);
};

export const stopAgent = async (ctx: PassContext, action: ActionOf<'stop-agent'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent === undefined || agent.epoch !== action.epoch || !(isLive(agent) || isParked(agent))) return 'lost';
  if (agent.hookBeadId !== undefined && hookIsGood(agent, await beadOf(ctx, agent.hookBeadId))) return 'lost';
  const event = ruleEvent(ctx, action.rule, 'unhooked', {
    agentId: agent.agentId,
    ...(agent.hookBeadId === undefined ? {} : { beadId: agent.hookBeadId }),
    new: action.sentence,
  });
  return commit(ctx, [...restWrites(agent, isoOf(ctx)), { put: 'event', item: event, when: 'none' }]);
};

/** A parked agent in its next life, with the bead, the place and the conversation that it had. */
export const resumeAgent = async (ctx: PassContext, action: ActionOf<'resume-agent'>): Promise<Applied> => {
  const agent = await agentOf(ctx, action.agentId);
  if (agent === undefined || agent.epoch !== action.epoch || !isParked(agent) || agent.hookBeadId === undefined) return 'lost';
  const bead = await beadOf(ctx, agent.hookBeadId);
  if (bead === undefined || !hookIsGood(agent, bead)) return 'lost';
  const event = ruleEvent(ctx, 'A0', 'agent_status', { agentId: agent.agentId, beadId: bead.beadId, new: 'starting' });
  return commit(ctx, [
    putAgent(agent, restarted(agent, isoOf(ctx))),
    { check: 'bead', key: { townId: ctx.townId, beadId: bead.beadId }, when: { equals: { version: bead.version } } },
    { put: 'event', item: event, when: 'none' },
  ]);
};
