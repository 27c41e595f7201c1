import { describe, expect, it } from 'vitest';
import { commitSchema } from '../../../functions/contracts/commit.schema.ts';
import { changedPathsIn, parseCommitLog } from './commit-log.ts';

const sha = (digit: string): string => digit.repeat(40);
const record = (...fields: string[]): string => `${fields.join('\0')}\0`;
const ordinary = [sha('a'), 'Ada', 'ada@example.com', 'Toast', '1795255200', '1795255100', 'Say hello\n\nBead-ID: web-1\n'];

describe('a list of commits', () => {
  it('is read field by field, with the time of the committer', () => {
    expect(parseCommitLog(record(...ordinary) + record(sha('b'), 'Bo', 'bo@x', 'Bo', '0', '0', ''))).toEqual([
      {
        sha: sha('a'),
        authorName: 'Ada',
        authorEmail: 'ada@example.com',
        committerName: 'Toast',
        at: '2026-11-21T10:00:00.000Z',
        message: 'Say hello\n\nBead-ID: web-1',
      },
      { sha: sha('b'), authorName: 'Bo', authorEmail: 'bo@x', committerName: 'Bo', at: '1970-01-01T00:00:00.000Z', message: '' },
    ]);
  });

  it('takes the time of the author, else the epoch, when a date is none that can be written', () => {
    const at = (committed: string, authored: string): string | undefined =>
      parseCommitLog(record(sha('a'), 'A', 'a', 'A', committed, authored, ''))[0]?.at;
    expect(at('18446744073709551615', '1795255200')).toBe('2026-11-21T10:00:00.000Z');
    expect(at('', '-5')).toBe('1970-01-01T00:00:00.000Z');
    expect(at('253402300800', '')).toBe('1970-01-01T00:00:00.000Z');
    expect(at('253402300799', '')).toBe('9999-12-31T23:59:59.000Z');
  });

  it('always fits the contract: odd characters, long fields, empty names, too many records', () => {
    const odd = record(
      sha('a'),
      `A\u001fda\u0007${'😀'.repeat(300)}`,
      'e'.repeat(1000),
      '',
      '1',
      '1',
      `x\r\ny\u001b[31m${'ü'.repeat(9000)}`,
    );
    const commits = parseCommitLog(odd.repeat(80));
    expect(commits).toHaveLength(50);
    for (const commit of commits) expect(commitSchema.parse(commit)).toEqual(commit);
    expect(commits[0]?.authorName.startsWith('A da 😀')).toBe(true);
    expect(commits[0]?.authorName.isWellFormed()).toBe(true);
    expect(commits[0]?.message.startsWith('x\ny[31mü')).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(commits))).toBeLessThan(150 * 1024);
  });

  it('leaves out what names no commit', () => {
    expect(parseCommitLog('')).toEqual([]);
    expect(parseCommitLog(`warning${'\0'.repeat(7)}${record(...ordinary)}`).map((commit) => commit.sha)).toEqual([sha('a')]);
  });
});

describe('a list of changed files', () => {
  it('is read by path, with what a name may hold', () => {
    expect(changedPathsIn('src/a b.ts\0docs/ü\n.md\0')).toEqual(['src/a b.ts', 'docs/ü\n.md']);
    expect(changedPathsIn('')).toEqual([]);
  });
  it('always fits the contract: too many, too long', () => {
    expect(changedPathsIn('a.ts\0'.repeat(900))).toHaveLength(500);
    expect(changedPathsIn(`${'a'.repeat(501)}\0b.ts\0`)).toEqual(['b.ts']);
  });
});
