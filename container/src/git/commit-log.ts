// Reads commits as the control plane records them. Whatever somebody wrote into a commit, what comes out here fits the contract of a commit.
import type { Commit } from '../../../functions/contracts/commit.schema.ts';
import { limits as contractLimits } from '../../../functions/contracts/primitives.schema.ts';

/** The contract's limit for one list. */
const maxCommits = 50;
const fields = ['%H', '%an', '%ae', '%cn', '%ct', '%at', '%B'] as const;
/** A commit holds no NUL byte, so that a record always has as many fields as were asked for. */
const format = `--format=${fields.join('%x00')}`;

/** Limits of the contract, in characters. The message is cut far below its own: a stored item holds 400 KB at most, and may hold fifty commits. */
const limits = { name: 200, email: 320, message: 1500 } as const;
/** All commits of one list as JSON; a workflow passes a result on in at most 256 KB. */
const maxListBytes = 128 * 1024;
const leastMessage = 80;
/** An ISO time has a year of four digits. */
const lastSecond = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** Newest first, at most 50: `git` arguments whose output `parseCommitLog` reads. */
export const commitLogArgs = (range: string, ...more: readonly string[]): string[] => [
  'log',
  '-z',
  `--max-count=${maxCommits}`,
  '--no-show-signature',
  ...more,
  format,
  range,
  '--',
];

/** Never inside a character of two code units. */
const cut = (text: string, maxCharacters: number): string =>
  text.length <= maxCharacters ? text : text.slice(0, maxCharacters).replace(/[\uD800-\uDBFF]$/, '');
const oneLine = (text: string, maxCharacters: number): string => cut(text.replaceAll(/\p{Cc}+/gu, ' ').trim(), maxCharacters);
const paragraphs = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .trim();

/** The committer's time, else the author's, else the epoch: a commit may carry any number, or none. */
const timeOf = (...seconds: readonly string[]): string => {
  const good = seconds.find((text) => /^\d{1,12}$/.test(text) && Number(text) <= lastSecond);
  return new Date(Number(good ?? 0) * 1000).toISOString();
};

const shortened = (commits: readonly Commit[], maxMessage: number): Commit[] => {
  const shorter = commits.map((commit) => ({ ...commit, message: cut(commit.message, maxMessage).trimEnd() }));
  return Buffer.byteLength(JSON.stringify(shorter)) <= maxListBytes || maxMessage <= leastMessage
    ? shorter
    : shortened(commits, Math.floor(maxMessage / 2));
};

/** Never throws: a record that names no commit is left out, a field that is too long is cut. */
export const parseCommitLog = (text: string): Commit[] => {
  const parts = text.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + fields.length <= parts.length && commits.length < maxCommits; at += fields.length) {
    const [sha = '', authorName = '', authorEmail = '', committerName = '', committed = '', authored = '', message = ''] = parts.slice(at);
    if (!/^[0-9a-f]{40}$/.test(sha)) continue;
    commits.push({
      sha,
      message: paragraphs(message),
      authorName: oneLine(authorName, limits.name),
      authorEmail: oneLine(authorEmail, limits.email),
      committerName: oneLine(committerName, limits.name),
      at: timeOf(committed, authored),
    });
  }
  return shortened(commits, limits.message);
};

/** `git` arguments whose output `changedPathsIn` reads: the files that differ between two commits or, without a base, all of them. */
export const changedPathsArgs = (base: string | undefined, sha: string): string[] =>
  base === undefined
    ? ['ls-tree', '-r', '-z', '--name-only', '--full-tree', sha]
    : ['diff', '-z', '--name-only', '--no-renames', '--no-ext-diff', base, sha, '--'];

/** Paths that end with NUL, as many as the contract takes; one that is too long, or holds what is no text, is left out. */
export const changedPathsIn = (text: string): string[] =>
  text
    .split('\0')
    .filter((path) => path !== '' && path.length <= contractLimits.changedPathCharacters && path.isWellFormed())
    .slice(0, contractLimits.changedPaths);
