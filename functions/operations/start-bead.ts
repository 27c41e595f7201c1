// Lets a bead be worked now: takes it out of its hold and out of its back-off. And what people write under a bead.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { eventSchema } from '../contracts/event.schema.ts';
import type { TownEvent } from '../contracts/event.schema.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { allowedFrom, isFinal, revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { beadOf } from './access.ts';
import type { Act } from './bead-fields.ts';
import { actOnce } from './once.ts';
import { isoNow, momentOf } from './transact.ts';

interface Once {
  readonly idempotencyKey?: string | undefined;
}

/** Releases a held bead; one that is not held, or is being worked on, stays as it is. Throws 404, 409 for a final or archived bead, 422. */
export const startBead = (ports: Ports, request: Act & Once): Promise<Bead> => {
  const { townId, beadId, actor } = request;
  const once = {
    what: 'The bead',
    scope: townId,
    key: request.idempotencyKey,
    act: 'startBead',
    request: { beadId, actor },
    answer: beadSchema,
  };
  return actOnce(ports, once, async () => {
    const before = await beadOf(ports, townId, beadId);
    if (!isIssue(before)) throw unprocessable(`${beadId} is a ${before.type.replace('_', ' ')}; only issues can be started.`);
    if (isFinal(before.status))
      throw conflict(
        `${beadId} is ${before.status}, and that is final.${before.status === 'failed' ? ' Retry it instead.' : ''}`,
        before.status === 'failed' ? ['retry'] : allowedFrom(before),
      );
    if (before.archivedAt !== undefined) throw conflict(`${beadId} is in the archive; take it out first.`, ['unarchive']);
    if (before.status !== 'open' || (!before.held && before.details.notBefore === undefined))
      return { writes: [], result: presentBead(before) };
    const at = isoNow(ports);
    const { notBefore: _over, ...details } = before.details;
    const after = revised(before, { held: false, details }, at);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor, at },
      { beadId, ...(before.rigId === undefined ? {} : { rigId: before.rigId }), data: { changed: ['held'], held: false } },
    );
    return { writes: writesOf([{ before, after }], event, momentOf(ports)), result: presentBead(after) };
  });
};

/** Writes a comment into the timeline of a bead, whatever its state; the bead itself does not change. Throws 404. */
export const commentOn = (ports: Ports, request: Act & Once & { readonly text: string }): Promise<TownEvent> => {
  const { townId, beadId, actor, text } = request;
  const once = {
    what: 'The comment',
    scope: townId,
    key: request.idempotencyKey,
    act: 'commentOn',
    request: { beadId, actor, text },
    answer: eventSchema,
  };
  return actOnce(ports, once, async () => {
    const bead = await beadOf(ports, townId, beadId);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'comment', actor, at: isoNow(ports) },
      { beadId, ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }), data: { text } },
    );
    return { writes: [{ put: 'event', item: event, when: { absent: true } }], result: event };
  });
};
