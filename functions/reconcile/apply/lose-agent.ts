// Applies A1, A2 and A5: a lost agent rests, its bead goes back or fails, and what broke is counted.
import { lastErrorCharacters, restWrites } from '../../domain/agent-writes.ts';
import type { Agent } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { MayorMessage } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { z } from 'zod';
import { withRecord } from '../../domain/agent-cv.ts';
import { isLive, workedMsOf } from '../../domain/agent-state.ts';
import { isIssue, isMergeRequest, workItem, writesOf } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import type { ActionOf, Blame } from '../../domain/plan/action.ts';
import { hookIsGood } from '../../domain/plan/hook.ts';
import { beadBreakerBeads, distinctBeads } from '../../domain/failure-log.ts';
import { givenBack } from '../../domain/give-back.ts';
import { breakerData, breakerFailures } from '../../domain/plan/breakers.ts';
import { attemptsOf } from '../../domain/plan/places.ts';
import { revised } from '../../domain/transition.ts';
import { counted } from '../../domain/words.ts';
import { failureWrites, triageWrites } from '../../operations/ask-triage.ts';
import type { Write } from '../../ports.ts';
import { backoffMs, beadOf, commit, escalationWrites, isoAfter, isoOf, momentIn, rigNamed, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

import { agentOf } from './agents.ts';
import { triageCooldown } from './triage.ts';

/** What every agent needs. A budget that is used up is no outage: B7 knows it. */
type Dependency = Exclude<Blame, 'own' | 'budget'>;
const dependencyNames: Readonly<Record<Dependency, string>> = {
  model: 'The model endpoint',
  git: 'The git host',
  infrastructure: 'The runner',
  capacity: 'The cloud (no capacity)',
};
/** The Mayor and people hear that a breaker has opened, once each time. */
const openedWrites = (ctx: PassContext, blame: Dependency, opened: { readonly atMs: number; readonly reason: string }) =>
  escalationWrites(ctx, {
    rule: 'B3',
    mark: `B3#${blame}#${opened.atMs}`,
    severity: 'high',
    category: 'lifecycle',
    cause: { of: 'breaker', name: blame },
    title: `${dependencyNames[blame]} failed ${breakerFailures} times in a row`,
    body: `Beads are given out one at a time until it works again. The last error: ${opened.reason}`,
  });

/** One more failure of something that all agents need. */
const breakerWrites = async (ctx: PassContext, blame: Blame, reason: string): Promise<Write[]> => {
  if (blame === 'own' || blame === 'budget') return [];
  const before = await ctx.ports.store.get('work', { townId: ctx.townId, kind: 'breaker', workId: blame });
  const moment = momentIn(ctx);
  const failures = breakerData(before).failures + 1;
  const data = JSON.stringify({
    failures,
    atMs: moment.nowMs,
    error: reason.slice(0, lastErrorCharacters),
  });
  const item: WorkItem = {
    ...workItem(ctx.townId, 'breaker', blame, moment.nowMs + ctx.ports.deployment.timings.runtimeBreakerMs, moment.stamp),
    data,
  };
  return [
    { put: 'work', item, when: before === undefined ? { absent: true } : { equals: { stamp: before.stamp } } },
    ...(failures === breakerFailures ? await openedWrites(ctx, blame, { atMs: moment.nowMs, reason }) : []),
  ];
};

const failuresSchema = z.object({ failures: z.int().nonnegative() });
const failuresOf = (item: WorkItem): number => {
  try {
    return failuresSchema.parse(JSON.parse(item.data ?? '{}')).failures;
  } catch {
    // No count yet.
    return 0;
  }
};

const awake = ({ rests: _rests, ...item }: WorkItem): WorkItem => item;

/** Messages wait with back-off for the Mayor's next start; after too many failures of its own they fail with a sentence. */
const mayorWaits = async (ctx: PassContext, action: ActionOf<'lose-agent'>, maxAttempts: number): Promise<Write[]> => {
  const items = (await ctx.ports.store.workOf(ctx.townId)).filter((item) => item.kind === 'mayor').slice(0, 20);
  const messages = await ctx.ports.store.getMany(
    'mayorMessage',
    items.map(({ workId }) => ({
      townId: ctx.townId,
      userId: workId.slice(0, workId.lastIndexOf('#')),
      messageId: workId.slice(workId.lastIndexOf('#') + 1),
    })),
  );
  return items.flatMap((item, index): Write[] => {
    const failures = failuresOf(item) + (action.blame === 'own' ? 1 : 0);
    const message: MayorMessage | undefined = messages[index];
    if (failures >= maxAttempts && message !== undefined) {
      const error =
        `The Mayor could not be kept running: ${action.reason}. Look at the model in the town's settings and send the message again.`.slice(
          0,
          lastErrorCharacters,
        );
      return [
        {
          put: 'mayorMessage',
          item: { ...message, state: 'failed', error, version: message.version + 1 },
          when: { equals: { version: message.version } },
        },
        { remove: 'work', key: { townId: ctx.townId, kind: 'mayor', workId: item.workId }, when: { equals: { stamp: item.stamp } } },
      ];
    }
    const moment = momentIn(ctx);
    return [
      {
        put: 'work',
        item: { ...awake(item), dueAtMs: moment.nowMs + backoffMs(ctx, failures), stamp: moment.stamp, data: JSON.stringify({ failures }) },
        when: { equals: { stamp: item.stamp } },
      },
    ];
  });
};

interface Hooked {
  readonly agent: Agent;
  readonly bead: Bead;
  readonly maxAttempts: number;
}
/** What becomes of the bead on the hook of a lost agent. */
const hookChanges = (ctx: PassContext, action: ActionOf<'lose-agent'>, { agent, bead, maxAttempts }: Hooked): BeadChange[] => {
  const { blame, reason } = action;
  const nowMs = ctx.ports.clock.nowMs();
  const { timings } = ctx.ports.deployment;
  if (isIssue(bead))
    return [{ before: bead, after: givenBack({ bead, blame, reason, maxAttempts, nowMs, timings, workedMs: workedMsOf(agent, nowMs) }) }];
  if (!isMergeRequest(bead)) return [];
  return [
    { before: bead, after: revised(bead, { details: { ...bead.details, notBefore: isoAfter(ctx, backoffMs(ctx, 1)) } }, isoOf(ctx)) },
  ];
};

/** T1: whether that work is worth going on with is nothing that a rule can see. */
const dirtyCase = (ctx: PassContext, agent: Agent, files: number): Promise<Write[]> =>
  triageWrites(ctx.ports, {
    agent,
    kind: 'dirty',
    reason: `${agent.name} was lost with ${counted(files, 'file')} that it had not committed. Its workspace is kept: RESTART lets it go on there, DISCARD starts over.`,
  });

/** A loss by its own fault is part of an agent's history. */
const recordOf = (agent: Agent, { blame, rule }: ActionOf<'lose-agent'>, nowMs: number): Agent['record'] =>
  blame === 'own' && rule !== 'A2' && agent.hookBeadId !== undefined ? withRecord(agent, 'failures', nowMs).record : agent.record;

/** Remembers a failure that nothing outside explains. The twentieth different bead within half an hour pauses the town, and people are told. */
const ownFailure = async (ctx: PassContext, agent: Agent, bead: Bead, reason: string): Promise<Write[]> => {
  const { writes, log } = await failureWrites(ctx.ports, agent, { beadId: bead.beadId, reason });
  if (distinctBeads(log) !== beadBreakerBeads) return [...writes];
  const told = await escalationWrites(ctx, {
    rule: 'B3',
    mark: `B3#beads#${log[0]?.atMs ?? 0}`,
    severity: 'critical',
    category: 'failed',
    cause: { of: 'beads' },
    title: `${beadBreakerBeads} different beads failed in half an hour: the town pauses`,
    body: `No bead is given out for a while, then one is tried. The last failure, of ${bead.beadId}: ${reason}`,
  });
  return [...writes, ...told];
};

export const loseAgent = async (ctx: PassContext, action: ActionOf<'lose-agent'>): Promise<Applied> => {
  const [agent, town] = await Promise.all([agentOf(ctx, action.agentId), ctx.ports.store.get('town', { townId: ctx.townId })]);
  if (agent === undefined || town === undefined || agent.epoch !== action.epoch) return 'lost';
  if (action.rule === 'A2' ? isLive(agent) || agent.hookBeadId === undefined : !isLive(agent)) return 'lost';
  const hooked = agent.hookBeadId === undefined ? undefined : await beadOf(ctx, agent.hookBeadId);
  const maxAttempts = attemptsOf({ town, rig: await rigNamed(ctx, agent.rigId), bead: hooked });
  const changes = hooked !== undefined && hookIsGood(agent, hooked) ? hookChanges(ctx, action, { agent, bead: hooked, maxAttempts }) : [];
  const bead = changes[0]?.after;
  const more = [
    ...restWrites(agent, isoOf(ctx), action.reason, recordOf(agent, action, ctx.ports.clock.nowMs())),
    ...(action.rule === 'A2' || agent.role === 'triage' ? [] : await breakerWrites(ctx, action.blame, action.reason)),
    ...(action.blame === 'own' && hooked !== undefined && changes.length > 0 ? await ownFailure(ctx, agent, hooked, action.reason) : []),
    ...(action.dirtyFiles !== undefined && bead?.status === 'open' ? await dirtyCase(ctx, agent, action.dirtyFiles) : []),
    ...(agent.role === 'triage' ? await triageCooldown(ctx) : []),
    ...(agent.role === 'mayor' ? await mayorWaits(ctx, action, maxAttempts) : []),
    ...(agent.role === 'refinery' && bead !== undefined
      ? await escalationWrites(ctx, {
          rule: 'A1',
          mark: `refinery#${bead.beadId}#${isMergeRequest(bead) ? bead.details.attempt : 0}`,
          severity: 'medium',
          category: 'help',
          cause: { of: 'review' },
          about: bead,
          title: `${bead.beadId} waits for a review: the refinery could not work`,
          body: `${agent.agentId} was lost: ${action.reason}. The review is tried again; it is never skipped.`,
        })
      : []),
  ];
  const event = ruleEvent(ctx, action.rule, 'dispatch_failed', {
    agentId: agent.agentId,
    new: action.reason.slice(0, 2000),
    data: { blame: action.blame, ...(bead === undefined ? {} : { status: bead.status, attempts: bead.dispatchAttempts }) },
    ...(bead === undefined ? {} : { beadId: bead.beadId }),
    ...(agent.rigId === undefined ? {} : { rigId: agent.rigId }),
  });
  return commit(ctx, writesOf(changes, event, momentIn(ctx), more));
};
