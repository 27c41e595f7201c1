import { describe, expect, it } from 'vitest';
import { run, transaction, verify } from '../prove/durable.ts';
import type { Ledger } from '../prove/durable.ts';
import { createMemoryStore } from './memory-store.ts';
import { sampleItems } from './sample-items.ts';

describe('durability of the local table', () => {
  it('keeps every acknowledged transaction, whole, when DynamoDB Local is killed (sample of `npm run prove durable`)', async () => {
    const { failures, details } = await run({ full: false });
    expect(failures).toEqual([]);
    expect(details.unanswered).toBeGreaterThan(0);
  }, 240_000);

  describe('the check behind it', () => {
    const townId = 't-aaaa0001';
    const { slot } = sampleItems(townId);
    const written = async () => {
      const store = createMemoryStore();
      for (const count of [0, 1, 2]) expect(await store.commit(transaction(townId, count))).toEqual({ ok: true });
      const ledger: Ledger = { townId, acknowledged: 3, attempted: 4, unanswered: 1 };
      return { store, ledger };
    };
    it('is content with whole transactions, the last one written or not', async () => {
      const { store, ledger } = await written();
      expect(await verify(store, ledger)).toEqual([]);
      expect(await verify(store, { ...ledger, acknowledged: 2, attempted: 3 })).toEqual([]);
    });
    it('sees a lost transaction', async () => {
      const { store, ledger } = await written();
      expect(await verify(store, { ...ledger, acknowledged: 4 })).toEqual([`${townId}: 4 transactions were acknowledged, 3 are there.`]);
    });
    it('sees half a transaction', async () => {
      const { store, ledger } = await written();
      await store.commit([{ remove: 'slot', key: { townId, slotId: 'tx-000001#1' }, when: 'none' }]);
      await store.commit([{ put: 'slot', item: { ...slot, slotId: 'tx-000003#1' }, when: 'none' }]);
      expect(await verify(store, ledger)).toEqual([
        `${townId}: slot tx-000001#1 is missing.`,
        `${townId}: slot tx-000003#1 is there without its transaction.`,
      ]);
    });
  });
});
