// Whether a document answers a search, and how well. Pure.
import type { HistoryDocument } from '../../contracts/search.schema.ts';
import { meet } from './files.ts';
import { wordsOf } from './words.ts';

export interface Wanted {
  readonly words: readonly string[];
  readonly kind?: HistoryDocument['kind'] | undefined;
  readonly rigId?: string | undefined;
  readonly path?: string | undefined;
}

/** Of one or two words all must be there, of more two thirds. */
const needed = (count: number): number => (count <= 2 ? count : Math.ceil((count * 2) / 3));
const shortestBeginning = 3;
const weight = { exact: 2, beginning: 1, title: 2, file: 2 } as const;

const standsIn = (word: string, words: ReadonlySet<string>): 'exact' | 'beginning' | undefined => {
  if (words.has(word)) return 'exact';
  if (word.length < shortestBeginning) return undefined;
  for (const candidate of words) if (candidate.startsWith(word)) return 'beginning';
  return undefined;
};

/** 0: it is no answer. */
export const scoreOf = (document: HistoryDocument, wanted: Wanted): number => {
  if (wanted.kind !== undefined && document.kind !== wanted.kind) return 0;
  if (wanted.rigId !== undefined && document.rigId !== wanted.rigId) return 0;
  const { path } = wanted;
  if (path !== undefined && document.files?.some((file) => meet(file, path)) !== true) return 0;
  if (wanted.words.length === 0) return 1;
  const words = new Set(document.words.split(' '));
  const title = new Set(wordsOf(document.title));
  const files = new Set((document.files ?? []).flatMap(wordsOf));
  let hits = 0;
  let score = 0;
  for (const word of wanted.words) {
    const inTitle = standsIn(word, title);
    const inFiles = standsIn(word, files);
    const inWords = standsIn(word, words);
    const best = inTitle ?? inFiles ?? inWords;
    if (best === undefined) continue;
    hits += 1;
    score += weight[best] + (inTitle === undefined ? 0 : weight.title) + (inFiles === undefined ? 0 : weight.file);
  }
  return hits >= needed(wanted.words.length) ? score / wanted.words.length : 0;
};
