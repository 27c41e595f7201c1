// Escalations as people and the Mayor answer them: the list, and the acknowledgement that closes one.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { isEscalation } from '../domain/escalations.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal, transition } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict, notFound } from '../api/problems.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface Acknowledgement {
  readonly townId: string;
  readonly escalationId: string;
  readonly actor: Principal;
  readonly note?: string | undefined;
}

/** Closes the escalation: it is not raised any more. Acknowledging twice is a success. Throws 404, and 409 for one that was given up. */
export const acknowledge = (ports: Ports, { townId, escalationId, actor, note }: Acknowledgement): Promise<Bead> =>
  transact(ports, 'The escalation', async () => {
    const before = await ports.store.get('bead', { townId, beadId: escalationId });
    if (before === undefined || !isEscalation(before)) throw notFound(`There is no escalation ${escalationId} in this town.`);
    if (before.status === 'closed') return { writes: [], result: before };
    const at = isoNow(ports);
    const moved = transition(before, { status: 'closed' }, at);
    if (isFinal(before.status) || !moved.ok) throw conflict(`${escalationId} is ${before.status}, and that is final.`, []);
    const after: Bead = { ...moved.bead, details: { ...before.details, acknowledgedAt: at, acknowledgedBy: actor } };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'acknowledged', actor, at },
      {
        beadId: before.details.aboutBeadId ?? escalationId,
        ...(before.rigId === undefined ? {} : { rigId: before.rigId }),
        ...(note === undefined ? {} : { new: note.slice(0, 2000) }),
        data: { escalationId, severity: before.details.severity },
      },
    );
    return { writes: writesOf([{ before, after }], event, momentOf(ports)), result: after };
  });
