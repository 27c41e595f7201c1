// What an agent said in one stored stretch of its session, as a document of search. Pure.
import { z } from 'zod';
import { sessionPartSchema } from '../../contracts/runner.schema.ts';
import type { HistoryDocument } from '../../contracts/search.schema.ts';
import type { SessionBatch } from '../../contracts/work.schema.ts';
import { documentOf } from './document.ts';
import { wordsOf } from './words.ts';

const partsSchema = z.array(sessionPartSchema);
/** Talk is looked up as long as it is kept; so long where nothing says so. */
const keptSeconds = 90 * 24 * 60 * 60;
const mostText = 20_000;

/** Texts of the agent itself; what it was told and what its tools said is found elsewhere. */
export const saidIn = (parts: string): string[] => {
  let read: unknown;
  try {
    read = JSON.parse(parts);
  } catch {
    return [];
  }
  const parsed = partsSchema.safeParse(read);
  return (parsed.data ?? []).flatMap((part) =>
    part.kind === 'text' && part.role === 'assistant' && part.text !== undefined && part.text.trim() !== '' ? [part.text] : [],
  );
};

/** A conversation with a person is theirs: the Mayor's is not searched. */
const isPrivate = (agentId: string): boolean => agentId === 'mayor';

const titleCharacters = 120;
/** Marks of headings, emphasis and code say nothing outside of their text. */
const marks = /^\s*#{1,6}\s|\*\*|`+/gm;
const titleOf = (said: string): string => {
  const [line = ''] = said.replaceAll(marks, '').trim().split('\n');
  return line.slice(0, titleCharacters).toWellFormed();
};

export const transcriptDocument = (batch: SessionBatch): HistoryDocument | undefined => {
  const said = isPrivate(batch.agentId) ? [] : saidIn(batch.parts);
  const [first] = said;
  if (first === undefined) return undefined;
  const { townId, agentId, epoch, batchId, beadId, at } = batch;
  return documentOf(
    {
      townId,
      shelf: 'talk',
      at,
      kind: 'transcript',
      id: `${agentId}/${epoch}/${batchId}`,
      agentId,
      ...(beadId === undefined ? {} : { beadId }),
      title: titleOf(first),
      version: 1,
      deleteAfterEpochSeconds: batch.deleteAfterEpochSeconds ?? Math.floor(Date.parse(at) / 1000) + keptSeconds,
    },
    [said.join('\n').slice(0, mostText)],
  );
};

/** The key of the stretch that a transcript's document is about. */
export const batchOf = (id: string): { readonly agentId: string; readonly epoch: number; readonly batchId: string } | undefined => {
  const [agentId = '', epoch = '', batchId = ''] = id.split('/');
  return /^\d+$/.test(epoch) && batchId !== '' ? { agentId, epoch: Number(epoch), batchId } : undefined;
};

const excerptCharacters = 240;
/** The lines around the first place where most of the words stand. */
export const excerptOf = (text: string, words: readonly string[]): string => {
  const plain = text.replaceAll(marks, '').replaceAll(/\s+/g, ' ').trim();
  if (plain.length <= excerptCharacters) return plain;
  const pieces = Array.from({ length: Math.ceil(plain.length / 80) }, (_, index) => index * 80);
  const hits = (from: number): number => {
    const there = new Set(wordsOf(plain.slice(from, from + excerptCharacters)));
    return words.filter((word) => there.has(word)).length;
  };
  const best = pieces.reduce((chosen, from) => (hits(from) > hits(chosen) ? from : chosen), 0);
  const end = best + excerptCharacters;
  return `${best === 0 ? '' : '… '}${plain.slice(best, end)}${end < plain.length ? ' …' : ''}`.toWellFormed();
};
