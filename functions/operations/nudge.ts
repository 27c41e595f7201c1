// Nudges: short words for an agent that runs, or has just handed in its work. They are work items, not beads: what was said in passing is not kept for ever.
import type { Agent } from '../contracts/agent.schema.ts';
import { nudgeSeconds, sentNudgeSchema } from '../contracts/nudge.schema.ts';
import type { Nudge, NudgeMode, SentNudge } from '../contracts/nudge.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { hasProcess } from '../domain/agent-state.ts';
import { workItem } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isAvailable, nudgesFor } from '../domain/nudges.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, notFound } from '../api/problems.ts';
import { mayorId } from '../domain/plan/names.ts';
import { sendMail } from './mail.ts';
import { actOnce } from './once.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** Nudges that wait for one agent at most: an inbox is bounded. */
export const openNudges = 20;

export interface NudgeInput {
  readonly text: string;
  readonly mode?: NudgeMode | undefined;
  readonly priority?: Nudge['priority'] | undefined;
  readonly expiresInSeconds?: number | undefined;
}
export interface NudgeRequest {
  readonly townId: string;
  readonly to: string;
  readonly from: Principal;
  /** The person for whom it is said. */
  readonly requestedBy: string;
  readonly input: NudgeInput;
  readonly idempotencyKey?: string | undefined;
}

const whenSentence: Readonly<Record<NudgeMode, string>> = {
  'wait-idle': 'when its turn has ended',
  immediate: 'at once; a turn that runs takes it up before its next step',
  queue: 'together with the next prompt that it gets',
};
const sentenceFor = (ports: Ports, agent: Agent, mode: NudgeMode): string => {
  const available = hasProcess(agent) || isAvailable(agent, ports.clock.nowMs(), ports.deployment.timings);
  return available
    ? `${agent.name} gets it ${whenSentence[mode]}.`
    : `${agent.name} is at rest: it gets it when it is given work before the nudge expires.`;
};

const nudgeWrites = (
  ports: Ports,
  agent: Agent,
  request: NudgeRequest,
): { readonly nudge: Nudge; readonly id: string; readonly writes: Write[] } => {
  const { nowMs, stamp } = momentOf(ports);
  const { input, townId } = request;
  const id = ports.ids.ulid();
  const nudge: Nudge = {
    to: agent.agentId,
    from: request.from,
    text: input.text,
    mode: input.mode ?? 'wait-idle',
    priority: input.priority ?? 'normal',
    requestedBy: request.requestedBy,
    sentAtMs: nowMs,
    expiresAtMs: nowMs + (input.expiresInSeconds ?? nudgeSeconds.usual) * 1000,
  };
  const event = newEvent(
    { townId, eventId: ports.ids.ulid(), type: 'nudge_queued', actor: request.from, at: isoNow(ports) },
    {
      agentId: agent.agentId,
      ...(agent.hookBeadId === undefined ? {} : { beadId: agent.hookBeadId }),
      new: input.text.slice(0, 500),
      data: { nudgeId: id, mode: nudge.mode, priority: nudge.priority },
    },
  );
  const item = { ...workItem(townId, 'nudge', id, nudge.expiresAtMs, stamp), data: JSON.stringify(nudge) };
  return {
    nudge,
    id,
    writes: [
      { put: 'work', item, when: { absent: true } },
      { put: 'event', item: event, when: 'none' },
    ],
  };
};

/** Queues a nudge; the Mayor gets mail instead. Throws 404 without such an agent, 409 when too many wait for it. */
export const sendNudge = async (ports: Ports, request: NudgeRequest): Promise<SentNudge> => {
  const { townId, to, from, input } = request;
  if (to === mayorId) {
    const subject = input.text.trim().split('\n', 1)[0]?.slice(0, 120) ?? 'A nudge';
    const sender = { townId, from, requestedBy: request.requestedBy };
    const [mail] = await sendMail(ports, sender, { to: 'role:mayor', subject, body: input.text, idempotencyKey: request.idempotencyKey });
    return { sentAs: 'mail', id: mail?.beadId ?? '', to, sentence: 'The Mayor reads mail: it was sent as one.' };
  }
  const once = {
    what: 'The nudge',
    scope: townId,
    key: request.idempotencyKey,
    act: 'nudge',
    request: { to, from, input },
    answer: sentNudgeSchema,
  };
  return actOnce(ports, once, async () => {
    const [agent, work] = await Promise.all([ports.store.get('agent', { townId, agentId: to }), ports.store.workOf(townId)]);
    if (agent === undefined || agent.state === 'gone') throw notFound(`There is no agent ${to} in this town.`);
    if (nudgesFor(work, agent, ports.clock.nowMs()).length >= openNudges)
      throw conflict(`${openNudges} nudges wait for ${agent.name} already; send mail, or wait until it has read them.`);
    const { nudge, id, writes } = nudgeWrites(ports, agent, request);
    return {
      writes,
      result: {
        sentAs: 'nudge' as const,
        id,
        to,
        expiresAt: new Date(nudge.expiresAtMs).toISOString(),
        sentence: sentenceFor(ports, agent, nudge.mode),
      },
    };
  });
};

/** Notes that the nudge is in the agent's session. Idempotent: the runner says so more than once. */
export const markNudged = (ports: Ports, townId: string, nudgeId: string, agentId: string): Promise<void> =>
  transact<void>(ports, 'The nudge', async () => {
    const key = { townId, kind: 'nudge', workId: nudgeId } as const;
    const item = await ports.store.get('work', key);
    if (item === undefined) return { writes: [], result: undefined };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'nudge_delivered', actor: `agent:${agentId}`, at: isoNow(ports) },
      { agentId, data: { nudgeId } },
    );
    return {
      writes: [
        { remove: 'work', key, when: { equals: { stamp: item.stamp } } },
        { put: 'event', item: event, when: 'none' },
      ],
      result: undefined,
    };
  });
