// Stored items by name and key, with every list that a store must give kept as an index: nothing is ever searched through.
import { keyAttributesOf } from '../../../functions/domain/bead-writes.ts';
import { listedAtOf } from '../../../functions/domain/bead-lists.ts';
import type { ItemName, Items } from '../../../functions/ports.ts';
import { paddedEpoch, placeOf } from '../../store/memory-store.ts';

/** A list of items: in which one an item stands (in none when undefined), and where in it. */
interface Index<T> {
  readonly list: (item: T) => string | undefined;
  readonly order: (item: T) => string;
}
type IndexesOf<N extends ItemName> = Readonly<Record<string, Index<Items[N]>>>;
const ofTown = <T extends { readonly townId: string }>(order: (item: T) => string): Readonly<Record<string, Index<T>>> => ({
  town: { list: (item) => item.townId, order },
});
const agentOfSession = ({ townId, agentId }: Items['sessionBatch']): string => `${townId} ${agentId}`;
const indexes: { readonly [N in ItemName]?: IndexesOf<N> } = {
  town: { owner: { list: (town) => town.ownerId, order: (town) => town.townId } },
  persona: ofTown((persona) => persona.personaId),
  rig: ofTown((rig) => rig.rigId),
  agent: ofTown((agent) => agent.agentId),
  identity: ofTown((identity) => identity.agentId),
  report: ofTown((report) => report.agentId),
  slot: ofTown((slot) => slot.slotId),
  train: ofTown((train) => `${train.rigId}#${train.targetBranch}`),
  work: ofTown((work) => `${work.kind}#${work.workId}`),
  formula: ofTown((formula) => formula.name),
  bead: {
    ...ofTown((bead: Items['bead']) => bead.beadId),
    status: {
      list: (bead) => `${bead.townId} ${bead.type} ${bead.status} ${bead.archivedAt !== undefined}`,
      order: (bead) => `${listedAtOf(bead)}#${bead.beadId}`,
    },
  },
  dependency: {
    from: { list: (edge) => `${edge.townId} ${edge.beadId}`, order: (edge) => `${edge.type}#${edge.dependsOnId}` },
    to: { list: (edge) => `${edge.townId} ${edge.dependsOnId}`, order: (edge) => `${edge.type}#${edge.beadId}` },
  },
  event: {
    ...ofTown((event: Items['event']) => event.eventId),
    bead: { list: ({ townId, beadId }) => (beadId === undefined ? undefined : `${townId} ${beadId}`), order: (event) => event.eventId },
    agent: {
      list: ({ townId, agentId, beadId }) => (agentId === undefined || beadId !== undefined ? undefined : `${townId} ${agentId}`),
      order: (event) => event.eventId,
    },
  },
  ready: { queue: { list: ({ townId, rigId, queue }) => `${townId} ${rigId} ${queue}`, order: (entry) => entry.order } },
  command: ofTown((command) => command.commandId),
  mayorMessage: { talk: { list: ({ townId, userId }) => `${townId} ${userId}`, order: (message) => message.messageId } },
  sessionBatch: { agent: { list: agentOfSession, order: (batch) => `${paddedEpoch(batch.epoch)}#${batch.batchId}` } },
  usage: { day: { list: ({ townId, day }) => `${townId} ${day}`, order: (row) => row.callId } },
  publishedFormula: { registry: { list: () => '', order: (formula) => formula.name } },
  history: { shelf: { list: ({ townId, shelf }) => `${townId} ${shelf}`, order: placeOf } },
  trace: { rig: { list: ({ townId, rigId }) => `${townId} ${rigId}`, order: ({ folder }) => folder } },
  note: ofTown((note) => note.noteId),
  publishedPersona: { registry: { list: () => '', order: (persona) => persona.personaId } },
  tally: { period: { list: ({ townId, period }) => `${townId} ${period}`, order: (tally) => tally.scope } },
  connection: { town: { list: (connection) => connection.townId, order: (connection) => connection.connectionId } },
};

/** One list; put in order when it is read, and again only after it has changed. */
class List<T> {
  readonly items = new Map<string, T>();
  private sorted: T[] | undefined;
  private readonly order: (item: T) => string;
  constructor(order: (item: T) => string) {
    this.order = order;
  }

  set(key: string, item: T): void {
    this.items.set(key, item);
    this.sorted = undefined;
  }

  remove(key: string): void {
    this.items.delete(key);
    this.sorted = undefined;
  }

  inOrder(): readonly T[] {
    this.sorted ??= [...this.items.values()]
      .map((item) => ({ item, at: this.order(item) }))
      .toSorted((one, other) => (one.at < other.at ? -1 : 1))
      .map(({ item }) => item);
    return this.sorted;
  }
}

/** Items of one kind. */
export class Shelf<N extends ItemName> {
  readonly items = new Map<string, Items[N]>();
  private readonly lists: readonly { readonly name: string; readonly index: Index<Items[N]>; readonly of: Map<string, List<Items[N]>> }[];
  constructor(name: N) {
    const own: IndexesOf<N> = indexes[name] ?? {};
    this.lists = Object.entries(own).map(([indexName, index]) => ({ name: indexName, index, of: new Map() }));
  }

  put(key: string, item: Items[N]): void {
    const before = this.items.get(key);
    this.items.set(key, item);
    for (const { index, of } of this.lists) {
      const [old, now] = [before === undefined ? undefined : index.list(before), index.list(item)];
      if (old !== undefined && old !== now) of.get(old)?.remove(key);
      if (now === undefined) continue;
      const list = of.get(now) ?? new List(index.order);
      of.set(now, list);
      list.set(key, item);
    }
  }

  remove(key: string): void {
    const before = this.items.get(key);
    if (before === undefined) return;
    this.items.delete(key);
    for (const { index, of } of this.lists) of.get(index.list(before) ?? '')?.remove(key);
  }

  list(indexName: string, list: string): readonly Items[N][] {
    return (
      this.lists
        .find(({ name }) => name === indexName)
        ?.of.get(list)
        ?.inOrder() ?? []
    );
  }
}

export const keyOf = (name: ItemName, value: object): string => {
  const attributes: Readonly<Record<string, unknown>> = { ...value };
  let key = '';
  for (const attribute of keyAttributesOf[name]) key += `${String(attributes[attribute])}\n`;
  return key;
};

type Shelves = { readonly [N in ItemName]: Shelf<N> };
export const emptyShelves = (): Shelves => ({
  town: new Shelf('town'),
  rig: new Shelf('rig'),
  bead: new Shelf('bead'),
  dependency: new Shelf('dependency'),
  graph: new Shelf('graph'),
  event: new Shelf('event'),
  work: new Shelf('work'),
  ready: new Shelf('ready'),
  slot: new Shelf('slot'),
  once: new Shelf('once'),
  idempotency: new Shelf('idempotency'),
  train: new Shelf('train'),
  alarm: new Shelf('alarm'),
  agent: new Shelf('agent'),
  identity: new Shelf('identity'),
  report: new Shelf('report'),
  lease: new Shelf('lease'),
  command: new Shelf('command'),
  mayorMessage: new Shelf('mayorMessage'),
  connection: new Shelf('connection'),
  ticket: new Shelf('ticket'),
  sessionBatch: new Shelf('sessionBatch'),
  usage: new Shelf('usage'),
  formula: new Shelf('formula'),
  publishedFormula: new Shelf('publishedFormula'),
  ownerSettings: new Shelf('ownerSettings'),
  persona: new Shelf('persona'),
  publishedPersona: new Shelf('publishedPersona'),
  tally: new Shelf('tally'),
  history: new Shelf('history'),
  trace: new Shelf('trace'),
  note: new Shelf('note'),
});
