// What each decision of triage does. One entry per action of the list; a restart keeps to the caps as every other path does.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { TriageAction, TriageRequest } from '../contracts/triage.schema.ts';
import { isLive, isParked, restarted, workedMsOf } from '../domain/agent-state.ts';
import { putAgent, restWrites } from '../domain/agent-writes.ts';
import { isIssue } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { backoffAfterMs } from '../domain/give-back.ts';
import { newBead } from '../domain/new-bead.ts';
import { hookIsGood } from '../domain/plan/hook.ts';
import { revised, transition } from '../domain/transition.ts';
import { rigPlaces, townPlaces } from '../domain/plan/places.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { mailFromTown } from './town-mail.ts';
import { nudgeFromTown } from './town-nudge.ts';

interface Scene {
  readonly ports: Ports;
  readonly asked: TriageRequest;
  readonly agent: Agent | undefined;
  readonly bead: Bead | undefined;
  readonly notes: string;
  readonly at: string;
}
interface Effect {
  readonly changes: readonly BeadChange[];
  readonly more: readonly Write[];
  readonly sentence: string;
}
type Issue = Bead & BeadOf<'issue'>;
type Patch = Partial<Issue['details']>;

const errorCharacters = 1000;

/** The agent, while the bead of the request is still on its hook. */
const holder = ({ agent, bead }: Scene): Agent | undefined =>
  agent !== undefined &&
  bead !== undefined &&
  (isLive(agent) || isParked(agent)) &&
  agent.hookBeadId === bead.beadId &&
  hookIsGood(agent, bead)
    ? agent
    : undefined;
const nobody = (action: string): Error =>
  conflict(`${action} cannot be done: the agent has no bead any more. REASSIGN, ESCALATE or DISCARD can be done.`);

/** The issue back in its queue with the patch, and its agent at rest. An open one is only patched. */
const requeued = (scene: Scene, patch: (details: Issue['details']) => Issue['details']): Pick<Effect, 'changes' | 'more'> => {
  const { bead, at, notes, ports } = scene;
  const agent = holder(scene);
  const more = agent === undefined ? [] : restWrites(agent, at, `Triage: ${notes}`);
  if (bead === undefined || !isIssue(bead)) return { changes: [], more };
  const open = bead.status === 'in_progress' && agent !== undefined ? transition(bead, { status: 'open' }, at) : undefined;
  const worked = agent === undefined ? 0 : workedMsOf(agent, ports.clock.nowMs());
  const details = patch({
    ...bead.details,
    lastError: `Triage: ${notes}`.slice(0, errorCharacters),
    ...(worked === 0 ? {} : { agentMs: (bead.details.agentMs ?? 0) + worked }),
  });
  if (open?.ok === true) return { changes: [{ before: bead, after: { ...open.bead, details } }], more };
  return bead.status === 'open' ? { changes: [{ before: bead, after: revised(bead, { details }, at) }], more } : { changes: [], more };
};
const without = (details: Issue['details'], ...names: readonly (keyof Patch)[]): Issue['details'] => {
  const rest = { ...details };
  for (const name of names) delete rest[name as 'notBefore'];
  return rest;
};

/** A stalled agent starts again only in a place that it really holds, within today's caps (they may have been lowered meanwhile). */
const restart = async (scene: Scene): Promise<Write[]> => {
  const agent = holder(scene);
  if (agent === undefined) throw nobody('RESTART');
  const { ports, at } = scene;
  const { townId } = agent;
  const [town, rig, agents, slot] = await Promise.all([
    ports.store.get('town', { townId }),
    agent.rigId === undefined ? undefined : ports.store.get('rig', { townId, rigId: agent.rigId }),
    ports.store.agentsOf(townId),
    agent.slot === undefined ? undefined : ports.store.get('slot', { townId, slotId: agent.slot }),
  ]);
  const others = agents.filter((other) => other.role === 'polecat' && isLive(other) && other.agentId !== agent.agentId);
  const full =
    town === undefined ||
    others.length >= townPlaces(town) ||
    others.filter((other) => other.rigId === agent.rigId).length >= rigPlaces(town, rig);
  if (agent.role === 'polecat' && (full || slot?.holder !== agent.agentId))
    throw conflict('RESTART cannot be done: all places for workers are taken. RESTART_WITH_BACKOFF or REASSIGN can be done.');
  return [
    putAgent(agent, restarted(agent, at)),
    ...(slot === undefined
      ? []
      : [{ check: 'slot', key: { townId, slotId: slot.slotId }, when: { equals: { holder: slot.holder } } } as const]),
  ];
};

/** Whoever is spoken to must hear it: a stalled agent is started again. */
const awake = (scene: Scene, agent: Agent): Promise<Write[]> => (agent.state === 'stalled' ? restart(scene) : Promise.resolve([]));
const nudged = async (scene: Scene): Promise<Omit<Effect, 'sentence'>> => {
  const agent = holder(scene);
  if (agent === undefined) throw nobody('NUDGE');
  const text = 'Triage looked at your bead: go on with it, or say with gt_escalate what is in the way.';
  const { writes } = await nudgeFromTown(scene.ports, agent, { from: 'patrol:T2', tier: 'decided', text, priority: 'urgent' });
  return { changes: [], more: [...writes, ...(await awake(scene, agent))] };
};
/** Notes must not get lost: they are mail. */
const guided = async (scene: Scene, agent: Agent): Promise<Omit<Effect, 'sentence'>> => {
  const mail = await mailFromTown(scene.ports, agent, { from: 'patrol:T2', subject: 'Guidance', body: scene.notes });
  return { changes: [mail], more: await awake(scene, agent) };
};

const escalation = ({ ports, asked, bead, agent, notes, at }: Scene): Bead => {
  const source = 'agent:triage';
  return newBead(
    {
      townId: bead?.townId ?? agent?.townId ?? '',
      beadId: `hq-${ports.ids.base36(5)}`,
      title: `${asked.agentId} needs a decision${bead === undefined ? '' : ` about ${bead.beadId}`}`,
      requestedBy: bead?.requestedBy ?? 'town',
      createdBy: source,
      at,
      details: {
        type: 'escalation',
        severity: 'high',
        category: 'help',
        source,
        ...(bead === undefined ? {} : { aboutBeadId: bead.beadId }),
      },
    },
    { body: `${notes}\n\n${asked.reason}`, priority: 'high', ...(bead?.rigId === undefined ? {} : { rigId: bead.rigId }) },
  );
};

export const effects: Readonly<Record<TriageAction, (scene: Scene) => Promise<Effect>>> = {
  RESTART: async (scene) => {
    const { bead, asked } = scene;
    // After a crash the bead waits in its queue: the same agent gets it at once, through the queue and its caps.
    if (holder(scene) === undefined && bead !== undefined && isIssue(bead) && bead.status === 'open')
      return {
        ...requeued(scene, (details) => ({ ...without(details, 'notBefore', 'avoidAgentId'), preferAgentId: asked.agentId })),
        sentence: `${bead.beadId} is given out again now, to ${asked.agentId} if it is free.`,
      };
    return { changes: [], more: await restart(scene), sentence: `${asked.agentId} starts again with its bead.` };
  },
  RESTART_WITH_BACKOFF: async (scene) => {
    const { ports, bead, asked } = scene;
    const { dispatchBackoffMs } = ports.deployment.timings;
    const waitMs = backoffAfterMs(dispatchBackoffMs, Math.max(2, bead?.dispatchAttempts ?? 1), bead?.beadId ?? asked.agentId);
    const notBefore = new Date(ports.clock.nowMs() + waitMs).toISOString();
    return Promise.resolve({
      ...requeued(scene, (details) => ({ ...without(details, 'avoidAgentId'), preferAgentId: asked.agentId, notBefore })),
      sentence: `${asked.agentId} rests; its bead is tried again after ${Math.round(waitMs / 1000)} seconds.`,
    });
  },
  REASSIGN: (scene) =>
    Promise.resolve({
      ...requeued(scene, (details) => ({ ...without(details, 'notBefore', 'preferAgentId'), avoidAgentId: scene.asked.agentId })),
      sentence: `The bead goes to another agent than ${scene.asked.agentId}.`,
    }),
  CLOSE_BEAD: (scene) => {
    const { bead, notes, at } = scene;
    if (bead === undefined || !isIssue(bead) || bead.status === 'in_review')
      throw conflict('CLOSE_BEAD cannot be done: the request is not about an issue that is being worked. ESCALATE can be done.');
    const failure = { code: 'closed_by_triage', message: notes.slice(0, 2000), source: 'agent:triage' } as const;
    const ended = transition(bead, bead.details.kind === 'no-code' ? { status: 'closed' } : { status: 'failed', failure }, at);
    if (!ended.ok) throw conflict(`${ended.message} Go on with the next request.`);
    const agent = holder(scene);
    return Promise.resolve({
      changes: [{ before: bead, after: ended.bead }],
      more: agent === undefined ? [] : restWrites(agent, at, `Triage: ${notes}`),
      sentence: `${bead.beadId} is ${ended.bead.status}.`,
    });
  },
  ESCALATE: (scene) => Promise.resolve({ changes: [{ after: escalation(scene) }], more: [], sentence: 'People are asked.' }),
  NUDGE: async (scene) => ({
    ...(await nudged(scene)),
    sentence: `${scene.asked.agentId} is nudged.`,
  }),
  PROVIDE_GUIDANCE: async (scene) => {
    const { bead, notes, at, asked } = scene;
    const agent = holder(scene);
    if (agent !== undefined) return { ...(await guided(scene, agent)), sentence: `${asked.agentId} gets your notes.` };
    if (bead === undefined || !isIssue(bead) || bead.status !== 'open') throw nobody('PROVIDE_GUIDANCE');
    const checkpoint = [bead.details.checkpoint ?? '', `Guidance from triage: ${notes}`]
      .filter((text) => text !== '')
      .join('\n\n')
      .slice(-8000);
    return {
      changes: [{ before: bead, after: revised(bead, { details: { ...bead.details, checkpoint } }, at) }],
      more: [],
      sentence: `Your notes wait on ${bead.beadId} for whoever works on it next.`,
    };
  },
  DISCARD: (scene) => {
    const { bead } = scene;
    const pushed = bead !== undefined && isIssue(bead) && bead.details.pushed !== undefined;
    const given = requeued(scene, (details) => without(details, 'checkpoint', 'notBefore', ...(pushed ? [] : (['branch'] as const))));
    return Promise.resolve({ ...given, sentence: 'What was not pushed is given up; the bead starts over with the next agent.' });
  },
};
