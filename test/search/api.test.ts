// Search and notes over REST: what is found, as it is now, in one's own town only.
import { describe, expect, it } from 'vitest';
import { leaveNote } from '../../functions/operations/notes.ts';
import type { BeadTown } from '../beads/bead-town.ts';
import { bodyOf } from '../api/call.ts';
import { rememberingTown } from './remembering.ts';

const search = async ({ call, townId }: BeadTown, query: Record<string, string>) =>
  bodyOf('searchTown', await call('searchTown', { as: 'ada', params: { townId }, query }));
const idsOf = ({ results }: Awaited<ReturnType<typeof search>>): string[] => results.map(({ id }) => id);

describe('search', () => {
  it('finds a bead by words of its title and body, also after they were changed, and shows its status of today', async () => {
    const town = await rememberingTown();
    const bead = await town.sling('Number the invoices', { body: 'Every customer counts from one, in counter.ts.' });
    await town.sling('Paint the shed');
    const found = await search(town, { q: 'invoice counter' });
    expect(found).toMatchObject({ complete: true, results: [{ kind: 'bead', id: bead.beadId, beadStatus: 'open' }] });
    expect(found.results[0]?.excerpt).toContain('Every customer counts');
    await town.on('updateBead', bead.beadId, { body: { title: 'Number the receipts', body: 'Per year.' } });
    await town.close(bead.beadId);
    expect(idsOf(await search(town, { q: 'invoices' }))).toEqual([]);
    expect(await search(town, { q: 'receipt' })).toMatchObject({ results: [{ id: bead.beadId, beadStatus: 'closed' }] });
  });
  it('finds comments, and by kind only what is of it', async () => {
    const town = await rememberingTown();
    const bead = await town.sling('Number the invoices');
    await town.on('commentBead', bead.beadId, { body: { text: 'Invoices of last year keep their numbers.' } });
    expect((await search(town, { q: 'invoice', kind: 'event' })).results).toMatchObject([
      { kind: 'event', beadId: bead.beadId, title: 'Invoices of last year keep their numbers.' },
    ]);
    expect(idsOf(await search(town, { q: 'invoice' }))).toHaveLength(2);
  });
  it('goes back page by page until everything was looked at, and says how far it came', async () => {
    const town = await rememberingTown();
    const made: string[] = [];
    for (const title of ['Invoice one', 'Invoice two', 'Invoice three']) {
      town.ports.clock.advance(60_000);
      made.unshift((await town.sling(title)).beadId);
    }
    const first = await search(town, { q: 'invoice', limit: '2' });
    expect(first).toMatchObject({ complete: false, searchedTo: expect.stringMatching(/^2026-11-21T10:02/) });
    expect(idsOf(first)).toEqual(made.slice(0, 2));
    const second = await search(town, { q: 'invoice', limit: '2', cursor: first.cursor ?? '' });
    expect(idsOf(second)).toEqual(made.slice(2));
    expect(second.complete).toBe(true);
    const forged = await town.call('searchTown', { as: 'ada', params: { townId: town.townId }, query: { q: 'invoice', cursor: 'x' } });
    expect(forged.status).toBe(400);
  });
  it('shows nothing of beads that are gone or of another town, and keeps nothing of a removed bead', async () => {
    const town = await rememberingTown();
    const bead = await town.sling('Number the invoices');
    const other = bodyOf('createTown', await town.call('createTown', { as: 'bob', body: { name: 'Elsewhere' } }));
    const elsewhere = await town.call('searchTown', { as: 'bob', params: { townId: other.townId }, query: { q: 'invoice' } });
    expect(bodyOf('searchTown', elsewhere).results).toEqual([]);
    expect((await town.call('searchTown', { as: 'bob', params: { townId: town.townId }, query: { q: 'invoice' } })).status).toBe(403);
    await town.on('deleteBead', bead.beadId);
    expect(idsOf(await search(town, { q: 'invoice' }))).toEqual([]);
    await town.settle();
    expect(await town.ports.store.historyOf({ townId: town.townId, shelf: 'work' }, 10)).toEqual([]);
  });
  it('refuses paths that leave the repository and words beyond their limit', async () => {
    const { call, townId } = await rememberingTown();
    for (const query of [{ path: '../etc/passwd' }, { path: '/etc' }, { path: 'a/./b' }, { q: 'x'.repeat(201) }, { kind: 'secret' }])
      expect((await call('searchTown', { as: 'ada', params: { townId }, query })).status).toBe(400);
    expect(bodyOf('searchTown', await call('searchTown', { as: 'ada', params: { townId }, query: { q: 'the of' } }))).toEqual({
      results: [],
      touched: [],
      notes: [],
      complete: true,
    });
  });
});

describe('notes', () => {
  const left = (town: BeadTown, text: string, paths = ['src/billing/invoice.ts']) =>
    leaveNote(town.ports, { townId: town.townId, rigId: town.rigId, paths, text, by: 'agent:toast' });
  it('are stored once, listed newest first, found by words and by path, and can be removed', async () => {
    const town = await rememberingTown();
    const note = await left(town, 'Numbers must never be reused.');
    expect(await left(town, 'Numbers must never be reused.')).toEqual(note);
    town.ports.clock.advance(60_000);
    await left(town, 'The tests need the tax table.', ['src/billing/']);
    const params = { townId: town.townId };
    expect(bodyOf('listNotes', await town.call('listNotes', { as: 'ada', params })).items.map(({ text }) => text)).toEqual([
      'The tests need the tax table.',
      'Numbers must never be reused.',
    ]);
    expect((await search(town, { q: 'reused' })).results).toMatchObject([{ kind: 'note', excerpt: 'Numbers must never be reused.' }]);
    expect((await search(town, { path: 'src/billing/invoice.ts' })).notes).toHaveLength(2);
    expect((await search(town, { path: 'src/shipping' })).notes).toEqual([]);
    const removed = () => town.call('deleteNote', { as: 'ada', params: { ...params, noteId: note.noteId } });
    expect((await removed()).status).toBe(200);
    expect((await removed()).status).toBe(404);
    expect((await search(town, { q: 'reused' })).results).toEqual([]);
    expect((await search(town, { path: 'src/billing/invoice.ts' })).notes).toHaveLength(1);
  });
  it('are forgotten after half a year', async () => {
    const town = await rememberingTown();
    await left(town, 'Numbers must never be reused.');
    town.ports.clock.advance(181 * 24 * 60 * 60 * 1000);
    const found = await search(town, { path: 'src/billing/invoice.ts', q: 'reused' });
    expect([found.notes, found.results]).toEqual([[], []]);
  });
  it('are no more than 500 in a town: the oldest goes for one more', async () => {
    const town = await rememberingTown();
    for (let count = 0; count < 502; count += 1) {
      town.ports.clock.advance(1000);
      await left(town, `Note ${count}`, [`src/part${count % 40}/a.ts`]);
    }
    const texts: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await town.ports.store.notesOf(town.townId, { limit: 100, cursor });
      texts.push(...page.items.map(({ text }) => text));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(texts).toHaveLength(500);
    expect([texts[0], texts.at(-1)]).toEqual(['Note 501', 'Note 2']);
    expect((await search(town, { q: 'note', limit: '100' })).results).toHaveLength(100);
  });
});
