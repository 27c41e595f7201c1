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

const folderOf = (townId: string, importId: string): string => `towns/${townId}/imports/${importId}/`;
const pathOf = (townId: string, importId: string, part: number): string => `${folderOf(townId, importId)}${part}.jsonl`;

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
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
/** What is kept under the name of a part. `none` although other parts are: the import was finished before, or is still coming in. */
export const partBefore = async (
  ports: Pick<Ports, 'files'>,
  townId: string,
  name: PartName,
  text: string,
): Promise<'none' | 'same' | 'other' | 'others'> => {
  const before = await ports.files.get(pathOf(townId, name.importId, name.part));
  if (before !== undefined) return textOf(before) === text ? 'same' : 'other';
  return (await ports.files.list(folderOf(townId, name.importId))).length === 0 ? 'none' : 'others';
};
/** Call it when the import is registered: then whatever happens it is found again. */
export const putPart = (ports: Pick<Ports, 'files'>, townId: string, name: PartName, text: string): Promise<void> =>
  ports.files.put(pathOf(townId, name.importId, name.part), new TextEncoder().encode(text));
/** Once no bead points to them. */
export const forgetParts = (ports: Pick<Ports, 'files'>, townId: string, importId: string): Promise<void> =>
  ports.files.removePrefix(folderOf(townId, importId));

/** Reads parts once each. */
export const partReader = (ports: Pick<Ports, 'files'>, townId: string) => {
  const parts = new Map<string, Promise<string[]>>();
  const lines = (importId: string, part: number): Promise<string[]> => {
    const path = pathOf(townId, importId, part);
    const known = parts.get(path);
    if (known !== undefined) return known;
    const read = ports.files.get(path).then((body) => (body === undefined ? [] : linesOf(textOf(body))));
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
