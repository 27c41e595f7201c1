// Small JSON files that survive SIGKILL: written beside, synced, renamed. A file that cannot be parsed counts as absent.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

export const writeFileAtomically = (path: string, text: string, mode = 0o600): void => {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.new`;
  const handle = openSync(beside, 'w', mode);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, path);
};

export const writeState = (path: string, value: unknown): void => writeFileAtomically(path, JSON.stringify(value));

/** Undefined when the file is absent or is not what the schema says (a half-written file of a killed process). */
export const readState = <S extends z.ZodType>(path: string, schema: S): z.infer<S> | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

export const removeState = (path: string): void => rmSync(path, { force: true });
