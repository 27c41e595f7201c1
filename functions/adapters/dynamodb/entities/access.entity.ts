// WebSocket connections and the one-time tickets that open them.
import { connectionSchema, ticketSchema } from '../../../contracts/work.schema.ts';
import { entityOf } from './entity.ts';

export const connectionEntity = entityOf({
  name: 'connection',
  schema: connectionSchema,
  key: { pk: 'CONN#${connectionId}', sk: 'CONN' },
  indexes: { byTown: { index: 'gsi1', pk: 'TOWN#${indexedTownId}#CONN', sk: '${connectionId}', sparseBy: 'indexedTownId' } },
  indexOnly: ['indexedTownId'],
});
export const ticketEntity = entityOf({
  name: 'ticket',
  schema: ticketSchema,
  key: { pk: 'TICKET#${ticketId}', sk: 'TICKET' },
  indexes: { byTown: { index: 'gsi1', pk: 'TOWN#${indexedTownId}#TICKET', sk: '${ticketId}', sparseBy: 'indexedTownId' } },
  indexOnly: ['indexedTownId'],
});
