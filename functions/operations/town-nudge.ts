// What the town itself says in passing to an agent about the bead on its hook: a nudge item, as part of a transaction. It expires, and never piles up.
import type { Agent } from '../contracts/agent.schema.ts';
import { nudgeSeconds } from '../contracts/nudge.schema.ts';
import type { Nudge } from '../contracts/nudge.schema.ts';
import { workItem } from '../domain/bead-writes.ts';
import { nudgesFor } from '../domain/nudges.ts';
import type { Ports, Write } from '../ports.ts';
import { momentOf } from './transact.ts';

export interface TownWords {
  readonly from: `patrol:${string}`;
  /** One of each tier waits for the agent at most. */
  readonly tier: string;
  readonly text: string;
  readonly priority: Nudge['priority'];
}

/** Goes in before the agent's next step. Nothing when the same was said and has neither arrived nor expired. */
export const nudgeFromTown = async (
  ports: Pick<Ports, 'store' | 'clock' | 'ids'>,
  agent: Agent,
  words: TownWords,
): Promise<{ readonly nudgeId: string | undefined; readonly writes: Write[] }> => {
  const { townId, agentId, hookBeadId } = agent;
  const { nowMs, stamp } = momentOf(ports);
  const tier = `${words.from.slice('patrol:'.length)} ${words.tier}`;
  const [work, bead, town] = await Promise.all([
    ports.store.workOf(townId),
    hookBeadId === undefined ? undefined : ports.store.get('bead', { townId, beadId: hookBeadId }),
    ports.store.get('town', { townId }),
  ]);
  if (nudgesFor(work, agent, nowMs).some((open) => open.tier === tier)) return { nudgeId: undefined, writes: [] };
  const nudge: Nudge = {
    to: agentId,
    from: words.from,
    text: words.text,
    mode: 'immediate',
    priority: words.priority,
    requestedBy: bead?.requestedBy ?? town?.ownerId ?? 'town',
    ...(hookBeadId === undefined ? {} : { beadId: hookBeadId }),
    tier,
    sentAtMs: nowMs,
    expiresAtMs: nowMs + nudgeSeconds.usual * 1000,
  };
  const nudgeId = ports.ids.ulid();
  const item = { ...workItem(townId, 'nudge', nudgeId, nudge.expiresAtMs, stamp), data: JSON.stringify(nudge) };
  return { nudgeId, writes: [{ put: 'work', item, when: { absent: true } }] };
};
