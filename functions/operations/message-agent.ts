// A person's words to an agent. What is about the town goes to the Mayor instead, and the answer says so.
import type { SentNudge } from '../contracts/nudge.schema.ts';
import { hasProcess } from '../domain/agent-state.ts';
import { misdirected, namedBeads } from '../domain/misdirected.ts';
import { isAvailable } from '../domain/nudges.ts';
import { mayorId } from '../domain/plan/names.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { sayToMayor } from './mayor.ts';
import { sendNudge } from './nudge.ts';

export interface Words {
  readonly townId: string;
  readonly userId: string;
  readonly to: string;
  readonly text: string;
  readonly idempotencyKey?: string | undefined;
}

const toMayor = async (ports: Ports, words: Words, sentence: string): Promise<SentNudge> => {
  const { townId, userId, idempotencyKey } = words;
  const message = await sayToMayor(ports, { townId, userId, input: { text: words.text }, idempotencyKey });
  return { sentAs: 'mayor', id: message.messageId, to: mayorId, sentence };
};

/** Throws 404 without such an agent. */
export const messageAgent = async (ports: Ports, words: Words): Promise<SentNudge> => {
  const { townId, userId, to, text, idempotencyKey } = words;
  if (to === mayorId) return toMayor(ports, words, 'It stands in your conversation with the Mayor.');
  const agent = await ports.store.get('agent', { townId, agentId: to });
  if (agent === undefined || agent.state === 'gone') throw notFound(`There is no agent ${to} in this town.`);
  if (!hasProcess(agent) && !isAvailable(agent, ports.clock.nowMs(), ports.deployment.timings))
    return toMayor(
      ports,
      words,
      `${agent.name} has no work at present, so this went to the Mayor; the answer comes in your conversation with the Mayor.`,
    );
  const beadId = agent.hookBeadId ?? agent.lastBeadId;
  const named = namedBeads(text, beadId);
  const beads = await ports.store.getMany(
    'bead',
    named.map((id) => ({ townId, beadId: id })),
  );
  const known = new Set(beads.flatMap((bead) => bead?.beadId ?? []));
  const why = misdirected(text, { name: agent.name, beadId }, (id) => known.has(id));
  if (why !== undefined)
    return toMayor(
      ports,
      words,
      `This went to the Mayor, not to ${agent.name}: ${why}. The answer comes in your conversation with the Mayor.`,
    );
  const input = { text, mode: 'immediate', priority: 'urgent' } as const;
  return sendNudge(ports, { townId, to, from: `user:${userId}`, requestedBy: userId, input, idempotencyKey });
};
