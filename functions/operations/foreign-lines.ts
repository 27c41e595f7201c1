// The lines of imported files: kept in Files, part by part, as they came; and the ids that their records have here.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { beadIdSchema } from '../contracts/primitives.schema.ts';
import type { ForeignLine } from '../contracts/issue.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import type { Ports } from '../ports.ts';

export const hashOfLine = (line: string): string => createHash('sha256').update(line).digest('hex');

/** The work item that hides an import until it is committed. */
const importMark = 'import#';
export const importWorkId = (importId: string): string => `${importMark}${importId}`;
/** The import that a `batch` work item hides; undefined for a batch of beads that were slung. */
export const importIdOf = (workId: string): string | undefined =>
  workId.startsWith(importMark) ? workId.slice(importMark.length) : undefined;

const aliasPrefix = 'bd';
const aliasCharacters = 12;
/** The id itself where it fits this product; otherwise always the same other one. */
export const idOfForeign = (foreignId: string): string => {
  if (beadIdSchema.safeParse(foreignId).success) return foreignId;
  const number = BigInt(`0x${createHash('sha256').update(foreignId).digest('hex')}`);
  return `${aliasPrefix}-${number.toString(36).slice(0, aliasCharacters)}`;
};

const pathOf = (townId: string, importId: string, part: number): string => `towns/${townId}/imports/${importId}/${part}.jsonl`;

/** Lines as they are numbered, from 1; empty ones stay so that numbers hold. A line may end with CR LF. */
export const linesOf = (text: string): string[] => text.replace(/^\uFEFF/, '').split(/\r?\n/);

/** What the work item of an import carries. */
const importDataSchema = z.object({ rigId: z.string(), userId: z.string(), hold: z.boolean(), parts: z.array(z.int().min(1)) });
export type ImportData = z.infer<typeof importDataSchema>;
export const importDataOf = (item: WorkItem): ImportData => importDataSchema.parse(JSON.parse(item.data ?? '{}'));

interface PartName {
  readonly importId: string;
  readonly part: number;
}
/** `taken`: the part was kept before with other content. */
export const keepPart = async (ports: Pick<Ports, 'files'>, townId: string, name: PartName, text: string): Promise<'kept' | 'taken'> => {
  const path = pathOf(townId, name.importId, name.part);
  const before = await ports.files.get(path);
  if (before !== undefined) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(before) === text ? 'kept' : 'taken';
  await ports.files.put(path, new TextEncoder().encode(text));
  return 'kept';
};
/** Once no bead points to them. */
export const forgetParts = (ports: Pick<Ports, 'files'>, townId: string, importId: string): Promise<void> =>
  ports.files.removePrefix(`towns/${townId}/imports/${importId}/`);

/** Reads parts once each. */
export const partReader = (ports: Pick<Ports, 'files'>, townId: string) => {
  const parts = new Map<string, Promise<string[]>>();
  const lines = (importId: string, part: number): Promise<string[]> => {
    const path = pathOf(townId, importId, part);
    const known = parts.get(path);
    if (known !== undefined) return known;
    const read = ports.files
      .get(path)
      .then((body) => (body === undefined ? [] : linesOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body))));
    parts.set(path, read);
    return read;
  };
  return {
    lines,
    /** Undefined when the file is gone or is another one. */
    lineOf: async (foreign: ForeignLine): Promise<string | undefined> => {
      const line = (await lines(foreign.importId, foreign.part))[foreign.line - 1];
      return line !== undefined && hashOfLine(line) === foreign.hash ? line : undefined;
    },
  };
};
export type PartReader = ReturnType<typeof partReader>;
