// What a record of the table's stream is about: the item's name and attributes, without keys. Used by the stream function.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import type { ItemName } from '../../ports.ts';
import { itemSchemas } from './items.ts';

const isItemName = (name: string): name is ItemName => name in itemSchemas;
const markedSchema = z.looseObject({ __edb_e__: z.string() });

export interface StreamedItem { readonly name: ItemName; readonly attributes: Readonly<Record<string, unknown>> }

/** Undefined for the second direction of an edge (its twin tells the same) and for rows that are not ours. Parse the attributes with `storedItem`. */
export const streamedItem = (image: Record<string, AttributeValue>): StreamedItem | undefined => {
  const marked = markedSchema.safeParse(unmarshall(image));
  if (!marked.success || !isItemName(marked.data.__edb_e__)) return undefined;
  const name = marked.data.__edb_e__;
  const known = new Set(Object.keys(itemSchemas[name].shape));
  return { name, attributes: Object.fromEntries(Object.entries(marked.data).filter(([attribute]) => known.has(attribute))) };
};
