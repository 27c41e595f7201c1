// The Store port in memory, for tests: the same conditions, atomicity and refusals as the table, without its time.
import { isDeepStrictEqual } from 'node:util';
import { decodeCursor, encodeCursor } from '../../functions/adapters/dynamodb/cursor.ts';
import { checkedWrites, identityOf, storedItem } from '../../functions/adapters/dynamodb/items.ts';
import type { FlatWrite } from '../../functions/adapters/dynamodb/items.ts';
import { keyAttributesOf } from '../../functions/domain/bead-writes.ts';
import type { CommitOutcome, ItemName, Items, Page, PageRequest, PassItems, Removal, Store } from '../../functions/ports.ts';
import { listedAtOf } from '../../functions/domain/bead-lists.ts';
import { unsweptKinds } from '../../functions/contracts/work.schema.ts';

type Stored = Readonly<Record<string, unknown>>;

/** A table has no undefined attributes. */
export const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, withoutUndefined(inner)]),
  );
};

type Maps = { readonly [N in ItemName]: Map<string, Items[N]> };
const emptyMaps = (): Maps => ({
  town: new Map(),
  rig: new Map(),
  bead: new Map(),
  dependency: new Map(),
  graph: new Map(),
  event: new Map(),
  work: new Map(),
  ready: new Map(),
  slot: new Map(),
  once: new Map(),
  idempotency: new Map(),
  train: new Map(),
  alarm: new Map(),
  agent: new Map(),
  identity: new Map(),
  report: new Map(),
  lease: new Map(),
  command: new Map(),
  mayorMessage: new Map(),
  connection: new Map(),
  ticket: new Map(),
  sessionBatch: new Map(),
  usage: new Map(),
  formula: new Map(),
  publishedFormula: new Map(),
  ownerSettings: new Map(),
  persona: new Map(),
  publishedPersona: new Map(),
  tally: new Map(),
  history: new Map(),
  trace: new Map(),
  note: new Map(),
});

const putInto = <N extends ItemName>(map: Map<string, Items[N]>, name: N, attributes: Stored): void => {
  map.set(identityOf(name, attributes), storedItem(name, withoutUndefined(structuredClone(attributes))));
};

const leading: readonly ItemName[] = ['bead', 'agent', 'work'];
const namesOf = (maps: Maps): ItemName[] => {
  const names = Object.keys(maps).filter((name): name is ItemName => name in keyAttributesOf);
  return [...names.filter((name) => !leading.includes(name)), ...leading];
};

/** The stored items by name and identity; what goes out is a copy. */
class Tables {
  private readonly maps = emptyMaps();

  get<N extends ItemName>(name: N, key: object): Items[N] | undefined {
    return structuredClone(this.mapOf(name).get(identityOf(name, key)));
  }

  all<N extends ItemName>(name: N, keep: (item: Items[N]) => boolean): Items[N][] {
    return this.uncopied(name, keep).map((item) => structuredClone(item));
  }

  /** For long lists of which few items go out; those are copied then. */
  uncopied<N extends ItemName>(name: N, keep: (item: Items[N]) => boolean): Items[N][] {
    return [...this.mapOf(name).values()].filter(keep);
  }

  commit(writes: readonly FlatWrite[]): CommitOutcome {
    const failed = writes.flatMap((write, position) => (this.holds(write) ? [] : [position]));
    if (failed.length > 0) return { ok: false, failed };
    for (const write of writes) {
      if (write.act === 'put') putInto(this.mapOf(write.name), write.name, write.attributes);
      if (write.act === 'add') this.add(write);
      if (write.act === 'remove') this.maps[write.name].delete(identityOf(write.name, write.attributes));
    }
    return { ok: true };
  }

  private add({ name, attributes, numbers = [] }: FlatWrite): void {
    const current = new Map<string, unknown>(Object.entries(this.maps[name].get(identityOf(name, attributes)) ?? {}));
    const sums = numbers.map((number): [string, number] => [number, Number(current.get(number) ?? 0) + Number(attributes[number])]);
    putInto(this.mapOf(name), name, { ...Object.fromEntries(current), ...attributes, ...Object.fromEntries(sums) });
  }

  /** Items of every kind but the town's own, those that lead to others last. */
  ownedBy(townId: string): Removal[] {
    return namesOf(this.maps).flatMap((name) =>
      [...this.maps[name].values()].flatMap((item: object) => {
        const values = new Map<string, unknown>(Object.entries(item));
        if (
          name === 'town' ||
          (name === 'work' && values.get('kind') === 'removal') ||
          (values.get('townId') ?? values.get('scope')) !== townId
        )
          return [];
        const key = Object.fromEntries(keyAttributesOf[name].map((attribute) => [attribute, values.get(attribute)]));
        return [{ remove: name, key, when: 'none' } as Removal];
      }),
    );
  }

  private mapOf<N extends ItemName>(name: N): Map<string, Items[N]> {
    return this.maps[name];
  }

  private holds({ name, attributes, when }: FlatWrite): boolean {
    if (when.kind === 'none') return true;
    const current: object | undefined = this.maps[name].get(identityOf(name, attributes));
    if (when.kind === 'absent') return current === undefined;
    if (current === undefined) return false;
    const values = new Map<string, unknown>(Object.entries(current));
    return Object.entries(when.attributes).every(([attribute, wanted]) =>
      isDeepStrictEqual(values.get(attribute), withoutUndefined(wanted)),
    );
  }
}

export const sortedBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[] =>
  items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));

export interface Listing<T> {
  readonly list: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly descending: boolean;
}
export const pageOf = <T>({ list, items, keyOf, descending }: Listing<T>, page: PageRequest): Page<T> => {
  const ordered = sortedBy(items, keyOf);
  if (descending) ordered.reverse();
  const last = page.cursor === undefined ? undefined : decodeCursor(list, page.cursor);
  const rest = last === undefined ? ordered : ordered.filter((item) => (descending ? keyOf(item) < last : keyOf(item) > last));
  const shown = rest.slice(0, page.limit);
  const end = shown.at(-1);
  return rest.length > shown.length && end !== undefined ? { items: shown, cursor: encodeCursor(list, keyOf(end)) } : { items: shown };
};

export const placeOf = ({ at, kind, id }: Pick<Items['history'], 'at' | 'kind' | 'id'>): string => `${at}#${kind}#${id}`;
export const isBelow = (below: string, folder: string): boolean => (folder === '.' ? below !== '.' : below.startsWith(`${folder}/`));
export const paddedEpoch = (epoch: number): string => String(epoch).padStart(12, '0');

/** What a pass reads, from the single reads of a store; for stores that keep everything in this process. */
export const passFrom = async (store: Omit<Store, 'passOf'>, townId: string, commands: readonly Items['command'][]): Promise<PassItems> => {
  const [town, lease, alarm] = [
    await store.get('town', { townId }),
    await store.get('lease', { townId }),
    await store.get('alarm', { townId }),
  ];
  return {
    ...(town === undefined ? {} : { town }),
    ...(lease === undefined ? {} : { lease }),
    ...(alarm === undefined ? {} : { alarm }),
    rigs: await store.rigsOf(townId),
    agents: await store.agentsOf(townId),
    reports: await store.reportsOf(townId),
    work: await store.workOf(townId),
    slots: await store.slotsOf(townId),
    trains: await store.trainsOf(townId),
    commands: commands.filter((command) => command.townId === townId && command.commandId.startsWith(`${townId}-`)),
  };
};

/** A store that keeps everything in this process. All of its reads are strong, also those that are not on a table. */
export const createMemoryStore = (): Store => {
  const tables = new Tables();
  const store: Omit<Store, 'passOf'> = {
    get: async (name, key) => tables.get(name, key),
    getMany: async (name, keys) => keys.map((key) => tables.get(name, key)),
    commit: async (writes) => tables.commit(checkedWrites(writes)),

    townsOf: async (ownerId, page) =>
      pageOf(
        {
          list: `towns ${ownerId}`,
          items: tables.all('town', (town) => town.ownerId === ownerId),
          keyOf: (town) => town.townId,
          descending: false,
        },
        page,
      ),
    personasOf: async (townId) =>
      sortedBy(
        tables.all('persona', (persona) => persona.townId === townId),
        (persona) => persona.personaId,
      ),
    rigsOf: async (townId) =>
      sortedBy(
        tables.all('rig', (rig) => rig.townId === townId),
        (rig) => rig.rigId,
      ),
    beadsBy: async ({ townId, type, status, archived = false }, page) =>
      pageOf(
        {
          list: `beads ${townId} ${type} ${status} ${archived}`,
          descending: true,
          keyOf: (bead) => `${listedAtOf(bead)}#${bead.beadId}`,
          items: tables.all(
            'bead',
            (bead) =>
              bead.townId === townId && bead.type === type && bead.status === status && (bead.archivedAt !== undefined) === archived,
          ),
        },
        page,
      ),
    everyBead: async (townId, page) => {
      const items = tables.uncopied('bead', (bead) => bead.townId === townId);
      return structuredClone(pageOf({ list: `every bead ${townId}`, descending: false, keyOf: (bead) => bead.beadId, items }, page));
    },
    agentsOf: async (townId) =>
      sortedBy(
        tables.all('agent', (agent) => agent.townId === townId),
        (agent) => agent.agentId,
      ),
    identitiesOf: async (townId) =>
      sortedBy(
        tables.all('identity', (identity) => identity.townId === townId),
        (identity) => identity.agentId,
      ),
    reportsOf: async (townId) =>
      sortedBy(
        tables.all('report', (report) => report.townId === townId),
        (report) => report.agentId,
      ),
    dependenciesOf: async (townId, beadId) =>
      sortedBy(
        tables.all('dependency', (edge) => edge.townId === townId && edge.beadId === beadId),
        (edge) => `${edge.type}#${edge.dependsOnId}`,
      ),
    dependentsOf: async (townId, beadId, type) =>
      sortedBy(
        tables.all(
          'dependency',
          (edge) => edge.townId === townId && edge.dependsOnId === beadId && (type === undefined || edge.type === type),
        ),
        (edge) => `${edge.type}#${edge.beadId}`,
      ),
    workOf: async (townId) =>
      sortedBy(
        tables.all('work', (work) => work.townId === townId),
        (work) => `${work.kind}#${work.workId}`,
      ),
    readyOf: async (townId, rigId, queue, limit) =>
      sortedBy(
        tables.all('ready', (entry) => entry.townId === townId && entry.rigId === rigId && entry.queue === queue),
        (entry) => entry.order,
      ).slice(0, limit),
    slotsOf: async (townId) =>
      sortedBy(
        tables.all('slot', (slot) => slot.townId === townId),
        (slot) => slot.slotId,
      ),
    trainsOf: async (townId) =>
      sortedBy(
        tables.all('train', (train) => train.townId === townId),
        (train) => `${train.rigId}#${train.targetBranch}`,
      ),
    commandsOf: async (townId, ids) =>
      ids
        .flatMap((commandId) => tables.get('command', { townId, commandId }) ?? [])
        .filter((command) => command.state === 'queued' || !command.tokenTaken),
    eventsOf: async (townId, { after, beadId, agentId, newestFirst }, page) =>
      pageOf(
        {
          list: `events ${townId} ${beadId ?? ''} ${agentId ?? ''} ${newestFirst === true ? 'newest' : 'oldest'}`,
          descending: newestFirst === true,
          keyOf: (event) => event.eventId,
          items: tables.all(
            'event',
            (event) =>
              event.townId === townId &&
              (after === undefined || event.eventId > after) &&
              (beadId === undefined || event.beadId === beadId) &&
              (agentId === undefined || (event.agentId === agentId && (beadId !== undefined || event.beadId === undefined))),
          ),
        },
        page,
      ),
    mayorMessages: async (townId, userId, page) =>
      pageOf(
        {
          list: `mayor ${townId} ${userId}`,
          descending: true,
          keyOf: (message) => message.messageId,
          items: tables.all('mayorMessage', (message) => message.townId === townId && message.userId === userId),
        },
        page,
      ),
    sessionBatches: async (townId, agentId, { beadId }, page) =>
      pageOf(
        {
          list: `session ${townId} ${agentId} ${beadId ?? ''}`,
          descending: false,
          keyOf: (batch) => `${paddedEpoch(batch.epoch)}#${batch.batchId}`,
          items: tables.all(
            'sessionBatch',
            (batch) => batch.townId === townId && batch.agentId === agentId && (beadId === undefined || batch.beadId === beadId),
          ),
        },
        page,
      ),
    usageOf: async (townId, day) =>
      sortedBy(
        tables.all('usage', (row) => row.townId === townId && row.day === day),
        (row) => row.callId,
      ),
    formulasOf: async (townId, page) =>
      pageOf(
        {
          list: `formulas ${townId}`,
          descending: false,
          keyOf: (formula) => formula.name,
          items: tables.all('formula', (formula) => formula.townId === townId),
        },
        page,
      ),
    publishedFormulas: async (page) =>
      pageOf(
        {
          list: 'published formulas',
          descending: false,
          keyOf: (formula) => formula.name,
          items: tables.all('publishedFormula', () => true),
        },
        page,
      ),
    publishedPersonas: async (page) =>
      pageOf(
        {
          list: 'published personas',
          descending: false,
          keyOf: (persona) => persona.personaId,
          items: tables.all('publishedPersona', () => true),
        },
        page,
      ),
    talliesOf: async (townId, period) =>
      sortedBy(
        tables.all('tally', (tally) => tally.townId === townId && tally.period === period),
        (tally) => tally.scope,
      ),
    historyOf: async ({ townId, shelf, before }, limit) =>
      sortedBy(
        tables.all(
          'history',
          (one) => one.townId === townId && one.shelf === shelf && (before === undefined || placeOf(one) < placeOf(before)),
        ),
        placeOf,
      )
        .toReversed()
        .slice(0, limit),
    tracesBelow: async (townId, rigId, folder, limit) =>
      sortedBy(
        tables.all('trace', (trace) => trace.townId === townId && trace.rigId === rigId && isBelow(trace.folder, folder)),
        (trace) => trace.folder,
      ).slice(0, limit),
    notesOf: async (townId, page) =>
      pageOf(
        {
          list: `notes ${townId}`,
          descending: true,
          keyOf: (note) => note.noteId,
          items: tables.all('note', (note) => note.townId === townId),
        },
        page,
      ),
    connectionsOf: async (townId) =>
      sortedBy(
        tables.all('connection', (connection) => connection.townId === townId),
        (connection) => connection.connectionId,
      ),
    overdueTowns: async (atMs) =>
      [
        ...new Set(tables.all('work', (work) => work.dueAtMs <= atMs && !unsweptKinds.includes(work.kind)).map((work) => work.townId)),
      ].toSorted(),
    everyTown: async (page) =>
      pageOf({ list: 'every town', items: tables.all('town', () => true), keyOf: (town) => town.townId, descending: false }, page),
    everyTownWithWork: async () =>
      [...new Set(tables.all('work', (work) => !unsweptKinds.includes(work.kind)).map((work) => work.townId))].toSorted(),
    leftoversOf: async (townId, limit) => tables.ownedBy(townId).slice(0, limit),
  };
  return {
    ...store,
    passOf: (townId) =>
      passFrom(
        store,
        townId,
        tables.all('command', () => true),
      ),
  };
};
