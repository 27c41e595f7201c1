// All entities of the table as one ElectroDB service, and the attributes that only index keys need.
import { createHash } from 'node:crypto';
import { Service } from 'electrodb';
import { unsweptKinds } from '../../../contracts/work.schema.ts';
import type { ItemName } from '../../../ports.ts';
import { connectionEntity, ticketEntity } from './access.entity.ts';
import { agentEntity, identityEntity, reportEntity, sessionBatchEntity, tallyEntity, usageEntity } from './agent.entity.ts';
import { beadEntity, dependencyEntity, dependentEntity, eventEntity, graphEntity } from './bead.entity.ts';
import type { ItemEntity } from './entity.ts';
import { formulaEntity, publishedFormulaEntity } from './formula.entity.ts';
import { alarmEntity, commandEntity, leaseEntity, mayorMessageEntity, rigEntity, townEntity, trainEntity } from './town.entity.ts';
import { ownerSettingsEntity, personaEntity } from './settings.entity.ts';
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
  tally: tallyEntity,
};

/** The service for one table; its transactions give parameters, the store sends them. */
export const serviceFor = (tableName: string) => new Service({ ...entities }, { table: tableName });

/** Always the same shard for a town, evenly spread. */
export const dueShardOf = (townId: string): string => String(createHash('sha256').update(townId).digest().readUInt32BE(0) % dueShards);

/** The part of a status list that a bead is in. */
export const shelfOf = (status: string, isArchived: boolean): string => (isArchived ? `${status}#archived` : status);

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '');
/** The id of a workflow's command begins with its execution, which begins with the town. */
const commandPlace = (item: Readonly<Record<string, unknown>>): Record<string, string> => ({
  commandPlace: textOr(item['commandId']).startsWith(`${textOr(item['townId'])}-`) ? 'PASS' : 'RT',
});
type IndexOnly = (item: Readonly<Record<string, unknown>>) => Record<string, string>;
const indexOnly: Partial<Readonly<Record<StoredName, IndexOnly>>> = {
  bead: (item) => ({ shelf: shelfOf(textOr(item['status']), item['archivedAt'] !== undefined) }),
  event: (item) => ({ indexedBeadId: textOr(item['beadId']), indexedAgentId: textOr(item['agentId']) }),
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
