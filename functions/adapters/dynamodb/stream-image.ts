// What a record of the table's stream is about: the item that was written or removed. For the stream function.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import type { ItemName, Items } from '../../ports.ts';
import { itemSchemas, storedItem } from './items.ts';

/** The item as it is now, or as it was when it was removed. */
export type StreamedChange = { [N in ItemName]: { readonly name: N; readonly removed: boolean; readonly item: Items[N] } }[ItemName];

type Changers = { readonly [N in ItemName]: (row: unknown, removed: boolean) => StreamedChange };
const changers: Changers = {
  town: (row, removed) => ({ name: 'town', removed, item: storedItem('town', row) }),
  rig: (row, removed) => ({ name: 'rig', removed, item: storedItem('rig', row) }),
  bead: (row, removed) => ({ name: 'bead', removed, item: storedItem('bead', row) }),
  dependency: (row, removed) => ({ name: 'dependency', removed, item: storedItem('dependency', row) }),
  graph: (row, removed) => ({ name: 'graph', removed, item: storedItem('graph', row) }),
  event: (row, removed) => ({ name: 'event', removed, item: storedItem('event', row) }),
  work: (row, removed) => ({ name: 'work', removed, item: storedItem('work', row) }),
  ready: (row, removed) => ({ name: 'ready', removed, item: storedItem('ready', row) }),
  slot: (row, removed) => ({ name: 'slot', removed, item: storedItem('slot', row) }),
  once: (row, removed) => ({ name: 'once', removed, item: storedItem('once', row) }),
  idempotency: (row, removed) => ({ name: 'idempotency', removed, item: storedItem('idempotency', row) }),
  train: (row, removed) => ({ name: 'train', removed, item: storedItem('train', row) }),
  alarm: (row, removed) => ({ name: 'alarm', removed, item: storedItem('alarm', row) }),
  identity: (row, removed) => ({ name: 'identity', removed, item: storedItem('identity', row) }),
  agent: (row, removed) => ({ name: 'agent', removed, item: storedItem('agent', row) }),
  report: (row, removed) => ({ name: 'report', removed, item: storedItem('report', row) }),
  lease: (row, removed) => ({ name: 'lease', removed, item: storedItem('lease', row) }),
  command: (row, removed) => ({ name: 'command', removed, item: storedItem('command', row) }),
  mayorMessage: (row, removed) => ({ name: 'mayorMessage', removed, item: storedItem('mayorMessage', row) }),
  connection: (row, removed) => ({ name: 'connection', removed, item: storedItem('connection', row) }),
  ticket: (row, removed) => ({ name: 'ticket', removed, item: storedItem('ticket', row) }),
  sessionBatch: (row, removed) => ({ name: 'sessionBatch', removed, item: storedItem('sessionBatch', row) }),
  usage: (row, removed) => ({ name: 'usage', removed, item: storedItem('usage', row) }),
  formula: (row, removed) => ({ name: 'formula', removed, item: storedItem('formula', row) }),
  publishedFormula: (row, removed) => ({ name: 'publishedFormula', removed, item: storedItem('publishedFormula', row) }),
  ownerSettings: (row, removed) => ({ name: 'ownerSettings', removed, item: storedItem('ownerSettings', row) }),
  publishedPersona: (row, removed) => ({ name: 'publishedPersona', removed, item: storedItem('publishedPersona', row) }),
  persona: (row, removed) => ({ name: 'persona', removed, item: storedItem('persona', row) }),
  tally: (row, removed) => ({ name: 'tally', removed, item: storedItem('tally', row) }),
  history: (row, removed) => ({ name: 'history', removed, item: storedItem('history', row) }),
  trace: (row, removed) => ({ name: 'trace', removed, item: storedItem('trace', row) }),
  note: (row, removed) => ({ name: 'note', removed, item: storedItem('note', row) }),
};

const isItemName = (name: string): name is ItemName => name in itemSchemas;
/** ElectroDB's mark on each row: the name of its entity. */
const markField = '__edb_e__';
const markedSchema = z.looseObject({ [markField]: z.string() });

export interface StreamImages {
  /** Absent when the item was removed. */
  readonly newImage?: Record<string, AttributeValue> | undefined;
  readonly oldImage?: Record<string, AttributeValue> | undefined;
}

/** Undefined for the second direction of an edge (its twin tells the same) and for rows that are not ours. Throws `StoredItemInvalid`. */
export const streamedChange = ({ newImage, oldImage }: StreamImages): StreamedChange | undefined => {
  const image = newImage ?? oldImage;
  const marked = markedSchema.safeParse(image === undefined ? undefined : unmarshall(image));
  const name = marked.data?.[markField];
  return name !== undefined && isItemName(name) ? changers[name](marked.data, newImage === undefined) : undefined;
};
