// All entities of the table as one ElectroDB service, and the attributes that only index keys need.
import { createHash } from 'node:crypto';
import { Service } from 'electrodb';
import { z } from 'zod';
import { beadStatusSchema, beadTypeSchema } from '../../../contracts/bead.schema.ts';
import { unsweptKinds } from '../../../contracts/work.schema.ts';
import { listOf, listedAtOf } from '../../../domain/bead-lists.ts';
import type { ItemName } from '../../../ports.ts';
import { connectionEntity, ticketEntity } from './access.entity.ts';
import { agentEntity, identityEntity, reportEntity, sessionBatchEntity, tallyEntity, usageEntity } from './agent.entity.ts';
import { beadEntity, dependencyEntity, dependentEntity, eventEntity, graphEntity } from './bead.entity.ts';
import type { ItemEntity } from './entity.ts';
import { formulaEntity, publishedFormulaEntity } from './formula.entity.ts';
import { historyEntity, noteEntity, traceEntity } from './search.entity.ts';
import { alarmEntity, commandEntity, leaseEntity, mayorMessageEntity, rigEntity, townEntity, trainEntity } from './town.entity.ts';
import { ownerSettingsEntity, personaEntity, publishedPersonaEntity } from './settings.entity.ts';
import { dueShards, idempotencyEntity, onceEntity, readyEntity, slotEntity, workEntity } from './work.entity.ts';

/** `dependent` is the second direction of a `dependency`. */
export type StoredName = ItemName | 'dependent';

export const entities: Readonly<Record<StoredName, ItemEntity>> = {
  town: townEntity,
  rig: rigEntity,
  bead: beadEntity,
  dependency: dependencyEntity,
  dependent: dependentEntity,
  graph: graphEntity,
  event: eventEntity,
  work: workEntity,
  ready: readyEntity,
  slot: slotEntity,
  once: onceEntity,
  idempotency: idempotencyEntity,
  train: trainEntity,
  alarm: alarmEntity,
  agent: agentEntity,
  identity: identityEntity,
  report: reportEntity,
  lease: leaseEntity,
  command: commandEntity,
  mayorMessage: mayorMessageEntity,
  connection: connectionEntity,
  ticket: ticketEntity,
  sessionBatch: sessionBatchEntity,
  usage: usageEntity,
  formula: formulaEntity,
  publishedFormula: publishedFormulaEntity,
  ownerSettings: ownerSettingsEntity,
  persona: personaEntity,
  publishedPersona: publishedPersonaEntity,
  tally: tallyEntity,
  history: historyEntity,
  trace: traceEntity,
  note: noteEntity,
};

/** The service for one table; its transactions give parameters, the store sends them. */
export const serviceFor = (tableName: string) => new Service({ ...entities }, { table: tableName });

/** Always the same shard for a town, evenly spread. */
export const dueShardOf = (townId: string): string => String(createHash('sha256').update(townId).digest().readUInt32BE(0) % dueShards);

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '');
/** The id of a workflow's command begins with its execution, which begins with the town. */
const commandPlace = (item: Readonly<Record<string, unknown>>): Record<string, string> => ({
  commandPlace: textOr(item['commandId']).startsWith(`${textOr(item['townId'])}-`) ? 'PASS' : 'RT',
});
/** Beads have a hyphen in their ids and agents may, too: the kind comes first. */
export const eventSubject = (beadId: string, agentId: string): string =>
  beadId !== '' ? `BEAD#${beadId}` : agentId === '' ? '' : `AGENT#${agentId}`;
const listedSchema = z.object({
  type: beadTypeSchema,
  status: beadStatusSchema,
  archivedAt: z.string().optional(),
  statusAt: z.string().optional(),
  startedAt: z.string().optional(),
  createdAt: z.string(),
});
const beadList = (item: Readonly<Record<string, unknown>>): Record<string, string> => {
  const bead = listedSchema.parse(item);
  return { list: listOf(bead.type, bead.status, bead.archivedAt !== undefined), listedAt: listedAtOf(bead) };
};
type IndexOnly = (item: Readonly<Record<string, unknown>>) => Record<string, string>;
const indexOnly: Partial<Readonly<Record<StoredName, IndexOnly>>> = {
  bead: beadList,
  event: (item) => ({ subject: eventSubject(textOr(item['beadId']), textOr(item['agentId'])) }),
  sessionBatch: (item) => ({ indexedBeadId: textOr(item['beadId']) }),
  connection: (item) => ({ indexedTownId: textOr(item['townId']) }),
  ticket: (item) => ({ indexedTownId: textOr(item['townId']) }),
  command: commandPlace,
  work: (item) => ({ dueShard: unsweptKinds.some((kind) => kind === item['kind']) ? '' : dueShardOf(textOr(item['townId'])) }),
};
/** Key attributes that are made from the item's others. */
export const derivedKeys = (name: StoredName, key: Readonly<Record<string, unknown>>): Record<string, string> =>
  name === 'command' ? commandPlace(key) : {};
/** Attributes that keys need beside the item's own, made from them; never part of the item that is read back. */
export const indexOnlyAttributes: (name: StoredName, item: Readonly<Record<string, unknown>>) => Record<string, string> = (name, item) =>
  indexOnly[name]?.(item) ?? {};
/** A row as it is stored: the keys have these attributes already. Stored twice they make every item larger. */
export const withoutIndexOnly = (
  name: StoredName,
  row: Readonly<Record<string, unknown>>,
  item: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const only = Object.keys(indexOnlyAttributes(name, item));
  return Object.fromEntries(Object.entries(row).filter(([attribute]) => !only.includes(attribute)));
};
