// Opens and ends WebSocket connections. A ticket is used up in the transaction that stores the connection.
import type { Connection } from '../contracts/work.schema.ts';
import type { Ports } from '../ports.ts';
import { redeemTicket } from '../operations/tickets.ts';
import { tellRunnerWhoIsWatched } from './watch.ts';

/** API Gateway ends a connection after 2 hours; the item of one whose end was never told goes a little later. */
const keptSeconds = 3 * 60 * 60;

/** 200 when the ticket was good; 401 for one that is unknown, used, or older than 30 s. */
export const openConnection = async (ports: Ports, connectionId: string, ticketId: string | undefined): Promise<200 | 401> => {
  if (ticketId === undefined || !/^[\x21-\x7e]{16,100}$/.test(ticketId)) return 401;
  const redeemed = await redeemTicket(ports, ticketId);
  if (redeemed === undefined) return 401;
  const { kind, userId, townId } = redeemed.ticket;
  const connection: Connection = {
    connectionId,
    kind,
    topics: [],
    deleteAfterEpochSeconds: Math.ceil(ports.clock.nowMs() / 1000) + keptSeconds,
    ...(userId === undefined ? {} : { userId }),
    ...(townId === undefined ? {} : { townId }),
  };
  const outcome = await ports.store.commit([redeemed.used, { put: 'connection', item: connection, when: { absent: true } }]);
  return outcome.ok ? 200 : 401;
};

/** Forgets a connection. Best effort on AWS: a later send finds it gone. */
export const endConnection = async (ports: Ports, connectionId: string): Promise<void> => {
  const connection = await ports.store.get('connection', { connectionId });
  if (connection === undefined) return;
  await ports.store.commit([{ remove: 'connection', key: { connectionId }, when: 'none' }]);
  if (connection.townId !== undefined && connection.topics.some((topic) => topic.startsWith('agent:')))
    await tellRunnerWhoIsWatched(ports, connection.townId);
};
