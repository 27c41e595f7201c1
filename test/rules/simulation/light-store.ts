// The Store port for thousands of simulated lives: no copies and no schemas, the conditions and refusals of the others. Some seeds run on
// the checking memory store instead, so that the shapes are looked at too.
import { isDeepStrictEqual } from 'node:util';
import { keyAttributesOf } from '../../../functions/domain/bead-writes.ts';
import { unsweptKinds } from '../../../functions/contracts/work.schema.ts';
import type { ItemName, Items, Store, Write } from '../../../functions/ports.ts';
import { createMemoryStore, passFrom } from '../../store/memory-store.ts';

const maxItems = 100;
const keyOf = (name: ItemName, value: object): string => {
  const attributes: Readonly<Record<string, unknown>> = { ...value };
  let key = '';
  for (const attribute of keyAttributesOf[name]) key += `${String(attributes[attribute])}\n`;
  return key;
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
  tally: new Map(),
});
const nameOf = (write: Write): ItemName =>
  'put' in write ? write.put : 'add' in write ? write.add : 'remove' in write ? write.remove : write.check;
const itemOf = (write: Write): object => ('put' in write || 'add' in write ? write.item : write.key);

const holds = (current: object | undefined, when: Write['when']): boolean => {
  if (when === 'none') return true;
  if ('absent' in when) return current === undefined;
  if (current === undefined) return false;
  const stored: Readonly<Record<string, unknown>> = { ...current };
  return Object.entries(when.equals).every(([attribute, value]) => isDeepStrictEqual(stored[attribute], value));
};

/** The item with its named numbers added to those that are there. */
const summed = <T extends object>(item: T, before: unknown, numbers: readonly string[]): T => {
  const known = new Map<string, unknown>(before === undefined || before === null ? [] : Object.entries(before));
  const added = Object.entries(item).map(([name, value]) => {
    const old = known.get(name);
    return [name, numbers.includes(name) && typeof value === 'number' && typeof old === 'number' ? old + value : value] as const;
  });
  return { ...item, ...Object.fromEntries(added) };
};

export const createLightStore = (): Store => {
  const maps = emptyMaps();
  const mapOf = <N extends ItemName>(name: N): Map<string, Items[N]> => maps[name];
  const put = <N extends ItemName>(name: N, key: string, item: Items[N]): void => {
    mapOf(name).set(key, item);
  };
  const list = <N extends ItemName>(name: N, order: (item: Items[N]) => string, keep?: (item: Items[N]) => boolean): Items[N][] => {
    const found: Items[N][] = [];
    for (const item of mapOf(name).values()) if (keep === undefined || keep(item)) found.push(item);
    return found.length < 2 ? found : found.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
  };
  const store: Store = {
    ...createMemoryStore(),
    get: async (name, key) => mapOf(name).get(keyOf(name, key)),
    getMany: async (name, keys) => keys.map((key) => mapOf(name).get(keyOf(name, key))),
    commit: async (writes) => {
      const keys = writes.map((write) => keyOf(nameOf(write), itemOf(write)));
      const names = new Set(writes.map((write, index) => `${nameOf(write)}\n${keys[index] ?? ''}`));
      if (names.size !== writes.length || writes.length > maxItems) throw new Error('two writes on one item, or too many');
      const failed = writes.flatMap((write, index) => (holds(maps[nameOf(write)].get(keys[index] ?? ''), write.when) ? [] : [index]));
      if (failed.length > 0) return { ok: false, failed };
      for (const [index, write] of writes.entries()) {
        const key = keys[index] ?? '';
        if ('put' in write) put<ItemName>(write.put, key, write.item);
        else if ('add' in write) put<ItemName>(write.add, key, summed(write.item, maps[write.add].get(key), write.numbers));
        else if ('remove' in write) maps[write.remove].delete(key);
      }
      return { ok: true };
    },
    personasOf: async () => list('persona', (persona) => persona.personaId),
    rigsOf: async () => list('rig', (rig) => rig.rigId),
    agentsOf: async () => list('agent', (agent) => agent.agentId),
    reportsOf: async () => list('report', (report) => report.agentId),
    dependenciesOf: async (_townId, beadId) =>
      list(
        'dependency',
        (edge) => `${edge.type}#${edge.dependsOnId}`,
        (edge) => edge.beadId === beadId,
      ),
    dependentsOf: async (_townId, beadId, type) =>
      list(
        'dependency',
        (edge) => `${edge.type}#${edge.beadId}`,
        (edge) => edge.dependsOnId === beadId && (type === undefined || edge.type === type),
      ),
    passOf: (townId) => passFrom(store, townId, [...maps.command.values()]),
    workOf: async () => list('work', (work) => `${work.kind}#${work.workId}`),
    readyOf: async (_townId, rigId, queue, limit) =>
      list(
        'ready',
        (entry) => entry.order,
        (entry) => entry.rigId === rigId && entry.queue === queue,
      ).slice(0, limit),
    slotsOf: async () => list('slot', (slot) => slot.slotId),
    trainsOf: async () => list('train', (train) => `${train.rigId}#${train.targetBranch}`),
    commandsOf: async (_townId, ids) =>
      list(
        'command',
        (command) => command.commandId,
        (command) => ids.includes(command.commandId) && (command.state === 'queued' || !command.tokenTaken),
      ),
    overdueTowns: async (atMs) => [
      ...new Set(
        list(
          'work',
          (work) => work.workId,
          (work) => work.dueAtMs <= atMs && !unsweptKinds.includes(work.kind),
        ).map((work) => work.townId),
      ),
    ],
    everyTownWithWork: async () => [
      ...new Set(
        list(
          'work',
          (work) => work.workId,
          (work) => !unsweptKinds.includes(work.kind),
        ).map((work) => work.townId),
      ),
    ],
  };
  return store;
};
