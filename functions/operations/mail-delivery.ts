// Mail that has reached its reader: the message bead closes, once, whoever noticed first.
import type { Bead } from '../contracts/bead.schema.ts';
import { isMessage, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { transition } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** The delivered form of an open message; undefined when it is none or was delivered before. */
export const deliveredMessage = (bead: Bead, at: string): Bead | undefined => {
  if (!isMessage(bead)) return undefined;
  const moved = transition(bead, { status: 'closed' }, at);
  return moved.ok && moved.changed ? { ...moved.bead, details: { ...bead.details, deliveredAt: at } } : undefined;
};

/** Takes one message for the agent. True for the one call that did: of several readers of a queue one has it. */
export const takeMail = (ports: Ports, townId: string, beadId: string, agentId: string): Promise<boolean> =>
  transact<boolean>(ports, `Mail ${beadId}`, async () => {
    const bead = await ports.store.get('bead', { townId, beadId });
    const at = isoNow(ports);
    const read = bead === undefined ? undefined : deliveredMessage(bead, at);
    if (bead === undefined || read === undefined || !isMessage(read)) return { writes: [], result: false };
    const after: Bead = read.details.to === agentId ? read : { ...read, details: { ...read.details, takenBy: agentId } };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'mail_delivered', actor: `agent:${agentId}`, at },
      { beadId, agentId },
    );
    return { writes: writesOf([{ before: bead, after }], event, momentOf(ports)), result: true };
  });
