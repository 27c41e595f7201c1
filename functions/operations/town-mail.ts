// What the town itself says to an agent about the bead on its hook: a message bead, as part of a transaction.
import type { Agent } from '../contracts/agent.schema.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { newBead } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { isoNow } from './transact.ts';

const idLength = 5;

export const mailFromTown = async (
  ports: Pick<Ports, 'store' | 'clock' | 'ids'>,
  agent: Agent,
  text: { readonly from: `patrol:${string}`; readonly subject: string; readonly body: string },
): Promise<BeadChange> => {
  const { townId } = agent;
  const bead = agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: agent.hookBeadId });
  const town = bead === undefined ? await ports.store.get('town', { townId }) : undefined;
  const details = { type: 'message', from: text.from, to: agent.agentId } as const;
  return {
    after: newBead(
      {
        townId,
        beadId: `hq-${ports.ids.base36(idLength)}`,
        title: text.subject,
        requestedBy: bead?.requestedBy ?? town?.ownerId ?? 'town',
        createdBy: text.from,
        at: isoNow(ports),
        details: bead === undefined ? details : { ...details, threadId: bead.beadId },
      },
      { body: text.body, ...(bead === undefined ? {} : { parentId: bead.beadId }) },
    ),
  };
};
