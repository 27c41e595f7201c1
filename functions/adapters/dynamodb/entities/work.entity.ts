// The work partition of a town: what can move, ready queues, slots, once-marks; and answers of repeated requests.
import { idempotencySchema, onceMarkSchema, readyEntrySchema, slotSchema, workItemSchema } from '../../../contracts/work.schema.ts';
import { entityOf, passPartition } from './entity.ts';

/** Towns are spread over so many partitions of the due-work index; the sweep reads all of them. A change needs all work items rewritten. */
export const dueShards = 8;

export const workEntity = entityOf({
  name: 'work',
  schema: workItemSchema,
  key: { pk: passPartition, sk: 'WORK#${kind}#${workId}' },
  indexes: { due: { index: 'gsi3', pk: 'DUE#${dueShard}', sk: '${dueAtMs}#${townId}', sparseBy: 'dueShard' } },
  indexOnly: ['dueShard'],
  /** Milliseconds until the year 33658. */
  padded: { dueAtMs: 15 },
});
export const readyEntity = entityOf({
  name: 'ready',
  schema: readyEntrySchema,
  key: { pk: 'TOWN#${townId}#WORK', sk: 'READY#${rigId}#${queue}#${order}' },
});
export const slotEntity = entityOf({ name: 'slot', schema: slotSchema, key: { pk: passPartition, sk: 'SLOT#${slotId}' } });
export const onceEntity = entityOf({ name: 'once', schema: onceMarkSchema, key: { pk: 'TOWN#${townId}#WORK', sk: 'MARK#${mark}' } });
export const idempotencyEntity = entityOf({
  name: 'idempotency',
  schema: idempotencySchema,
  key: { pk: 'IDEMPOTENCY#${scope}', sk: '${key}' },
});
