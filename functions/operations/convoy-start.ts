// Starts a plan: from now on its beads are given out. One transaction for any number of members: only the queues of its rigs open.
import type { Principal } from '../contracts/primitives.schema.ts';
import { putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal, revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { convoyOf, convoyView, membersOf } from './convoys.ts';
import type { ConvoyView } from './convoys.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface ConvoyAct {
  readonly townId: string;
  readonly convoyId: string;
  readonly actor: Principal;
}

/** A second time is a success that changes nothing. Throws 404, and 409 for a convoy that has ended. */
export const startConvoy = async (ports: Ports, { townId, convoyId, actor }: ConvoyAct): Promise<ConvoyView> => {
  await transact(ports, 'The convoy', async () => {
    const convoy = await convoyOf(ports, townId, convoyId);
    if (isFinal(convoy.status)) throw conflict(`${convoyId} is ${convoy.status}, and that is final.`, []);
    if (convoy.details.closing !== undefined) throw conflict(`${convoyId} is being cancelled.`, []);
    if (!convoy.details.staged) return { writes: [], result: undefined };
    const members = await membersOf(ports, convoy);
    const rigIds = [...new Set(members.flatMap((bead) => bead.rigId ?? []))];
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const after = revised(convoy, { details: { ...convoy.details, staged: false } }, at);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'convoy_started', actor, at },
      { beadId: convoyId, convoyId, old: 'staged', new: convoy.title, data: { members: members.length } },
    );
    const open = rigIds.map((rigId) => putWork(workItem(townId, 'queue', `${rigId}#${convoyId}`, moment.nowMs, moment.stamp)));
    const count = putWork(workItem(townId, 'convoy', convoyId, moment.nowMs, moment.stamp));
    return { writes: writesOf([{ before: convoy, after }], event, moment, [...open, count]), result: undefined };
  });
  return convoyView(ports, townId, convoyId);
};
