// What search reads, and passes never do: documents of the past by time, who was in which folder, notes on files.
import { historySchema, noteSchema, traceSchema } from '../../../contracts/search.schema.ts';
import { entityOf } from './entity.ts';

export const historyEntity = entityOf({
  name: 'history',
  schema: historySchema,
  key: { pk: 'TOWN#${townId}#FIND#${shelf}', sk: '${at}#${kind}#${id}' },
});
export const traceEntity = entityOf({ name: 'trace', schema: traceSchema, key: { pk: 'TOWN#${townId}#TRACE', sk: '${rigId}#${folder}' } });
export const noteEntity = entityOf({ name: 'note', schema: noteSchema, key: { pk: 'TOWN#${townId}#NOTE', sk: '${noteId}' } });
