// Random commits go to both stores; every outcome and everything that can be read afterwards must be the same.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Condition, Store, Write } from '../../functions/ports.ts';
import { aTestTable } from './dynamodb.ts';
import type { TestTable } from './dynamodb.ts';
import { createMemoryStore } from './memory-store.ts';
import { sampleItems, ulidOf } from './sample-items.ts';

let table: TestTable;
beforeAll(async () => {
  table = await aTestTable();
});
afterAll(() => {
  table.client.destroy();
});

const condition = <T>(equals: fc.Arbitrary<Partial<T>>): fc.Arbitrary<Condition<T>> =>
  fc.oneof(
    fc.constant('none' as const),
    fc.constant({ absent: true } as const),
    equals.map((attributes) => ({ equals: attributes })),
  );

/** Few ids and few versions, so that writes meet each other. */
const writeIn = (townId: string): fc.Arbitrary<Write> => {
  const { agent, slot, dependency, work, event } = sampleItems(townId);
  const few = fc.integer({ min: 1, max: 3 });
  const version = condition<typeof agent>(
    fc.oneof(
      few.map((count) => ({ version: count })),
      fc.constant({}),
      fc.constant({ hookBeadId: undefined }),
    ),
  );
  const agentPut = fc
    .record({ agentId: fc.constantFrom('toast', 'maple'), version: few, hooked: fc.boolean(), when: version })
    .map(({ hooked, when, ...changed }): Write => {
      const { hookBeadId, ...idle } = agent;
      return { put: 'agent', item: { ...idle, ...(hooked ? { hookBeadId } : {}), ...changed }, when };
    });
  const agentCheck = version
    .filter((when) => when !== 'none')
    .map((when): Write => ({ check: 'agent', key: { townId, agentId: 'toast' }, when }));
  const slotWrite = fc
    .record({
      slotId: fc.constantFrom('r-8d2k1m0p#1', 'r-8d2k1m0p#2'),
      holder: fc.constantFrom('toast', 'maple'),
      remove: fc.boolean(),
      when: condition<typeof slot>(fc.constantFrom('toast', 'maple').map((holder) => ({ holder }))),
    })
    .map(({ slotId, holder, remove, when }): Write =>
      remove ? { remove: 'slot', key: { townId, slotId }, when } : { put: 'slot', item: { ...slot, slotId, holder }, when },
    );
  const edgeWrite = fc
    .record({
      other: fc.constantFrom('web-1aaa', 'web-2bbb'),
      resolved: fc.boolean(),
      remove: fc.boolean(),
      when: condition<typeof dependency>(fc.boolean().map((resolved) => ({ resolved }))),
    })
    .map(({ other, resolved, remove, when }): Write =>
      remove
        ? { remove: 'dependency', key: { townId, beadId: dependency.beadId, type: dependency.type, dependsOnId: other }, when }
        : { put: 'dependency', item: { ...dependency, dependsOnId: other, resolved }, when },
    );
  const workPut = fc
    .record({ workId: fc.constantFrom('web-1aaa', 'web-2bbb'), dueAtMs: few })
    .map((changed): Write => ({ put: 'work', item: { ...work, ...changed }, when: 'none' }));
  const eventPut = few.map((count): Write => ({ put: 'event', item: { ...event, eventId: ulidOf(count) }, when: { absent: true } }));
  return fc.oneof(agentPut, agentCheck, slotWrite, edgeWrite, workPut, eventPut);
};

const everythingIn = async (store: Store, townId: string): Promise<unknown> => [
  await store.agentsOf(townId),
  await store.identitiesOf(townId),
  await store.slotsOf(townId),
  await store.workOf(townId),
  (await store.eventsOf(townId, {}, { limit: 10 })).items,
  await store.dependenciesOf(townId, 'web-3kf9'),
  await store.dependentsOf(townId, 'web-1aaa'),
  await store.dependentsOf(townId, 'web-2bbb'),
];
const outcomeOf = (store: Store, writes: readonly Write[]): Promise<unknown> =>
  store.commit(writes).catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : error));

it('memory and table answer random commits alike', async () => {
  const memory = createMemoryStore();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 }), async (shape) => {
      runs += 1;
      const townId = `t-rand${String(runs).padStart(4, '0')}`;
      for (const commit of shape) {
        const writes = commit.map((seed) => fc.sample(writeIn(townId), { seed, numRuns: 1 })[0]).filter((write) => write !== undefined);
        expect(await outcomeOf(table.store, writes)).toEqual(await outcomeOf(memory, writes));
      }
      expect(await everythingIn(table.store, townId)).toEqual(await everythingIn(memory, townId));
    }),
    { numRuns: 40 },
  );
});
