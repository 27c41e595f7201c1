import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedRow } from '../../adapters/dynamodb/counting-units.ts';
import { rowBytes } from '../../adapters/dynamodb/units.ts';
import { historySchema, traceSchema } from '../../contracts/search.schema.ts';
import { sampleItems, ulidOf } from '../../../test/store/sample-items.ts';
import { askedDocument, eventDocument, noteDocument, resultDocument } from './document.ts';
import { byFolder, meet, pathsWithin } from './files.ts';
import { scoreOf } from './match.ts';
import { pathsIn } from './named-paths.ts';
import { withStep } from './trace.ts';
import { batchOf, excerptOf, transcriptDocument } from './transcript.ts';
import { distinctWithin, wordsOf } from './words.ts';

const items = sampleItems('t-4f9k2m1q');
const { bead } = items;
const bytesOfRow = (name: 'history' | 'trace', item: object): number => rowBytes(storedRow(name, item));
const oneUnit = 1024;
const path = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), { minLength: 1, maxLength: 6 }).map((parts) =>
  parts
    .map((part) => part.replaceAll(/[/#]/g, '_'))
    .join('/')
    .slice(0, 300),
);

describe('paths that a text names', () => {
  it('are found in any text in the time that it takes to read it', () => {
    for (const part of ['+', '+a', '+.', 'a.', '@', '-+/', '/a+']) {
      for (let time = 0; time < 10; time += 1) expect(pathsIn(`${part.repeat(10_000)} src/app.ts`)).not.toContain('src/app');
    }
    expect(pathsIn('See src/billing/ and (README.md), not https://example.com/a.ts, a+b.')).toEqual(['src/billing/', 'README.md']);
  });
});

describe('words', () => {
  it('are small, without accents and plurals, taken apart where names are joined', () => {
    expect(wordsOf('parseInvoices: the Crème brûlée of web-3kf9, in HTTPServers')).toEqual([
      'parse',
      'invoice',
      'creme',
      'brulee',
      'web',
      '3kf9',
      'httpserver',
    ]);
  });
  it('are pairs of letters in scripts without spaces', () => {
    expect(wordsOf('請求書')).toEqual(['請求', '求書']);
  });
  it('keep to their size, the words of the title first, of a text the frequent ones', () => {
    expect(distinctWithin(['Invoice tax', 'rare common common'], 24)).toBe('invoice tax common rare');
    expect(distinctWithin(['Invoice tax', 'rare common common'], 19)).toBe('invoice tax common');
  });
});

describe('a document', () => {
  it('fits one write unit, whatever it is made from', () => {
    const at = items.history.at;
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 500, unit: 'grapheme' }),
        fc.string({ maxLength: 3000, unit: 'grapheme' }),
        fc.array(path, { maxLength: 60 }),
        (title, body, files) => {
          const asked = askedDocument({ ...bead, title, body });
          const pushed = { sha: 'b'.repeat(40), baseSha: 'a'.repeat(40), aheadBy: 1, epoch: 1, at };
          if (bead.details.type !== 'issue') throw new Error('not an issue');
          const result = resultDocument({ ...bead, details: { ...bead.details, pushed, doneSummary: body } }, files);
          const note = noteDocument({ ...items.note, text: body || 'x', paths: files.slice(0, 10) });
          for (const document of [asked, result, note]) {
            expect(bytesOfRow('history', historySchema.parse(document))).toBeLessThanOrEqual(oneUnit);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
  it('is made of issues, convoys and escalations, not of mail, requests and steps', () => {
    expect(askedDocument(bead)).toMatchObject({
      kind: 'bead',
      id: 'web-3kf9',
      at: bead.createdAt,
      words: expect.stringContaining('theme'),
    });
    expect(askedDocument({ ...bead, type: 'message' })).toBeUndefined();
    expect(askedDocument({ ...bead, type: 'merge_request' })).toBeUndefined();
  });
  it('of a result names commits, files and the summary; without any of them there is none', () => {
    if (bead.details.type !== 'issue') throw new Error('not an issue');
    const done = { ...bead, assigneeAgentId: 'toast', details: { ...bead.details, doneSummary: 'Colours are tokens now.' } };
    expect(resultDocument(done, ['src/theme/dark.css'])).toMatchObject({
      kind: 'commit',
      title: 'Add dark mode',
      agentId: 'toast',
      files: ['src/theme/dark.css'],
      words: expect.stringContaining('token'),
    });
    expect(resultDocument({ ...bead, details: { ...bead.details, commits: [] } })).toBeUndefined();
    const failed = { ...bead, status: 'failed' as const, failure: { code: 'x', message: 'No licence for the font' } };
    expect(resultDocument({ ...failed, details: { ...bead.details, commits: [] } })).toMatchObject({
      kind: 'event',
      title: 'No licence for the font',
    });
  });
  it('is made of events with words of their own only', () => {
    expect(eventDocument({ ...items.event, type: 'comment', data: { text: 'Use the tokens' } })).toMatchObject({ title: 'Use the tokens' });
    expect(eventDocument({ ...items.event, type: 'dispatched' })).toBeUndefined();
  });
  it('of a talk holds what the agent itself said, and nothing of the Mayor', () => {
    const part = { seq: 1, messageId: 'm', kind: 'text', atMs: 1 } as const;
    const parts = JSON.stringify([
      { ...part, role: 'user', text: 'Secret wish' },
      { ...part, role: 'assistant', text: '# Done\nThe palette is in tokens.css' },
      { ...part, role: 'assistant', kind: 'tool', text: 'output of a tool' },
    ]);
    const document = transcriptDocument({ ...items.sessionBatch, parts });
    expect(document).toMatchObject({ shelf: 'talk', agentId: 'toast', title: 'Done', words: expect.stringContaining('palette') });
    expect(document?.words).not.toMatch(/secret|output/);
    expect(batchOf(document?.id ?? '')).toEqual({ agentId: 'toast', epoch: 2, batchId: items.sessionBatch.batchId });
    expect(transcriptDocument({ ...items.sessionBatch, agentId: 'mayor', parts })).toBeUndefined();
    expect(transcriptDocument({ ...items.sessionBatch, parts: 'not json' })).toBeUndefined();
  });
  it('shows the lines where the words stand', () => {
    const text = `${'Nothing of note here. '.repeat(40)}The invoice number is made in counter.ts. ${'More of it. '.repeat(40)}`;
    expect(excerptOf(text, ['invoice', 'number'])).toContain('The invoice number is made in counter.ts.');
    expect(excerptOf('# Short\n\nof **`a`**', ['x'])).toBe('Short of a');
  });
});

describe('an answer', () => {
  const document = { ...items.history, words: 'dark mode theme palette', files: ['src/theme/dark.css'] };
  const wanted = (...words: string[]) => ({ words });
  it('has all of two words, two thirds of more, also by their beginning', () => {
    expect(scoreOf(document, wanted('dark', 'palette'))).toBeGreaterThan(0);
    expect(scoreOf(document, wanted('dark', 'purple'))).toBe(0);
    expect(scoreOf(document, wanted('dark', 'mode', 'purple'))).toBeGreaterThan(0);
    expect(scoreOf(document, wanted('pal'))).toBeGreaterThan(0);
    expect(scoreOf(document, wanted('pa'))).toBe(0);
  });
  it('is of the kind, the repository and the path that were asked for', () => {
    expect(scoreOf(document, { words: [], path: 'src/theme' })).toBeGreaterThan(0);
    expect(scoreOf(document, { words: [], path: 'src/them' })).toBe(0);
    expect(scoreOf(document, { words: ['dark'], kind: 'bead' })).toBe(0);
    expect(scoreOf(document, { words: ['dark'], rigId: 'r-0000aaaa' })).toBe(0);
  });
});

describe('files', () => {
  it('become the folders above them where there are too many, and never more than asked', () => {
    const many = ['a/b/c/1.ts', 'a/b/d/2.ts', 'a/e/3.ts', 'f/4.ts', '5.ts'];
    expect(byFolder(many, 5)).toHaveLength(5);
    expect(byFolder(many, 4).map(({ folder }) => folder)).toEqual(['a/b', 'a/e', 'f', '.']);
    expect(byFolder(many, 3).map(({ folder }) => folder)).toEqual(['a', 'f', '.']);
    expect(byFolder(many, 1)).toHaveLength(1);
    expect(pathsWithin(['src/a.ts', 'src/b.ts', 'c.ts'], 2, 100)).toEqual(['src/', './']);
  });
  it('meet when one is the other or lies in it', () => {
    expect(meet('src/billing/tax.ts', 'src/billing')).toBe(true);
    expect(meet('src/billing/', 'src/billing/tax.ts')).toBe(true);
    expect(meet('src/billing-old/tax.ts', 'src/billing')).toBe(false);
  });
});

describe('the item of a folder', () => {
  const place = { townId: 't-4f9k2m1q', rigId: 'r-8d2k1m0p' };
  it('fits one write unit whatever is touched, keeps the newest and forgets it after two years', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 80 }),
        fc.array(fc.string({ minLength: 1, maxLength: 60 }), { maxLength: 30 }),
        (folder, names) => {
          let trace = items.trace;
          for (let step = 0; step < 25; step += 1) {
            const at = new Date(Date.parse(items.trace.touches[0]?.at ?? '') + step * 1000).toISOString();
            const by = step % 5 === 4 ? { noteId: ulidOf(100 + step) } : { beadId: `web-${1000 + step}`, agentId: 'refinery-r-8d2k1m0p' };
            trace = traceSchema.parse(withStep({ ...place, folder }, trace, { names: names.slice(0, 10), at, by }) ?? trace);
            expect(bytesOfRow('trace', trace)).toBeLessThanOrEqual(oneUnit);
          }
          expect(trace.touches[0]?.beadId).toBe('web-1023');
          expect(trace.notes[0]?.noteId).toBe(ulidOf(124));
        },
      ),
      { numRuns: 40 },
    );
  });
});
