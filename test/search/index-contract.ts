// What every index of search must do, on whatever store.
import { describe, expect, it } from 'vitest';
import type { HistoryDocument } from '../../functions/contracts/search.schema.ts';
import { wordsOf } from '../../functions/domain/search/words.ts';
import type { HistoryQuery, SearchIndex } from '../../functions/search-index.ts';
import { BadCursor } from '../../functions/store-errors.ts';
import { freshTown } from '../store/contract-items.ts';
import { sampleItems, ulidOf } from '../store/sample-items.ts';

const rigId = 'r-8d2k1m0p';
const timeOf = (minute: number): string => new Date(Date.parse('2026-11-21T10:00:00.000Z') + minute * 60_000).toISOString();
const documentAt = (townId: string, minute: number, more: Partial<HistoryDocument> = {}): HistoryDocument => ({
  ...sampleItems(townId).history,
  at: timeOf(minute),
  id: `web-${String(minute).padStart(4, '0')}`,
  beadId: `web-${String(minute).padStart(4, '0')}`,
  version: 1,
  ...more,
});
const everyPage = async (index: SearchIndex, query: HistoryQuery): Promise<{ ids: string[]; pages: number }> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await index.find({ ...query, cursor });
    ids.push(...page.found.map(({ document }) => document.id));
    expect(page.complete).toBe(page.cursor === undefined);
    if (page.cursor === undefined) return { ids, pages };
    cursor = page.cursor;
  }
};

const documents = (anIndex: () => SearchIndex): void => {
  it('never lets an older version of a document replace a newer one, and takes the same one again', async () => {
    const index = anIndex();
    const townId = freshTown();
    const document = documentAt(townId, 1, { version: 3, title: 'Third' });
    await index.put(document);
    await index.put(document);
    await index.put({ ...document, version: 2, title: 'Second' });
    expect(await index.get(document)).toMatchObject({ title: 'Third', version: 3 });
    await Promise.all([6, 5, 4].map((version) => index.put({ ...document, version, title: `Version ${version}` })));
    expect(await index.get(document)).toMatchObject({ title: 'Version 6', version: 6 });
    await index.put({ ...document, version: 1, title: 'First' });
    expect(await index.get(document)).toMatchObject({ title: 'Version 6' });
    await index.remove(document);
    await index.remove(document);
    expect(await index.get(document)).toBeUndefined();
  });
  it('finds in its town only: newest first, page by page, none twice and none left out', async () => {
    const index = anIndex();
    const [townId, other] = [freshTown(), freshTown()];
    await Promise.all(
      [3, 1, 5, 2, 4].map((minute) =>
        index.put(documentAt(townId, minute, minute === 4 ? { shelf: 'talk', kind: 'transcript', id: `toast/2/${ulidOf(4)}` } : {})),
      ),
    );
    await index.put(documentAt(other, 9));
    const query = { townId, words: wordsOf('dark'), limit: 2 };
    expect(await everyPage(index, query)).toEqual({
      ids: ['web-0005', `toast/2/${ulidOf(4)}`, 'web-0003', 'web-0002', 'web-0001'],
      pages: 3,
    });
    expect((await everyPage(index, { ...query, kind: 'transcript' })).ids).toEqual([`toast/2/${ulidOf(4)}`]);
    expect((await index.find({ ...query, words: ['purple'], limit: 50 })).found).toEqual([]);
    expect(await index.find({ ...query, limit: 50 })).toMatchObject({ complete: true, searchedTo: timeOf(1) });
  });
  it('ranks what is in the title above what is in the text', async () => {
    const index = anIndex();
    const townId = freshTown();
    await index.put(documentAt(townId, 1, { title: 'Invoice numbers', words: 'invoice number' }));
    await index.put(documentAt(townId, 2, { title: 'Something else', words: 'something else invoice' }));
    const page = await index.find({ townId, words: ['invoice'], limit: 10 });
    expect(page.found.map(({ document }) => document.id)).toEqual(['web-0001', 'web-0002']);
  });
  it('refuses a cursor that it did not give', async () => {
    const index = anIndex();
    for (const cursor of ['x', 'bm9uc2Vuc2U', Buffer.from('{"work":{"at":1}}').toString('base64url')])
      await expect(index.find({ townId: freshTown(), words: ['dark'], limit: 2, cursor })).rejects.toBeInstanceOf(BadCursor);
  });
};

const folders = (anIndex: () => SearchIndex): void => {
  it('knows who was in a file, a folder and what is below it, and nothing of folders with a similar name', async () => {
    const index = anIndex();
    const townId = freshTown();
    const touch = (minute: number, beadId: string, ...files: string[]) =>
      index.touch({ townId, rigId, files, at: timeOf(minute), by: { beadId, agentId: 'toast' } });
    await touch(1, 'web-1aaa', 'src/billing/invoice.ts', 'src/billing/tax/rates.ts', 'README.md');
    await touch(2, 'web-2bbb', 'src/billing/invoice.ts');
    await touch(3, 'web-3ccc', 'src/billing-old/invoice.ts', 'src/app.ts');
    const foldersAt = async (path: string): Promise<string[]> =>
      (await index.tracesAt(townId, rigId, path, 50)).map((trace) => trace.folder);
    expect(await foldersAt('src/billing')).toEqual(['src/billing', 'src', 'src/billing/tax']);
    expect(await foldersAt('src/billing/')).toEqual(['src/billing', 'src/billing/tax']);
    expect(await foldersAt('src/billing/invoice.ts')).toEqual(['src/billing']);
    expect(await foldersAt('./')).toEqual(['.', 'src', 'src/billing', 'src/billing-old', 'src/billing/tax']);
    expect(await index.tracesOf(townId, 'r-0000aaaa', ['src/billing'])).toEqual([]);
    const [billing] = await index.tracesOf(townId, rigId, ['src/billing']);
    expect(billing?.touches.map(({ beadId, files }) => [beadId, files])).toEqual([
      ['web-2bbb', ['invoice.ts']],
      ['web-1aaa', ['invoice.ts']],
    ]);
  });
  it('takes the same touch again, in any order and at the same moment, and lays notes beside', async () => {
    const index = anIndex();
    const townId = freshTown();
    const by = (beadId: string) => ({ townId, rigId, files: ['src/a.ts'], at: timeOf(Number(beadId.slice(-1))), by: { beadId } });
    await Promise.all(['web-0003', 'web-0001', 'web-0002', 'web-0001'].map((beadId) => index.touch(by(beadId))));
    const note = { townId, rigId, files: ['src/a.ts', 'src/'], at: timeOf(5), by: { noteId: ulidOf(1) } };
    await index.touch(note);
    await index.touch(note);
    const [trace] = await index.tracesOf(townId, rigId, ['src']);
    expect(trace?.touches.map(({ beadId }) => beadId)).toEqual(['web-0003', 'web-0002', 'web-0001']);
    expect(trace?.notes).toEqual([{ noteId: ulidOf(1), files: [] }]);
    expect(trace?.version).toBe(4);
  });
};

export const indexContract = (anIndex: () => SearchIndex): void => {
  describe('documents', () => {
    documents(anIndex);
  });
  describe('folders', () => {
    folders(anIndex);
  });
};
