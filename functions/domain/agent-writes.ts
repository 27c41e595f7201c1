// Writes that change an agent's stored item, to be part of the transaction that decides about it. Pure.
import type { Agent, Identity } from '../contracts/agent.schema.ts';
import type { Write } from '../ports.ts';
import { identityAfter, identityNumbers } from './agent-cv.ts';
import { unhooked } from './agent-state.ts';

export const lastErrorCharacters = 1000;

/** A put that replaces exactly what was read. */
export const putAgent = (before: Agent | undefined, item: Agent): Write => ({
  put: 'agent',
  item,
  when: before === undefined ? { absent: true } : { equals: { version: before.version } },
});

/** The agent at rest under a new epoch, its slot free. */
export const restWrites = (agent: Agent, at: string, lastExit?: string, record?: Agent['record']): Write[] => [
  putAgent(agent, {
    ...unhooked(agent, at),
    ...(record === undefined ? {} : { record }),
    epoch: agent.epoch + 1,
    ...(lastExit === undefined ? {} : { lastExit: lastExit.slice(0, lastErrorCharacters) }),
  }),
  ...(agent.slot === undefined ? [] : [{ remove: 'slot', key: { townId: agent.townId, slotId: agent.slot }, when: 'none' } as const]),
];

/** A6: the item goes, what it was stays. */
export const removalWrites = (agent: Agent, known: Identity | undefined, at: string): Write[] => [
  { remove: 'agent', key: { townId: agent.townId, agentId: agent.agentId }, when: { equals: { version: agent.version } } },
  { remove: 'report', key: { townId: agent.townId, agentId: agent.agentId }, when: 'none' },
  { add: 'identity', item: identityAfter(agent, known, at), numbers: [...identityNumbers], when: 'none' },
];
