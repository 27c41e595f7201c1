// The schema of every stored item and the rules that a transaction must keep. Shared by all stores, so that they refuse the same things.
import { z } from 'zod';
import { agentReportSchema, agentSchema, identitySchema } from '../../contracts/agent.schema.ts';
import { beadSchema } from '../../contracts/bead.schema.ts';
import { dependencySchema, graphVersionSchema } from '../../contracts/dependency.schema.ts';
import { eventSchema } from '../../contracts/event.schema.ts';
import { publishedFormulaSchema, townFormulaSchema } from '../../contracts/formula.schema.ts';
import { commandSchema, runtimeLeaseSchema } from '../../contracts/runner.schema.ts';
import { ownerSettingsSchema } from '../../contracts/owner-settings.schema.ts';
import { historySchema, noteSchema, traceSchema } from '../../contracts/search.schema.ts';
import { personaSchema, publishedPersonaSchema } from '../../contracts/persona.schema.ts';
import { mayorMessageSchema, rigSchema, townSchema } from '../../contracts/town.schema.ts';
import {
  alarmSchema,
  connectionSchema,
  idempotencySchema,
  onceMarkSchema,
  readyEntrySchema,
  sessionBatchSchema,
  slotSchema,
  ticketSchema,
  trainSchema,
  workItemSchema,
} from '../../contracts/work.schema.ts';
import { tallySchema, usageItemSchema } from '../../contracts/usage.schema.ts';
import { keyAttributesOf } from '../../domain/bead-writes.ts';
import type { ItemName, Items, Write } from '../../ports.ts';
import { StoreMisuse, StoredItemInvalid } from '../../store-errors.ts';

export const itemSchemas = {
  town: townSchema,
  rig: rigSchema,
  bead: beadSchema,
  dependency: dependencySchema,
  graph: graphVersionSchema,
  event: eventSchema,
  work: workItemSchema,
  ready: readyEntrySchema,
  slot: slotSchema,
  once: onceMarkSchema,
  idempotency: idempotencySchema,
  train: trainSchema,
  alarm: alarmSchema,
  agent: agentSchema,
  identity: identitySchema,
  report: agentReportSchema,
  lease: runtimeLeaseSchema,
  command: commandSchema,
  mayorMessage: mayorMessageSchema,
  connection: connectionSchema,
  ticket: ticketSchema,
  sessionBatch: sessionBatchSchema,
  usage: usageItemSchema,
  formula: townFormulaSchema,
  publishedFormula: publishedFormulaSchema,
  ownerSettings: ownerSettingsSchema,
  persona: personaSchema,
  publishedPersona: publishedPersonaSchema,
  tally: tallySchema,
  history: historySchema,
  trace: traceSchema,
  note: noteSchema,
} as const;

type Parsers = { readonly [N in ItemName]: { safeParse(value: unknown): z.ZodSafeParseResult<Items[N]> } };
const parsers: Parsers = itemSchemas;

/** DynamoDB's limit of items in one transaction. */
export const maxItemsPerTransaction = 100;

const keyText = (name: ItemName, value: object): string => {
  const attributes = new Map(Object.entries(value));
  return JSON.stringify([name, ...keyAttributesOf[name].map((attribute) => attributes.get(attribute) ?? null)]);
};
/** One text per stored item, made of its name and key attributes; equal for an item and its key. */
export const identityOf = (name: ItemName, keyOrItem: object): string => keyText(name, keyOrItem);

/** Checks an item before it is written, drops what its schema does not know. Throws `StoreMisuse`. */
export const checkedItem = <N extends ItemName>(name: N, value: unknown): Items[N] => {
  const parsed = parsers[name].safeParse(value);
  if (parsed.success) return parsed.data;
  const identity = typeof value === 'object' && value !== null ? keyText(name, value) : name;
  throw new StoreMisuse(`${identity} does not fit its schema: ${z.prettifyError(parsed.error)}`);
};

/** Attributes that the table holds as JSON text. */
export const textAttributes = { bead: ['metadata'] } as const;
const textsOf: Partial<Readonly<Record<ItemName, readonly string[]>>> = textAttributes;
const parsedText = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
};
/** A row with its JSON texts read; rows that hold the value itself stay as they are. */
const withTextsRead = (name: ItemName, row: unknown): unknown => {
  const texts = textsOf[name];
  if (texts === undefined || typeof row !== 'object' || row === null) return row;
  const read = Object.entries(row).map(([key, value]): [string, unknown] => [
    key,
    texts.includes(key) && typeof value === 'string' ? parsedText(value) : value,
  ]);
  return Object.fromEntries(read);
};

/** Checks an item that was read. Throws `StoredItemInvalid`. */
export const storedItem = <N extends ItemName>(name: N, value: unknown): Items[N] => {
  const parsed = parsers[name].safeParse(withTextsRead(name, value));
  if (parsed.success) return parsed.data;
  const identity = typeof value === 'object' && value !== null ? keyText(name, value) : name;
  throw new StoredItemInvalid(`${identity} does not fit its schema: ${z.prettifyError(parsed.error)}`);
};

/** A write without its three shapes: what every store needs to carry it out. */
export interface FlatWrite {
  readonly act: 'put' | 'add' | 'remove' | 'check';
  readonly name: ItemName;
  /** Attributes that make the key; for a put and an add the whole item. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly when:
    | { readonly kind: 'none' }
    | { readonly kind: 'absent' }
    | { readonly kind: 'equals'; readonly attributes: Readonly<Record<string, unknown>> };
  /** Names of the attributes that an add adds. */
  readonly numbers?: readonly string[];
}

const whenOf = (when: Write['when']): FlatWrite['when'] => {
  if (when === 'none') return { kind: 'none' };
  return 'absent' in when ? { kind: 'absent' } : { kind: 'equals', attributes: { ...when.equals } };
};

/** Flat and checked; a put's item is parsed. Throws `StoreMisuse`. */
export const flatWrite = (write: Write): FlatWrite => {
  const when = whenOf(write.when);
  if ('put' in write) return { act: 'put', name: write.put, attributes: { ...checkedItem(write.put, write.item) }, when };
  if ('add' in write) {
    const attributes: Readonly<Record<string, unknown>> = { ...checkedItem(write.add, write.item) };
    const wrong = write.numbers.find((name) => typeof attributes[name] !== 'number');
    if (wrong !== undefined) throw new StoreMisuse(`${write.add} has no number ${wrong} to add.`);
    return { act: 'add', name: write.add, attributes, when, numbers: write.numbers };
  }
  const name = 'remove' in write ? write.remove : write.check;
  const missing = keyAttributesOf[name].filter((attribute) => new Map(Object.entries(write.key)).get(attribute) === undefined);
  if (missing.length > 0) throw new StoreMisuse(`The key of ${name} lacks ${missing.join(', ')}.`);
  if ('remove' in write) return { act: 'remove', name, attributes: { ...write.key }, when };
  if (when.kind === 'none') throw new StoreMisuse(`A check of ${name} needs a condition.`);
  return { act: 'check', name, attributes: { ...write.key }, when };
};

/** Items of the table that a write touches: an edge is stored in both directions. */
export const itemsTouchedBy = (write: Pick<FlatWrite, 'act' | 'name'>): number =>
  write.name === 'dependency' && write.act !== 'check' ? 2 : 1;

/** Refuses what DynamoDB would refuse: too many items, two writes on one item, invalid items. Throws `StoreMisuse`. */
export const checkedWrites = (writes: readonly Write[]): FlatWrite[] => {
  const flat = writes.map(flatWrite);
  const touched = flat.reduce((sum, write) => sum + itemsTouchedBy(write), 0);
  if (touched > maxItemsPerTransaction)
    throw new StoreMisuse(`A transaction of ${touched} items; at most ${maxItemsPerTransaction} are possible (an edge counts as two).`);
  const seen = new Set<string>();
  for (const write of flat) {
    const identity = keyText(write.name, write.attributes);
    if (seen.has(identity)) throw new StoreMisuse(`Two writes on one item in a transaction: ${identity}.`);
    seen.add(identity);
  }
  return flat;
};
