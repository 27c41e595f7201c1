// What the table's stream tells search: once or again, late, and of towns that are being removed.
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { storedRow } from '../../functions/adapters/dynamodb/counting-units.ts';
import { recordHistory } from '../../functions/stream/history.ts';
import { createHandler } from '../../functions/stream/stream.handler.ts';
import type { Items, Ports } from '../../functions/ports.ts';
import { StoreUnavailable } from '../../functions/store-errors.ts';
import { fakePorts } from '../fakes/ports.ts';
import { sampleItems } from '../store/sample-items.ts';

const townId = 't-4f9k2m1q';
const items = sampleItems(townId);
const recordOf = (name: 'bead' | 'event' | 'sessionBatch' | 'history', item: object, sequence: string) => ({
  eventID: sequence,
  dynamodb: { SequenceNumber: sequence, NewImage: marshall(storedRow(name, item), { removeUndefinedValues: true }) },
});
const said = JSON.stringify([{ seq: 1, messageId: 'm', role: 'assistant', kind: 'text', text: 'The palette is in tokens.css', atMs: 1 }]);
const records = {
  Records: [
    recordOf('bead', items.bead, '1'),
    recordOf('event', { ...items.event, type: 'comment', data: { text: 'Mind the contrast' } }, '2'),
    recordOf('sessionBatch', { ...items.sessionBatch, parts: said }, '3'),
    recordOf('history', items.history, '4'),
  ],
};
const withTown = async (town: Partial<Items['town']> = {}) => {
  const ports = fakePorts();
  await ports.store.commit([{ put: 'town', item: { ...items.town, ...town }, when: 'none' }]);
  return ports;
};
const kept = async (ports: Pick<Ports, 'store'>): Promise<string[]> => {
  const shelves = await Promise.all((['work', 'talk'] as const).map((shelf) => ports.store.historyOf({ townId, shelf }, 50)));
  return shelves.flat().map(({ kind }) => kind);
};

describe('the stream', () => {
  it('tells search of beads, events with words and talk, as often as it likes', async () => {
    const ports = await withTown();
    const handler = createHandler(ports);
    expect(await handler(records)).toEqual({ batchItemFailures: [] });
    const first = await kept(ports);
    expect(first.toSorted()).toEqual(['bead', 'event', 'transcript']);
    expect(await handler(records)).toEqual({ batchItemFailures: [] });
    expect(await kept(ports)).toEqual(first);
  });
  it('gives the batch back when search cannot be written, and has sent its hints before', async () => {
    const ports = await withTown();
    const away: Ports = {
      ...ports,
      search: {
        ...ports.search,
        put: async () => {
          throw new StoreUnavailable('away');
        },
      },
    };
    expect(await createHandler(away)(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(ports.hints).toEqual([townId]);
    expect(ports.logged.map(({ event }) => event)).toEqual(['history_failed']);
  });
  it('writes nothing behind a town that is being removed, nor for a bead that is', async () => {
    const removed = await withTown({ deletedAt: items.town.createdAt });
    expect(await createHandler(removed)(records)).toEqual({ batchItemFailures: [] });
    await createHandler(fakePorts())(records);
    expect(await kept(removed)).toEqual([]);
    const ports = await withTown();
    await createHandler(ports)({ Records: [recordOf('bead', { ...items.bead, deletingAt: items.town.createdAt }, '1')] });
    expect(await kept(ports)).toEqual([]);
  });
  it('heals what was not told in time when the bead is over', async () => {
    const ports = await withTown();
    const over = { ...items.bead, status: 'closed' as const, version: 9 };
    await recordHistory(ports, [{ kind: 'bead', bead: over }]);
    expect((await kept(ports)).toSorted()).toEqual(['bead', 'commit']);
  });
});
