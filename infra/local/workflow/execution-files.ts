// Executions as JSON files: one file each, replaced atomically, so that a kill leaves the old or the new one.
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const executionSchema = z.object({
  machine: z.enum(['merge', 'train']),
  name: z.string().min(1).max(80),
  input: z.record(z.string(), z.union([z.string(), z.number()])),
  status: z.enum(['running', 'succeeded', 'failed', 'timed_out', 'aborted']),
  startedAtMs: z.int().nonnegative(),
  endedAtMs: z.int().nonnegative().optional(),
  /** Name and message of the error that ended it. */
  error: z.string().max(4000).optional(),
});
export type Execution = z.infer<typeof executionSchema>;

export interface ExecutionFiles {
  readAll(): readonly Execution[];
  /** On disk when it returns. */
  write(execution: Execution): void;
  remove(execution: Execution): void;
}

const unreadable = '.unreadable';
/** `onUnreadable` hears of files that hold no execution; they are put aside. */
export const createExecutionFiles = (folder: string, onUnreadable: (file: string) => void): ExecutionFiles => {
  mkdirSync(folder, { recursive: true });
  const pathOf = ({ machine, name }: Pick<Execution, 'machine' | 'name'>): string => join(folder, `${machine}.${name}.json`);
  const readOne = (file: string): Execution[] => {
    try {
      return [executionSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))];
    } catch {
      renameSync(join(folder, file), join(folder, `${file}${unreadable}`));
      onUnreadable(file);
      return [];
    }
  };
  return {
    readAll: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .toSorted()
        .flatMap(readOne),
    write: (execution) => {
      const path = pathOf(execution);
      const file = openSync(`${path}.new`, 'w');
      try {
        writeSync(file, JSON.stringify(execution));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.new`, path);
    },
    remove: (execution) => {
      rmSync(pathOf(execution), { force: true });
    },
  };
};
