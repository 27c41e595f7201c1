import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../test/store/memory-store.ts';
import { sampleItems } from '../../../test/store/sample-items.ts';
import { countingUnits } from './counting-units.ts';
import { commitUnits, indexWriteUnits, readUnits, rowBytes } from './units.ts';
import type { Row } from './units.ts';

const kilobytes = (count: number): string => 'x'.repeat(count * 1_024 - 'pkpskstext'.length);
const row = (text: string): Row => ({ pk: 'p', sk: 's', text });
/** A row in gsi1 at a place in its list. */
const listed = (place: string, more: object = {}): Row => ({
  ...row('short'),
  gsi1pk: 'LIST',
  gsi1sk: place,
  townId: 't-4f9k2m1q',
  ...more,
});
const write = (before: Row | undefined, after: Row | undefined) => ({ act: 'write', before, after }) as const;
const check = (before: Row | undefined) => ({ act: 'check', before, after: undefined }) as const;

describe('the size of an item', () => {
  it('is its names and values in UTF-8 bytes', () => {
    expect(rowBytes({ pk: 'abc', title: 'Überall' })).toBe(2 + 3 + 5 + 8);
  });
  it('counts numbers by their digits, flags as one, lists and maps with their overhead', () => {
    expect(rowBytes({ n: 12_345 })).toBe(1 + 4);
    expect(rowBytes({ n: -100 })).toBe(1 + 3);
    expect(rowBytes({ n: 0 })).toBe(1 + 1);
    expect(rowBytes({ b: true, z: null })).toBe(1 + 1 + 1 + 1);
    expect(rowBytes({ l: ['ab', 'c'] })).toBe(1 + 3 + (1 + 2) + (1 + 1));
    expect(rowBytes({ m: { a: 'bc', gone: undefined } })).toBe(1 + 3 + (1 + 1 + 2));
  });
});

describe('read units', () => {
  it('are one per 4 KB begun when strong, half of it when eventual, and never nothing', () => {
    expect([0, 4_096, 4_097].map((bytes) => readUnits(bytes, 'strong'))).toEqual([1, 1, 2]);
    expect([0, 4_096, 4_097].map((bytes) => readUnits(bytes, 'eventual'))).toEqual([0.5, 0.5, 1]);
  });
});

describe('write units', () => {
  it('are one per KB begun of the larger of the old and the new item', () => {
    expect(commitUnits([write(undefined, row(kilobytes(1)))], 'written')).toBe(1);
    expect(commitUnits([write(row(kilobytes(3)), row(kilobytes(1)))], 'written')).toBe(3);
    expect(commitUnits([write(row(kilobytes(2)), undefined)], 'written')).toBe(2);
    expect(commitUnits([write(undefined, undefined)], 'written')).toBe(1);
  });
  it('are twice that for each item of a transaction, condition checks included', () => {
    expect(commitUnits([write(undefined, row(kilobytes(1))), check(row(kilobytes(3)))], 'written')).toBe(2 + 6);
    expect(commitUnits([check(undefined)], 'written')).toBe(2);
  });
  it('of an index are one for coming or going, two for moving, one for a changed projected attribute, none otherwise', () => {
    expect(indexWriteUnits(undefined, listed('a'))).toBe(1);
    expect(indexWriteUnits(listed('a'), undefined)).toBe(1);
    expect(indexWriteUnits(listed('a'), listed('b'))).toBe(2);
    expect(indexWriteUnits(listed('a'), listed('a', { beadId: 'web-1aaa' }))).toBe(1);
    expect(indexWriteUnits(listed('a'), listed('a', { text: 'other' }))).toBe(0);
    expect(indexWriteUnits(row('a'), row('b'))).toBe(0);
  });
  it('of an index are doubled by a transaction, too, and not used when it is refused', () => {
    expect(commitUnits([write(undefined, listed('a')), write(undefined, row('b'))], 'written')).toBe(2 + 2 + 2);
    expect(commitUnits([write(undefined, listed('a')), write(undefined, row('b'))], 'refused')).toBe(2 + 2);
  });
});

describe('a counted store', () => {
  const { bead, dependency, event, slot, ...items } = sampleItems('t-4f9k2m1q');
  const work = { ...items.work, kind: 'convoy' as const };
  it('totals what its commits take', async () => {
    const { store, totals, reset } = countingUnits(createMemoryStore());
    const spent = async (call: () => Promise<unknown>): Promise<number> => {
      reset();
      await call();
      return totals().writeUnits;
    };
    expect(await spent(() => store.commit([{ put: 'slot', item: slot, when: 'none' }]))).toBe(1);
    expect(await spent(() => store.commit([{ put: 'bead', item: bead, when: { absent: true } }]))).toBe(2);
    expect(await spent(() => store.commit([{ put: 'bead', item: bead, when: { absent: true } }]))).toBe(1);
    expect(await spent(() => store.commit([{ put: 'dependency', item: dependency, when: { absent: true } }]))).toBe(4);
    expect(await spent(() => store.commit([{ put: 'work', item: work, when: 'none' }]))).toBe(2);
    expect(await spent(() => store.commit([{ put: 'work', item: { ...work, stamp: 'again' }, when: 'none' }]))).toBe(1);
    expect(
      await spent(() =>
        store.commit([
          { put: 'event', item: event, when: 'none' },
          { check: 'bead', key: bead, when: { equals: { version: 1 } } },
        ]),
      ),
    ).toBe(2 + 2 + 2);
    expect(await spent(() => store.commit([{ remove: 'work', key: work, when: 'none' }]))).toBe(2);
    expect(totals().commits).toBe(1);
  });
  it('totals what its reads take', async () => {
    const { store, totals, reset } = countingUnits(createMemoryStore());
    const { townId } = bead;
    await store.commit(
      Array.from({ length: 30 }, (_, index) => ({
        put: 'bead' as const,
        item: { ...bead, beadId: `web-${1000 + index}`, body: kilobytes(1) },
        when: 'none' as const,
      })),
    );
    const spent = async (call: () => Promise<unknown>): Promise<number> => {
      reset();
      await call();
      return totals().readUnits;
    };
    expect(await spent(() => store.get('bead', { townId, beadId: 'web-1000' }))).toBe(1);
    expect(await spent(() => store.get('bead', { townId, beadId: 'web-none' }))).toBe(1);
    expect(
      await spent(() =>
        store.getMany('bead', [
          { townId, beadId: 'web-1000' },
          { townId, beadId: 'web-none' },
        ]),
      ),
    ).toBe(2);
    expect(await spent(() => store.workOf(townId))).toBe(1);
    expect(await spent(() => store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 30 }))).toBe(1.5 + 30);
    expect(await spent(() => store.overdueTowns(0))).toBe(4.5);
    expect(totals().readCalls).toBe(1);
  });
});
