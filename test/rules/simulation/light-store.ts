// The Store port for thousands of simulated lives: lists are indexes, and unless it is told to check there are no copies and no schemas.
// Some seeds run on the checking one, so that the shapes are looked at too.
import { isDeepStrictEqual } from 'node:util';
import { checkedWrites, storedItem } from '../../../functions/adapters/dynamodb/items.ts';
import type { FlatWrite } from '../../../functions/adapters/dynamodb/items.ts';
import { listedAtOf } from '../../../functions/domain/bead-lists.ts';
import { keyAttributesOf } from '../../../functions/domain/bead-writes.ts';
import { unsweptKinds } from '../../../functions/contracts/work.schema.ts';
import type { CommitOutcome, ItemName, Items, Removal, Store, Write } from '../../../functions/ports.ts';
import { isBelow, paddedEpoch, placeOf, pageOf, passFrom, withoutUndefined } from '../../store/memory-store.ts';
import { emptyShelves, keyOf } from './shelves.ts';
import type { Shelf } from './shelves.ts';

const maxItems = 100;
type Attributes = Readonly<Record<string, unknown>>;
const attributesOf = (item: object): Attributes => ({ ...item });

const whenOf = (when: Write['when']): FlatWrite['when'] =>
  when === 'none' ? { kind: 'none' } : 'absent' in when ? { kind: 'absent' } : { kind: 'equals', attributes: { ...when.equals } };
/** As `checkedWrites` makes it, believing the caller. */
const flat = (write: Write): FlatWrite => {
  const when = whenOf(write.when);
  if ('put' in write) return { act: 'put', name: write.put, attributes: attributesOf(write.item), when };
  if ('add' in write) return { act: 'add', name: write.add, attributes: attributesOf(write.item), when, numbers: write.numbers };
  return 'remove' in write
    ? { act: 'remove', name: write.remove, attributes: attributesOf(write.key), when }
    : { act: 'check', name: write.check, attributes: attributesOf(write.key), when };
};

const holds = (current: object | undefined, when: FlatWrite['when']): boolean => {
  if (when.kind === 'none') return true;
  if (when.kind === 'absent') return current === undefined;
  if (current === undefined) return false;
  const stored = attributesOf(current);
  return Object.entries(when.attributes).every(
    ([attribute, value]) => stored[attribute] === value || isDeepStrictEqual(withoutUndefined(stored[attribute]), withoutUndefined(value)),
  );
};

/** The item with its named numbers added to those that are there. */
const summed = (before: object | undefined, attributes: Attributes, numbers: readonly string[]): Attributes => {
  const known = attributesOf(before ?? {});
  const sums = numbers.map((name): [string, number] => [name, Number(known[name] ?? 0) + Number(attributes[name])]);
  return { ...known, ...attributes, ...Object.fromEntries(sums) };
};

const leading: readonly ItemName[] = ['bead', 'agent', 'work'];

/** The shelves as a store; `checked`: copies come in and go out, and every item must fit its schema. */
class LightStore {
  readonly shelves = emptyShelves();
  private readonly checked: boolean;
  constructor(checked: boolean) {
    this.checked = checked;
  }

  out<T>(value: T): T {
    return this.checked ? structuredClone(value) : value;
  }

  shelf<N extends ItemName>(name: N): Shelf<N> {
    return this.shelves[name];
  }

  get<N extends ItemName>(name: N, key: object): Items[N] | undefined {
    return this.out(this.shelf(name).items.get(keyOf(name, key)));
  }

  list<N extends ItemName>(name: N, index: string, of: string): readonly Items[N][] {
    return this.out(this.shelf(name).list(index, of));
  }

  commit(writes: readonly Write[]): CommitOutcome {
    const steps = this.checked ? checkedWrites(writes) : writes.map(flat);
    const keys = steps.map(({ name, attributes }) => keyOf(name, attributes));
    if (
      !this.checked &&
      (new Set(steps.map(({ name }, at) => `${name}\n${keys[at] ?? ''}`)).size !== steps.length || steps.length > maxItems)
    )
      throw new Error('two writes on one item, or too many');
    const failed = steps.flatMap(({ name, when }, at) => (holds(this.shelves[name].items.get(keys[at] ?? ''), when) ? [] : [at]));
    if (failed.length > 0) return { ok: false, failed };
    for (const [at, step] of steps.entries()) this.write(step, keys[at] ?? '');
    return { ok: true };
  }

  private write({ act, name, attributes, numbers = [] }: FlatWrite, key: string): void {
    if (act === 'put') this.put(name, key, attributes);
    else if (act === 'add') this.put(name, key, summed(this.shelves[name].items.get(key), attributes, numbers));
    else if (act === 'remove') this.shelves[name].remove(key);
  }

  private put(name: ItemName, key: string, attributes: Attributes): void {
    const item = this.checked
      ? storedItem<ItemName>(name, withoutUndefined(structuredClone(attributes)))
      : (attributes as unknown as Items[ItemName]);
    this.shelf<ItemName>(name).put(key, item);
  }

  /** Towns with work that the sweep looks for. */
  townsWithWork(isWanted: (work: Items['work']) => boolean): string[] {
    const towns = new Set<string>();
    for (const work of this.shelves.work.items.values())
      if (!towns.has(work.townId) && !unsweptKinds.includes(work.kind) && isWanted(work)) towns.add(work.townId);
    return [...towns].toSorted();
  }

  ownedBy(townId: string): Removal[] {
    const names = Object.keys(this.shelves).filter((name): name is ItemName => name in keyAttributesOf && name !== 'town');
    return [...names.filter((name) => !leading.includes(name)), ...leading].flatMap((name) =>
      [...this.shelves[name].items.values()].flatMap((item: object) => {
        const values = attributesOf(item);
        if ((values.townId ?? values.scope) !== townId || (name === 'work' && values.kind === 'removal')) return [];
        const key = Object.fromEntries(keyAttributesOf[name].map((attribute) => [attribute, values[attribute]]));
        return [{ remove: name, key, when: 'none' } as Removal];
      }),
    );
  }
}

type Part<K extends keyof Store> = Pick<Store, K>;

const strongLists = (
  store: LightStore,
): Part<
  | 'personasOf'
  | 'rigsOf'
  | 'agentsOf'
  | 'identitiesOf'
  | 'reportsOf'
  | 'dependenciesOf'
  | 'dependentsOf'
  | 'workOf'
  | 'readyOf'
  | 'slotsOf'
  | 'trainsOf'
  | 'commandsOf'
> => ({
  personasOf: async (townId) => store.list('persona', 'town', townId),
  rigsOf: async (townId) => store.list('rig', 'town', townId),
  agentsOf: async (townId) => store.list('agent', 'town', townId),
  identitiesOf: async (townId) => store.list('identity', 'town', townId),
  reportsOf: async (townId) => store.list('report', 'town', townId),
  dependenciesOf: async (townId, beadId) => store.list('dependency', 'from', `${townId} ${beadId}`),
  dependentsOf: async (townId, beadId, type) => {
    const edges = store.list('dependency', 'to', `${townId} ${beadId}`);
    return type === undefined ? edges : edges.filter((edge) => edge.type === type);
  },
  workOf: async (townId) => store.list('work', 'town', townId),
  readyOf: async (townId, rigId, queue, limit) =>
    store.out(store.shelf('ready').list('queue', `${townId} ${rigId} ${queue}`).slice(0, limit)),
  slotsOf: async (townId) => store.list('slot', 'town', townId),
  trainsOf: async (townId) => store.list('train', 'town', townId),
  commandsOf: async (townId, ids) =>
    ids
      .flatMap((commandId) => store.get('command', { townId, commandId }) ?? [])
      .filter((command) => command.state === 'queued' || !command.tokenTaken),
});

const beadLists = (store: LightStore): Part<'townsOf' | 'beadsBy' | 'everyBead' | 'overdueTowns' | 'everyTown' | 'everyTownWithWork'> => ({
  townsOf: async (ownerId, page) =>
    pageOf(
      { list: `towns ${ownerId}`, items: store.list('town', 'owner', ownerId), keyOf: (town) => town.townId, descending: false },
      page,
    ),
  beadsBy: async ({ townId, type, status, archived = false }, page) =>
    store.out(
      pageOf(
        {
          list: `beads ${townId} ${type} ${status} ${archived}`,
          descending: true,
          keyOf: (bead) => `${listedAtOf(bead)}#${bead.beadId}`,
          items: store.shelf('bead').list('status', `${townId} ${type} ${status} ${archived}`),
        },
        page,
      ),
    ),
  everyBead: async (townId, page) =>
    store.out(
      pageOf(
        { list: `every bead ${townId}`, descending: false, keyOf: (bead) => bead.beadId, items: store.shelf('bead').list('town', townId) },
        page,
      ),
    ),
  everyTown: async (page) =>
    pageOf({ list: 'every town', items: [...store.shelf('town').items.values()], keyOf: (town) => town.townId, descending: false }, page),
  overdueTowns: async (atMs) => store.townsWithWork((work) => work.dueAtMs <= atMs),
  everyTownWithWork: async () => store.townsWithWork(() => true),
});

const eventsOf =
  (store: LightStore): Store['eventsOf'] =>
  async (townId, { after, beadId, agentId, newestFirst }, page) => {
    const [index, list] =
      beadId !== undefined ? ['bead', `${townId} ${beadId}`] : agentId !== undefined ? ['agent', `${townId} ${agentId}`] : ['town', townId];
    return store.out(
      pageOf(
        {
          list: `events ${townId} ${beadId ?? ''} ${agentId ?? ''} ${newestFirst === true ? 'newest' : 'oldest'}`,
          descending: newestFirst === true,
          keyOf: (event) => event.eventId,
          items: store
            .shelf('event')
            .list(index, list)
            .filter((event) => (after === undefined || event.eventId > after) && (agentId === undefined || event.agentId === agentId)),
        },
        page,
      ),
    );
  };

const otherLists = (
  store: LightStore,
): Part<
  | 'historyOf'
  | 'tracesBelow'
  | 'notesOf'
  | 'eventsOf'
  | 'mayorMessages'
  | 'sessionBatches'
  | 'usageOf'
  | 'formulasOf'
  | 'publishedFormulas'
  | 'publishedPersonas'
  | 'talliesOf'
  | 'connectionsOf'
> => ({
  eventsOf: eventsOf(store),
  mayorMessages: async (townId, userId, page) =>
    pageOf(
      {
        list: `mayor ${townId} ${userId}`,
        descending: true,
        keyOf: (message) => message.messageId,
        items: store.list('mayorMessage', 'talk', `${townId} ${userId}`),
      },
      page,
    ),
  sessionBatches: async (townId, agentId, { beadId }, page) =>
    pageOf(
      {
        list: `session ${townId} ${agentId} ${beadId ?? ''}`,
        descending: false,
        keyOf: (batch) => `${paddedEpoch(batch.epoch)}#${batch.batchId}`,
        items: store
          .list('sessionBatch', 'agent', `${townId} ${agentId}`)
          .filter((batch) => beadId === undefined || batch.beadId === beadId),
      },
      page,
    ),
  usageOf: async (townId, day) => store.list('usage', 'day', `${townId} ${day}`),
  formulasOf: async (townId, page) =>
    pageOf(
      { list: `formulas ${townId}`, descending: false, keyOf: (formula) => formula.name, items: store.list('formula', 'town', townId) },
      page,
    ),
  publishedFormulas: async (page) =>
    pageOf(
      {
        list: 'published formulas',
        descending: false,
        keyOf: (formula) => formula.name,
        items: store.list('publishedFormula', 'registry', ''),
      },
      page,
    ),
  publishedPersonas: async (page) =>
    pageOf(
      {
        list: 'published personas',
        descending: false,
        keyOf: (persona) => persona.personaId,
        items: store.list('publishedPersona', 'registry', ''),
      },
      page,
    ),
  talliesOf: async (townId, period) => store.list('tally', 'period', `${townId} ${period}`),
  historyOf: async ({ townId, shelf, before }, limit) =>
    store
      .list('history', 'shelf', `${townId} ${shelf}`)
      .filter((one) => before === undefined || placeOf(one) < placeOf(before))
      .toReversed()
      .slice(0, limit),
  tracesBelow: async (townId, rigId, folder, limit) =>
    store
      .list('trace', 'rig', `${townId} ${rigId}`)
      .filter((trace) => isBelow(trace.folder, folder))
      .slice(0, limit),
  notesOf: async (townId, page) =>
    pageOf({ list: `notes ${townId}`, descending: true, keyOf: (note) => note.noteId, items: store.list('note', 'town', townId) }, page),
  connectionsOf: async (townId) => store.list('connection', 'town', townId),
});

export const createLightStore = ({ checked = false }: { readonly checked?: boolean } = {}): Store => {
  const light = new LightStore(checked);
  const store: Omit<Store, 'passOf'> = {
    get: async (name, key) => light.get(name, key),
    getMany: async (name, keys) => keys.map((key) => light.get(name, key)),
    commit: async (writes) => light.commit(writes),
    ...strongLists(light),
    ...beadLists(light),
    ...otherLists(light),
    leftoversOf: async (townId, limit) => light.ownedBy(townId).slice(0, limit),
  };
  return { ...store, passOf: (townId) => passFrom(store, townId, light.list('command', 'town', townId)) };
};
