// One-time keys to open a WebSocket, good for 30 s: browsers cannot send a header there.
import { z } from 'zod';
import type { Ticket } from '../contracts/work.schema.ts';
import type { Ports, Write } from '../ports.ts';
import { actOnce } from './once.ts';

/** From issue to use, in milliseconds. */
const ticketLifeMs = 30_000;
const keptSeconds = 60 * 60;
const answerSchema = z.object({ ticket: z.string(), wsUrl: z.string() });
export type TicketAnswer = z.infer<typeof answerSchema>;

/** A ticket for a person's browser. */
export const issueTicket = (ports: Ports, userId: string, idempotencyKey?: string): Promise<TicketAnswer> =>
  actOnce(
    ports,
    { what: 'The ticket', scope: `user#${userId}`, key: idempotencyKey, act: 'wsTicket', request: { userId }, answer: answerSchema },
    async () => {
      const ticketId = ports.ids.secret();
      const nowMs = ports.clock.nowMs();
      const ticket: Ticket = {
        ticketId,
        kind: 'user',
        userId,
        expiresAtMs: nowMs + ticketLifeMs,
        deleteAfterEpochSeconds: Math.ceil(nowMs / 1000) + keptSeconds,
      };
      return {
        writes: [{ put: 'ticket', item: ticket, when: { absent: true } }],
        result: { ticket: ticketId, wsUrl: ports.deployment.wsUrl },
      };
    },
  );

/** The ticket and the write that uses it up, for the transaction of what it opens. Undefined when it is unknown, used or too old. */
export const redeemTicket = async (
  ports: Pick<Ports, 'store' | 'clock'>,
  ticketId: string,
): Promise<{ readonly ticket: Ticket; readonly used: Write } | undefined> => {
  const ticket = await ports.store.get('ticket', { ticketId });
  if (ticket === undefined || ticket.expiresAtMs <= ports.clock.nowMs()) return undefined;
  return { ticket, used: { remove: 'ticket', key: { ticketId }, when: { equals: { ticketId } } } };
};
