// What may happen only once, kept in a small file so that a restart does not play it again.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { OnceMemory } from './decision.ts';

const stored = z.array(z.string());
const read = (path: string): string[] => {
  try {
    const parsed = stored.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : [];
  } catch {
    // No file yet, or a torn one: nothing has happened as far as we know.
    return [];
  }
};

export const onceMemory = (path?: string): OnceMemory => {
  const marks = new Set(path === undefined ? [] : read(path));
  return {
    first: (mark) => {
      if (marks.has(mark)) return false;
      marks.add(mark);
      if (path !== undefined) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(`${path}.new`, JSON.stringify([...marks]));
        renameSync(`${path}.new`, path);
      }
      return true;
    },
  };
};
