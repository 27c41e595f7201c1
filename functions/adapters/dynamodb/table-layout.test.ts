import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { sampleItems } from '../../../test/store/sample-items.ts';
import { dueShardOf, entities, indexOnlyAttributes } from './entities/service.ts';
import type { StoredName } from './entities/service.ts';
import { dueShards } from './entities/work.entity.ts';
import { streamedChange } from './stream-image.ts';

const townId = 't-4f9k2m1q';
const items = sampleItems(townId);
const rowOf = (name: StoredName, item: object): Record<string, unknown> => {
  const attributes: Record<string, unknown> = { ...item };
  const { Item } = entities[name]
    .put({ ...attributes, ...indexOnlyAttributes(name, attributes) })
    .params<{ Item: Record<string, unknown> }>({ table: 'layout' });
  return Item;
};
const keysOf = (name: StoredName, item: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rowOf(name, item)).filter(([field]) => /^(gsi\d)?[ps]k$/.test(field)));
const keys = (pk: string, sk: string): Record<string, string> => ({ pk, sk });

describe('the key layout', () => {
  it('gives every item the keys that are written down in the decision about the table', () => {
    const expected: Partial<Record<StoredName, Record<string, string>>> = {
      town: { ...keys(`TOWN#${townId}#PASS`, 'TOWN'), gsi1pk: 'OWNER#ada', gsi1sk: `TOWN#${townId}`, gsi3pk: 'TOWNS', gsi3sk: townId },
      rig: keys(`TOWN#${townId}#PASS`, 'RIG#r-8d2k1m0p'),
      bead: {
        ...keys(`TOWN#${townId}`, 'BEAD#web-3kf9'),
        gsi1pk: `TOWN#${townId}#BEADS#issue#open`,
        gsi1sk: '2026-11-21T10:00:00.000Z#web-3kf9',
      },
      dependency: keys(`TOWN#${townId}#EDGE#web-3kf9`, 'DEP#blocks#web-1aaa'),
      graph: keys(`TOWN#${townId}#EDGE`, 'GRAPH'),
      event: {
        ...keys(`TOWN#${townId}#EV`, items.event.eventId),
        gsi1pk: `TOWN#${townId}#EV#BEAD#web-3kf9`,
        gsi1sk: items.event.eventId,
      },
      work: {
        ...keys(`TOWN#${townId}#PASS`, 'WORK#flight#web-3kf9'),
      },
      ready: keys(`TOWN#${townId}#WORK`, 'READY#r-8d2k1m0p#-#2#2026-11-21T10:00:00.000Z#web-3kf9'),
      slot: keys(`TOWN#${townId}#PASS`, 'SLOT#r-8d2k1m0p#1'),
      once: keys(`TOWN#${townId}#WORK`, 'MARK#conflict#web-9mrg#1'),
      idempotency: keys(`IDEMPOTENCY#${townId}`, 'Key-1'),
      train: keys(`TOWN#${townId}#PASS`, 'TRAIN#r-8d2k1m0p#convoy/Theme/x/head'),
      alarm: keys(`TOWN#${townId}#PASS`, 'ALARM'),
      agent: keys(`TOWN#${townId}#PASS`, 'AGENT#toast'),
      report: keys(`TOWN#${townId}#PASS`, 'REPORT#toast'),
      lease: keys(`TOWN#${townId}#PASS`, 'LEASE'),
      command: keys(`TOWN#${townId}#PASS`, `CMD#${items.command.commandId}`),
      mayorMessage: keys(`TOWN#${townId}#MAYOR#ada`, items.mayorMessage.messageId),
      connection: { ...keys(`CONN#Conn=${townId}`, 'CONN'), gsi1pk: `TOWN#${townId}#CONN`, gsi1sk: `Conn=${townId}` },
      ticket: keys(`TICKET#${items.ticket.ticketId}`, 'TICKET'),
      sessionBatch: {
        ...keys(`TOWN#${townId}#SESSION#toast`, `000000000002#${items.sessionBatch.batchId}`),
        gsi1pk: `TOWN#${townId}#SESSION#toast#web-3kf9`,
        gsi1sk: `000000000002#${items.sessionBatch.batchId}`,
      },
      identity: keys(`TOWN#${townId}`, 'CV#toast'),
      formula: keys(`TOWN#${townId}`, 'FORMULA#Our-release.v2'),
      publishedFormula: keys('REGISTRY#formulas', `release-${townId}`),
      usage: keys(`TOWN#${townId}#USE#20261121`, 'call-1'),
      ownerSettings: keys(`OWNER#organisation#org:${townId}`, 'SETTINGS'),
      publishedPersona: keys('REGISTRY#personas', `p-${townId}`.slice(0, 40)),
      persona: keys(`TOWN#${townId}#PERSONA`, 'harbour-master'),
      history: keys(`TOWN#${townId}#FIND#work`, '2026-11-21T10:00:00.000Z#commit#web-3kf9'),
      trace: keys(`TOWN#${townId}#TRACE`, 'r-8d2k1m0p#src/theme'),
      note: keys(`TOWN#${townId}#NOTE`, items.note.noteId),
      tally: keys(`TOWN#${townId}#SUM#20261121`, 'web-3kf9#toast#scripted'),
    };
    const actual = Object.fromEntries(Object.entries(items).map(([name, item]) => [name, keysOf(isStored(name) ? name : 'town', item)]));
    expect(actual).toEqual(expected);
  });
  it('keeps archived beads out of the lists of their status', () => {
    expect(keysOf('bead', { ...items.bead, status: 'closed', archivedAt: '2026-11-21T11:00:00.000Z' })).toMatchObject({
      gsi1pk: `TOWN#${townId}#BEADS#issue#archived#closed`,
    });
  });
  it('writes the second direction of an edge under the other bead', () => {
    expect(keysOf('dependent', items.dependency)).toEqual(keys(`TOWN#${townId}#EDGE#web-1aaa`, 'REV#blocks#web-3kf9'));
  });
  it('keeps work that the sweep looks for in an index by time, and answers to people away from the passes', () => {
    expect(keysOf('work', { ...items.work, kind: 'convoy' })).toEqual({
      ...keys(`TOWN#${townId}#PASS`, 'WORK#convoy#web-3kf9'),
      gsi3pk: `DUE#${dueShardOf(townId)}`,
      gsi3sk: `001795255200000#${townId}`,
    });
    expect(keysOf('command', { ...items.command, commandId: 'diff-1' })).toEqual(keys(`TOWN#${townId}#RT`, 'CMD#diff-1'));
  });
  it('leaves items without the attribute out of sparse indexes', () => {
    const { beadId: _bead, agentId: _agent, ...plain } = items.event;
    expect(keysOf('event', plain)).toEqual(keys(`TOWN#${townId}#EV`, items.event.eventId));
  });
  it('spreads towns over all shards', () => {
    const shards = new Set(Array.from({ length: 200 }, (_, index) => dueShardOf(`t-${index}aaaa`)));
    expect(shards.size).toBe(dueShards);
  });
});

const isStored = (name: string): name is StoredName => name in entities;

describe('a record of the stream', () => {
  it('tells each item that was written or removed', () => {
    const changes = Object.entries(items).map(([name, item]) => {
      const image = marshall(rowOf(isStored(name) ? name : 'town', item), { removeUndefinedValues: true });
      return [streamedChange({ newImage: image, oldImage: image }), streamedChange({ oldImage: image })];
    });
    expect(changes).toEqual(
      Object.entries(items).map(([name, item]) => [
        { name, removed: false, item },
        { name, removed: true, item },
      ]),
    );
  });
  it('tells a bead whose metadata is text, and one of an older release whose metadata is a map', () => {
    const row = rowOf('bead', items.bead);
    expect(row['metadata']).toBe(JSON.stringify(items.bead.metadata));
    for (const metadata of [row['metadata'], items.bead.metadata]) {
      const newImage = marshall({ ...row, metadata }, { removeUndefinedValues: true });
      expect(streamedChange({ newImage })).toEqual({ name: 'bead', removed: false, item: items.bead });
    }
  });
  it('is nothing for the second direction of an edge or a foreign row', () => {
    expect(streamedChange({ newImage: marshall(rowOf('dependent', items.dependency)) })).toBeUndefined();
    expect(streamedChange({ newImage: { pk: { S: 'x' } } })).toBeUndefined();
    expect(streamedChange({})).toBeUndefined();
  });
});
