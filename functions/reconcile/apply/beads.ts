// Applies the rules about beads: dispatch, cap, orphans, reviews that are decided, and bookkeeping that has nothing left to do.
import { putAgent } from '../../domain/agent-writes.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Slot, WorkItem } from '../../contracts/work.schema.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { blocksChildren } from '../../domain/dependencies.ts';
import { isConvoy, isIssue, isMergeRequest, isReady, readyEntryOf, writesOf } from '../../domain/bead-writes.ts';
import { chainFor, mayGoOn } from '../../domain/chain.ts';
import { placeOf } from '../../domain/convoy/place.ts';
import { mergedDetails } from '../../domain/merge/landed.ts';
import type { ActionOf, Claim } from '../../domain/plan/action.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import { withSettledSpending } from '../../operations/agent-spending.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { epochsBefore, startedAgent } from './agents.ts';
import { ancestorCheck, ancestorsOf, waitWithParent } from './family.ts';
import { givenBack } from '../../domain/give-back.ts';

const claimWrites = (ctx: PassContext, claim: Claim, agentId: string): Write[] => {
  const stamp = ctx.ports.ids.ulid();
  const slot: Slot = { townId: ctx.townId, slotId: claim.slotId, holder: agentId, claimedAt: isoOf(ctx), stamp };
  const own: Write = { put: 'slot', item: slot, when: { absent: true } };
  if (claim.townSlotId === undefined) return [own];
  const town: Slot = { townId: ctx.townId, slotId: claim.townSlotId, holder: `${claim.slotId}@${stamp}`, claimedAt: isoOf(ctx) };
  return [
    own,
    { put: 'slot', item: town, when: claim.townSlotWas === undefined ? { absent: true } : { equals: { holder: claim.townSlotWas } } },
  ];
};

/** The convoy after one more of its series was given out; `lost` when it is not what the pass saw. Undefined where there is no series. */
const seriesChange = (action: ActionOf<'dispatch'>, convoy: Bead | undefined, at: string): BeadChange | 'lost' | undefined => {
  const isSeries = convoy !== undefined && isConvoy(convoy) && convoy.details.series === 'single-agent' && !isFinal(convoy.status);
  if (!isSeries) return action.series === undefined ? undefined : 'lost';
  const { serial } = convoy.details;
  if (action.series === undefined || action.series.afterBeadId !== serial?.beadId) return 'lost';
  const others = (serial?.agents ?? []).filter(({ rigId }) => rigId !== action.rigId);
  const now = { beadId: action.beadId, agents: [...others, { rigId: action.rigId, agentId: action.agentId }] };
  return { before: convoy, after: revised(convoy, { details: { ...convoy.details, serial: now } }, at) };
};

/** Bead, agent, slots, attempt, epoch and event in one transaction; nothing outside is called. */
export const dispatch = async (ctx: PassContext, action: ActionOf<'dispatch'>): Promise<Applied> => {
  const { store, clock } = ctx.ports;
  const [bead, agent, rig] = await Promise.all([
    beadOf(ctx, action.beadId),
    store.get('agent', { townId: ctx.townId, agentId: action.agentId }),
    store.get('rig', { townId: ctx.townId, rigId: action.rigId }),
  ]);
  if (bead === undefined || rig === undefined || !isIssue(bead) || !isReady(bead) || (readyEntryOf(bead)?.notBeforeMs ?? 0) > clock.nowMs())
    return 'lost';
  if (agent !== undefined && (!['idle', 'parked'].includes(agent.state) || agent.hookBeadId !== undefined || agent.rigId !== rig.rigId))
    return 'lost';
  const ancestors = await ancestorsOf(ctx, bead);
  if (ancestors.some(blocksChildren)) return waitWithParent(ctx, bead, ancestors);
  const at = isoOf(ctx);
  const moved = transition(bead, { status: 'in_progress' }, at);
  if (!moved.ok) return 'lost';
  const { notBefore: _over, avoidAgentId: _avoided, chain: _chain, ...details } = bead.details;
  const convoy = details.convoyId === undefined ? undefined : await beadOf(ctx, details.convoyId);
  const place = placeOf(bead, { rig, agentId: action.agentId, convoy });
  const series = seriesChange(action, convoy, at);
  if (place === undefined || series === 'lost') return 'lost';
  const next = { bead, agentId: action.agentId, series: action.series };
  const chain = chainFor(next, mayGoOn(next, agent) ? await beadOf(ctx, agent.lastBeadId) : undefined);
  const after: Bead = {
    ...moved.bead,
    assigneeAgentId: action.agentId,
    dispatchAttempts: bead.dispatchAttempts + 1,
    lastDispatchAt: at,
    details: { ...details, ...place, ...(chain === undefined ? {} : { chain }) },
  };
  const started = startedAgent(ctx, {
    before: await withSettledSpending(ctx.ports, agent),
    epochs: await epochsBefore(ctx, agent, action.agentId),
    agentId: action.agentId,
    name: action.agentName,
    role: 'polecat',
    rigId: rig.rigId,
    hookBeadId: bead.beadId,
    slot: action.claim.slotId,
    personaId: bead.details.personaId,
  });
  const moment = momentIn(ctx);
  const probeAtMs = moment.nowMs + ctx.ports.deployment.timings.runtimeBreakerMs;
  const event = ruleEvent(ctx, 'B1', 'dispatched', {
    beadId: bead.beadId,
    agentId: started.agentId,
    rigId: rig.rigId,
    old: 'open',
    new: 'in_progress',
    data: { attempt: after.dispatchAttempts, epoch: started.epoch, requestedBy: bead.requestedBy },
    ...(bead.details.convoyId === undefined ? {} : { convoyId: bead.details.convoyId }),
  });
  return commit(
    ctx,
    writesOf([{ before: bead, after }, ...(series === undefined ? [] : [series])], event, moment, [
      putAgent(agent, started),
      ...claimWrites(ctx, action.claim, started.agentId),
      ...ancestors.map(ancestorCheck),
      ...(action.probes ?? []).map((item): Write => ({
        put: 'work',
        item: { ...item, dueAtMs: probeAtMs, stamp: moment.stamp },
        when: { equals: { stamp: item.stamp } },
      })),
    ]),
  );
};
/** An entry whose bead has moved on; the bead must not become ready again under the same entry meanwhile. */
export const dropReady = async (ctx: PassContext, action: ActionOf<'drop-ready'>): Promise<Applied> => {
  const bead = await beadOf(ctx, action.beadId);
  if (bead !== undefined && isReady(bead) && readyEntryOf(bead)?.order === action.order && readyEntryOf(bead)?.queue === action.queue)
    return 'lost';
  const { rigId, queue, order } = action;
  const key = { townId: ctx.townId, beadId: action.beadId };
  return commit(ctx, [
    { remove: 'ready', key: { townId: ctx.townId, rigId, queue, order }, when: 'none' },
    { check: 'bead', key, when: bead === undefined ? { absent: true } : { equals: { version: bead.version } } },
  ]);
};

export const freeSlot = async (ctx: PassContext, action: ActionOf<'free-slot'>): Promise<Applied> => {
  const slot = await ctx.ports.store.get('slot', { townId: ctx.townId, slotId: action.slotId });
  if (slot === undefined) return 'lost';
  const agent = await ctx.ports.store.get('agent', { townId: ctx.townId, agentId: slot.holder });
  if (agent?.slot === slot.slotId) return 'lost';
  return commit(ctx, [
    {
      remove: 'slot',
      key: { townId: ctx.townId, slotId: slot.slotId },
      when: { equals: slot.stamp === undefined ? { claimedAt: slot.claimedAt } : { stamp: slot.stamp } },
    },
  ]);
};

export const closeBreaker = (ctx: PassContext, action: ActionOf<'close-breaker' | 'forget-failures'>): Promise<Applied> =>
  commit(ctx, [
    {
      remove: 'work',
      key: { townId: ctx.townId, kind: action.item.kind, workId: action.item.workId },
      when: { equals: { stamp: action.item.stamp } },
    },
  ]);

/** A runtime that came to life while the pass read its partition keeps its item. Undefined: it did. */
const subjectChecks = async ({ townId, ports }: PassContext, item: WorkItem): Promise<Write[] | undefined> => {
  if (item.kind === 'runtime') {
    const lease = await ports.store.get('lease', { townId });
    if (lease === undefined) return [{ check: 'lease', key: { townId }, when: { absent: true } }];
    return lease.state === 'absent' ? [{ check: 'lease', key: { townId }, when: { equals: { version: lease.version } } }] : undefined;
  }
  return [];
};

export const dropWork = async (ctx: PassContext, { item }: ActionOf<'drop-work'>): Promise<Applied> => {
  const checks = await subjectChecks(ctx, item);
  if (checks === undefined) return 'lost';
  const key = { townId: ctx.townId, kind: item.kind, workId: item.workId };
  return commit(ctx, [{ remove: 'work', key, when: { equals: { stamp: item.stamp } } }, ...checks]);
};

/** What was added to it meanwhile, or made it due anew, counts more. */
export const restWork = (ctx: PassContext, { item, untilMs }: ActionOf<'rest-work'>): Promise<Applied> =>
  commit(ctx, [
    {
      put: 'work',
      item: { ...item, dueAtMs: untilMs, rests: true, stamp: ctx.ports.ids.ulid() },
      when: { equals: { stamp: item.stamp, dueAtMs: item.dueAtMs, costMicroUsd: item.costMicroUsd, data: item.data } },
    },
  ]);

/** Nobody works on it: back to its queue, the attempt is not its fault. */
export const reopenOrphan = async (ctx: PassContext, action: ActionOf<'reopen-orphan'>): Promise<Applied> => {
  const bead = await beadOf(ctx, action.beadId);
  if (bead?.status !== 'in_progress' || !isIssue(bead)) return 'lost';
  const agent =
    bead.assigneeAgentId === undefined
      ? undefined
      : await ctx.ports.store.get('agent', { townId: ctx.townId, agentId: bead.assigneeAgentId });
  if (agent?.hookBeadId === bead.beadId) return 'lost';
  const after = givenBack({
    bead,
    blame: 'infrastructure',
    reason: 'nobody was working on it',
    maxAttempts: Number.POSITIVE_INFINITY,
    nowMs: ctx.ports.clock.nowMs(),
    timings: ctx.ports.deployment.timings,
  });
  const event = ruleEvent(ctx, 'B4', 'unhooked', { beadId: bead.beadId, old: 'in_progress', new: 'open' });
  return commit(ctx, writesOf([{ before: bead, after }], event, momentIn(ctx)));
};

/** The issue follows its newest request: closed with it, or open and held when the request cannot be merged. */
export const settleReview = async (ctx: PassContext, action: ActionOf<'settle-review'>): Promise<Applied> => {
  const bead = await beadOf(ctx, action.beadId);
  if (bead?.status !== 'in_review' || !isIssue(bead)) return 'lost';
  const request = bead.details.latestMergeRequestId === undefined ? undefined : await beadOf(ctx, bead.details.latestMergeRequestId);
  if (request !== undefined && (!isMergeRequest(request) || !isFinal(request.status))) return 'lost';
  const merged = request?.status === 'closed' && isMergeRequest(request);
  const moved = transition(bead, { status: merged ? 'closed' : 'open' }, isoOf(ctx));
  if (!moved.ok) return 'lost';
  const after: Bead = merged
    ? { ...moved.bead, details: { ...bead.details, commits: request.details.commits, ...mergedDetails(bead, request) } }
    : { ...moved.bead, held: true };
  const why =
    request === undefined
      ? 'its merge request is missing'
      : `${request.beadId} failed: ${request.failure?.message ?? 'no reason was recorded'}`;
  const more = merged
    ? []
    : await escalationWrites(ctx, {
        rule: 'B5',
        mark: `B5#${bead.beadId}#${request?.beadId ?? 'missing'}`,
        severity: 'high',
        category: 'failed',
        about: bead,
        cause: { of: 'held' },
        title: `${bead.beadId} could not be merged and is held`,
        body: `${why}. Look at it, then release the bead to have it worked again.`,
      });
  const event = ruleEvent(ctx, 'B5', merged ? 'merged' : 'merge_failed', {
    beadId: bead.beadId,
    old: 'in_review',
    new: after.status,
    data: merged ? { mergeRequestId: request.beadId } : { why },
  });
  return commit(ctx, writesOf([{ before: bead, after }], event, momentIn(ctx), more));
};
