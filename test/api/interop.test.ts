// Beads JSONL in and out: nothing is lost, nothing is half, the same again changes nothing.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { importBeads } from '../../functions/operations/import-beads.ts';
import type { Ports } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aTestTable } from '../store/dynamodb.ts';
import type { TestTable } from '../store/dynamodb.ts';
import { linesOfFile } from './beads-file.ts';
import { bodyOf, client } from './call.ts';

const townWithRig = async (overrides: Partial<Ports> = {}) => {
  const ports = fakePorts(overrides);
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId };
  const { rigId } = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://example.com/a.git' } }),
  );
  const send = (lines: readonly string[], query: Readonly<Record<string, string>> = {}) =>
    call('importBeads', { as: 'ada', params, query: { rigId, ...query }, body: lines.join('\n') });
  const exported = async (): Promise<string[]> => {
    const lines: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await call('exportBeads', { as: 'ada', params, query: { limit: '100', ...(cursor === undefined ? {} : { cursor }) } });
      lines.push(
        ...bodyOf('exportBeads', answer)
          .split('\n')
          .filter((line) => line !== ''),
      );
      cursor = z.string().optional().parse(answer.headers['x-next-cursor']);
    } while (cursor !== undefined);
    return lines;
  };
  return { ports, call, params, townId, rigId, send, exported };
};
/** Parts of at most 900 KB. */
const partsOf = (lines: readonly string[]): string[][] => {
  const parts: string[][] = [[]];
  let size = 0;
  for (const line of lines) {
    if (size + line.length > 300_000) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(line);
    size += Buffer.byteLength(line) + 1;
  }
  return parts;
};
const sendAll = async (town: Awaited<ReturnType<typeof townWithRig>>, lines: readonly string[], importId: string): Promise<number> => {
  const parts = partsOf(lines);
  for (const [index, part] of parts.entries()) {
    const last = String(index === parts.length - 1);
    expect(bodyOf('importBeads', await town.send(part, { importId, part: String(index + 1), last })).problems).toEqual([]);
  }
  return parts.length;
};
const issue = (id: string, more: object = {}): string =>
  JSON.stringify({
    id,
    title: `Title of ${id}`,
    status: 'open',
    priority: 1,
    issue_type: 'task',
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:05Z',
    ...more,
  });

describe('a Beads JSONL file', () => {
  it('of 5 000 lines with every field and unknown keys goes in over REST and comes out identical', async () => {
    const town = await townWithRig();
    const lines = linesOfFile(5000, 1);
    expect(await sendAll(town, lines, 'five-thousand')).toBeGreaterThan(2);
    expect((await town.exported()).toSorted()).toEqual(lines.toSorted());
    // The same again changes nothing.
    const before = await town.ports.store.eventsOf(town.townId, {}, { limit: 1000 });
    await sendAll(town, lines, 'once-more');
    expect((await town.ports.store.eventsOf(town.townId, {}, { limit: 1000 })).items).toHaveLength(before.items.length);
  }, 240_000);
  it('comes out as it went in, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 12 }), async (seed, count) => {
        const town = await townWithRig();
        const lines = linesOfFile(count, seed);
        expect((await town.send(lines)).status).toBe(200);
        expect((await town.exported()).toSorted()).toEqual(lines.toSorted());
      }),
      { numRuns: 25 },
    );
  });
  it('exported by one town comes into another and out again identical, with all of our own fields', async () => {
    const one = await townWithRig();
    const first = bodyOf(
      'sling',
      await one.call('sling', {
        as: 'ada',
        params: one.params,
        body: { rigId: one.rigId, title: 'First', body: 'Do it', labels: ['ui'], metadata: { Ticket: 'A-1' } },
      }),
    );
    await one.call('sling', {
      as: 'ada',
      params: one.params,
      body: { rigId: one.rigId, title: 'Second', kind: 'no-code', dependsOn: [first.beadId] },
    });
    await one.call('failBead', { as: 'ada', params: { ...one.params, beadId: first.beadId }, body: { reason: 'Not wanted' } });
    const lines = await one.exported();
    const other = await townWithRig();
    expect(bodyOf('importBeads', await other.send(lines))).toMatchObject({ created: 2, committed: true });
    expect(await other.exported()).toEqual(lines);
    const town = { townId: other.townId };
    expect(await other.ports.store.get('bead', { ...town, beadId: first.beadId })).toMatchObject({
      status: 'failed',
      failure: { code: 'given_up', message: 'Not wanted' },
      labels: ['ui'],
      metadata: { Ticket: 'A-1' },
    });
    // Into the town it came from: nothing changes.
    expect(bodyOf('importBeads', await one.send(lines))).toMatchObject({ created: 0, unchanged: 2 });
  });
  it('holds bodies of any length: they come in and go out whole, in pages that a function may answer with', async () => {
    const one = await townWithRig();
    const texts = ['a', 'b', 'c'].map((mark) => `${mark} \n "quoted"`.repeat(120_000));
    const slung = texts.map((body) =>
      one.call('sling', { as: 'ada', params: one.params, body: { rigId: one.rigId, title: 'Long', body } }),
    );
    await Promise.all(slung);
    const page = await one.call('exportBeads', { as: 'ada', params: one.params, query: { limit: '100' } });
    expect(bodyOf('exportBeads', page).trim().split('\n')).toHaveLength(2);
    const lines = await one.exported();
    expect(lines.map((line) => z.object({ description: z.string() }).parse(JSON.parse(line)).description).toSorted()).toEqual(texts);
    const other = await townWithRig();
    for (const [index, line] of lines.entries())
      expect(bodyOf('importBeads', await other.send([line], { importId: `long-${index}` }))).toMatchObject({ created: 1, committed: true });
    expect(await other.ports.files.list(`towns/${other.townId}/bodies/`)).toHaveLength(3);
    expect(await other.exported()).toEqual(lines);
    expect(bodyOf('importBeads', await one.send([lines[0] ?? '']))).toMatchObject({ created: 0, unchanged: 1 });
  });
  it('shows the comments that a bead came with in its timeline, in their order, before what happened here', async () => {
    const { call, params, send, exported } = await townWithRig();
    const comment = (id: number, text: unknown, at: string) => ({ id, issue_id: 'bd-a1b2', author: 'Bo', text, created_at: at });
    const comments = [
      comment(2, 'Second', '2026-02-02T00:00:00Z'),
      comment(1, 'First', '2026-02-01T01:00:00+01:00'),
      comment(3, 7, '2026-02-03T00:00:00Z'),
      'no comment',
    ];
    const line = issue('bd-a1b2', { comments });
    await send([line]);
    const on = { as: 'ada', params: { ...params, beadId: 'bd-a1b2' } };
    await call('commentBead', { ...on, body: { text: 'Third' } });
    const events = async (query: Record<string, string> = {}) => bodyOf('beadEvents', await call('beadEvents', { ...on, query })).items;
    const shown = await events();
    expect(shown.map(({ type, data }) => [type, data['text']])).toEqual([
      ['comment', 'First'],
      ['comment', 'Second'],
      ['comment', 'Third'],
    ]);
    expect(shown[0]).toMatchObject({ at: '2026-02-01T00:00:00.000Z', actor: 'user:ada', data: { author: 'Bo', imported: true } });
    // The same at every reading, in the order of their ids.
    expect(await events()).toEqual(shown);
    expect(shown.map(({ eventId }) => eventId).toSorted()).toEqual(shown.map(({ eventId }) => eventId));
    expect(await exported()).toEqual([line]);
  });
  it('maps what the product knows: priority, status, times, texts, edges; and other ids by an alias', async () => {
    const { ports, townId, send, exported } = await townWithRig();
    const lines = [
      issue('myproject-a3f2dd', { description: 'What', design: 'How', priority: 4, created_at: '2026-01-02T03:04:05.123456789-08:00' }),
      issue('bd-b2c3', {
        dependencies: [{ issue_id: 'bd-b2c3', depends_on_id: 'myproject-a3f2dd', type: 'blocks' }],
        labels: ['ui', 'gt:no-code'],
      }),
      issue('bd-c3d4', { status: 'closed', closed_at: '2026-02-02T00:00:00Z' }),
      issue('bd-d4e5', { status: 'tombstone', deleted_at: '2026-02-02T00:00:00Z' }),
    ];
    expect((await send(lines)).status).toBe(200);
    const { items } = await ports.store.everyBead(townId, { limit: 10 });
    const byTitle = (id: string) => items.find((bead) => bead.title === `Title of ${id}`);
    const alias = byTitle('myproject-a3f2dd');
    expect(alias).toMatchObject({ status: 'open', held: true, priority: 'low', createdAt: '2026-01-02T11:04:05.123Z' });
    expect(alias?.body).toBe('What\n\n## Design\n\nHow');
    expect(byTitle('bd-b2c3')).toMatchObject({ beadId: 'bd-b2c3', openBlockers: 1, labels: ['ui'] });
    expect(await ports.store.dependenciesOf(townId, 'bd-b2c3')).toMatchObject([
      { dependsOnId: alias?.beadId, type: 'blocks', resolved: false },
    ]);
    expect(byTitle('bd-c3d4')).toMatchObject({ status: 'closed', closedAt: '2026-02-02T00:00:00.000Z' });
    expect(byTitle('bd-d4e5')).toMatchObject({ status: 'closed', archivedAt: '2026-01-02T03:04:05.000Z' });
    expect((await exported()).toSorted()).toEqual(lines.toSorted());
  });
  it('goes out with what has changed since, and the rest as it was', async () => {
    const { call, params, send, exported } = await townWithRig();
    await send([issue('bd-a1b2', { owner: 'ada', priority: 3, notes: 'Keep me' }), issue('bd-b2c3', { odd: true })]);
    await call('updateBead', { as: 'ada', params: { ...params, beadId: 'bd-a1b2' }, body: { priority: 'critical' } });
    await call('closeBead', { as: 'ada', params: { ...params, beadId: 'bd-b2c3' }, body: {} });
    const [one, other] = (await exported()).map((line) => z.looseObject({ id: z.string() }).parse(JSON.parse(line)));
    expect(one).toMatchObject({ id: 'bd-a1b2', priority: 0, owner: 'ada', notes: 'Keep me', status: 'open', title: 'Title of bd-a1b2' });
    expect(other).toMatchObject({ id: 'bd-b2c3', odd: true, status: 'closed', priority: 1 });
    expect(typeof other?.['closed_at']).toBe('string');
  });
});

describe('an export', () => {
  it('is read page by page with a cursor, beside the passes of the town (L65)', async () => {
    const { call, params, send } = await townWithRig();
    await send(Array.from({ length: 12 }, (_, index) => issue(`bd-a${index}b`)));
    const first = await call('exportBeads', { as: 'ada', params, query: { limit: '5' } });
    expect(bodyOf('exportBeads', first).trim().split('\n')).toHaveLength(5);
    expect(first.headers['x-next-cursor']).toBeDefined();
  });
  it('and an import log ids and numbers, never texts (L12)', async () => {
    const { ports, send, exported } = await townWithRig();
    await send([issue('bd-a1b2', { description: 'a very private text', metadata: { note: 'a very private text' } })]);
    expect(await exported()).toHaveLength(1);
    expect(JSON.stringify(ports.logged)).not.toContain('private text');
  });
});

describe('an import', () => {
  const bad = [issue('bd-a1b2'), '{"id":', issue('bd-b2c3', { priority: 9 }), '{"title":"No id"}', '[]'];
  it('names the lines that are wrong and writes nothing of the file', async () => {
    const { send, exported } = await townWithRig();
    const answer = await send(bad);
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toMatch(/line 2.*line 3.*line 4.*line 5/s);
    expect(await exported()).toEqual([]);
  });
  it('removes earlier parts of a file when a later one is refused', async () => {
    const { ports, townId, send, exported } = await townWithRig();
    await send([issue('bd-a1b2')], { importId: 'in-parts', last: 'false' });
    expect(await exported()).toEqual([]);
    expect((await send(bad, { importId: 'in-parts', part: '2' })).status).toBe(422);
    await reconcileTown(ports, townId);
    expect((await ports.store.everyBead(townId, { limit: 10 })).items).toEqual([]);
    expect(await ports.store.workOf(townId)).toEqual([]);
  });
  it('leaves nothing when it is refused or killed, at whichever write, and is not added to when it is finished', async () => {
    const { ports, townId, send, exported, rigId } = await townWithRig();
    const files = () => ports.files.list(`towns/${townId}/`);
    expect((await send(bad)).status).toBe(422);
    expect(await files()).toEqual([]);
    // Somebody else is faster with the marker of the same import: refused, and no text is kept.
    const base = { townId, rigId, userId: 'ada', part: 1, last: true, dryRun: false, partial: false, hold: true };
    const part = (more: { text: string; importId: string }) => ({ ...base, ...more });
    const slower = { ...ports, store: { ...ports.store, commit: async () => ({ ok: false as const, failed: [0] }) } };
    await expect(importBeads(slower, part({ text: issue('bd-a1b2'), importId: 'raced' }))).rejects.toThrow('same moment');
    expect(await files()).toEqual([]);
    for (let writes = 0; writes < 6; writes += 1) {
      let left = writes;
      const dies =
        <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          if ((left -= 1) < 0) throw new Error('killed');
          return write(...args);
        };
      const dying = {
        ...ports,
        store: { ...ports.store, commit: dies(ports.store.commit) },
        files: { ...ports.files, put: dies(ports.files.put) },
      };
      const description = 'long '.repeat(30_000);
      await importBeads(dying, part({ text: issue('bd-a1b2', { description }), importId: `killed-${writes}` })).catch(() => undefined);
      if ((await exported()).length > 0) break;
      ports.clock.advance(20 * 60_000);
      await reconcileTown(ports, townId);
      expect((await ports.store.everyBead(townId, { limit: 10 })).items).toEqual([]);
      expect((await files()).filter((path) => !path.includes('/bodies/'))).toEqual([]);
    }
    expect(await exported()).toHaveLength(1);
    const lines = (await files()).length;
    const importId = (await files()).find((path) => path.includes('/imports/'))?.split('/')[3];
    expect((await send([issue('bd-z9z9')], { importId: importId ?? '', part: '2' })).status).toBe(409);
    expect(await files()).toHaveLength(lines);
  });
  it('writes the lines that are right when asked to', async () => {
    const { send, exported } = await townWithRig();
    expect(bodyOf('importBeads', await send(bad, { partial: 'true' }))).toMatchObject({
      created: 1,
      problems: [{ line: 2 }, { line: 3 }, { line: 4 }, { line: 5 }],
    });
    expect(await exported()).toHaveLength(1);
  });
  it('of a dry run says what it would do and does nothing', async () => {
    const { send, exported } = await townWithRig();
    expect(bodyOf('importBeads', await send(bad, { dryRun: 'true' }))).toMatchObject({ created: 1, committed: false, dryRun: true });
    expect(await exported()).toEqual([]);
  });
  it('changes no bead that is there with other content', async () => {
    const { send, exported } = await townWithRig();
    await send([issue('bd-a1b2')]);
    expect((await send([issue('bd-a1b2', { title: 'Another' })])).status).toBe(422);
    expect(await exported()).toEqual([issue('bd-a1b2')]);
  });
  it('is seen when its last part is in, and goes on after a kill where it was', async () => {
    const { ports, townId, send, exported, call, params } = await townWithRig();
    await send([issue('bd-a1b2')], { importId: 'in-parts', last: 'false' });
    expect((await call('getBead', { as: 'ada', params: { ...params, beadId: 'bd-a1b2' } })).status).toBe(404);
    // The answer of the second part was lost: it is sent again.
    await send([issue('bd-b2c3')], { importId: 'in-parts', part: '2', last: 'false' });
    expect(bodyOf('importBeads', await send([issue('bd-b2c3')], { importId: 'in-parts', part: '2' }))).toMatchObject({ committed: true });
    expect(await exported()).toHaveLength(2);
    expect(await ports.store.workOf(townId)).toEqual([]);
  });
  it('refuses beads that wait for each other in a circle', async () => {
    const { ports, townId, send, exported } = await townWithRig();
    const waits = (id: string, on: string) => issue(id, { dependencies: [{ issue_id: id, depends_on_id: on, type: 'blocks' }] });
    expect((await send([waits('bd-a1b2', 'bd-b2c3'), waits('bd-b2c3', 'bd-a1b2')])).status).toBe(422);
    expect(await exported()).toEqual([]);
    // It cannot be corrected under its name: the next pass removes it.
    await reconcileTown(ports, townId);
    expect((await ports.store.everyBead(townId, { limit: 10 })).items).toEqual([]);
    expect(await ports.files.list(`towns/${townId}/`)).toEqual([]);
  });
  it('lets work start when it is not to be held, but no epic, no deferred and no blocked bead', async () => {
    const { ports, townId, send } = await townWithRig();
    const blocked = issue('bd-b2c3', { dependencies: [{ issue_id: 'bd-b2c3', depends_on_id: 'bd-a1b2', type: 'blocks' }] });
    await send([issue('bd-a1b2'), blocked, issue('bd-c3d4', { issue_type: 'epic' }), issue('bd-d4e5', { status: 'deferred' })], {
      hold: 'false',
    });
    for (let pass = 0; pass < 3; pass += 1) await reconcileTown(ports, townId);
    const state = async (beadId: string) => {
      const bead = await ports.store.get('bead', { townId, beadId });
      return [bead?.status, bead?.held];
    };
    expect(await Promise.all(['bd-a1b2', 'bd-b2c3', 'bd-c3d4', 'bd-d4e5'].map(state))).toEqual([
      ['in_progress', false],
      ['open', false],
      ['open', true],
      ['open', true],
    ]);
    expect((await ports.store.workOf(townId)).filter((item) => item.kind === 'import')).toEqual([]);
  });
});

describe('on the table', () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await aTestTable();
  });
  afterAll(() => {
    table.client.destroy();
  });
  it('a file of 300 lines goes in and out identical', async () => {
    const town = await townWithRig({ store: table.store });
    const lines = linesOfFile(300, 7);
    await sendAll(town, lines, 'on-the-table');
    expect((await town.exported()).toSorted()).toEqual(lines.toSorted());
  });
});
