// Counted model calls that the control plane has not taken yet. On disk, so that a killed runner loses no spending.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { usageRowSchema } from '../../functions/contracts/agent.schema.ts';
import type { UsageRow } from '../../functions/contracts/agent.schema.ts';

export interface UsageLog {
  add(row: UsageRow): void;
  /** Those that the control plane has not taken yet. */
  all(): readonly UsageRow[];
  next(limit: number): UsageRow[];
  taken(rows: readonly UsageRow[]): void;
}

const parseLine = (line: string): UsageRow[] => {
  try {
    const parsed = usageRowSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    // The last line of a killed runner may be cut off.
    return [];
  }
};

export const openUsageLog = (path: string): UsageLog => {
  mkdirSync(dirname(path), { recursive: true });
  let rows: UsageRow[] = [];
  try {
    rows = readFileSync(path, 'utf8').split('\n').flatMap(parseLine);
  } catch {
    /* the first runner on this folder */
  }
  const rewrite = (): void => writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { mode: 0o600 });
  rewrite();
  return {
    add: (row) => {
      rows.push(row);
      appendFileSync(path, `${JSON.stringify(row)}\n`);
    },
    all: () => rows,
    next: (limit) => rows.slice(0, limit),
    taken: (gone) => {
      if (gone.length === 0) return;
      const ids = new Set(gone.map((row) => row.callId));
      rows = rows.filter((row) => !ids.has(row.callId));
      rewrite();
    },
  };
};
