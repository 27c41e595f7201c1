// Finds the processes of a local town, to kill them as a power cut would.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { livePidOf } from '../../infra/local/process-identity.ts';

const recordSchema = z.object({ identity: z.string() });

/** The runner of each town of a data directory that lives. */
export const runnerPids = (dataDir: string): readonly number[] =>
  readdirSync(dataDir)
    .filter((name) => name.startsWith('town-'))
    .flatMap((name) => {
      try {
        const pid = livePidOf(recordSchema.parse(JSON.parse(readFileSync(join(dataDir, name, 'runner.json'), 'utf8'))).identity);
        return pid === undefined ? [] : [pid];
      } catch {
        // No runner was started for this town yet.
        return [];
      }
    });

/** DynamoDB Local of a data directory, as its process file names it. */
export const dynamodbPid = (dataDir: string): number | undefined => {
  try {
    return livePidOf(readFileSync(join(dataDir, 'dynamodb', 'dynamodb-local.pid'), 'utf8').trim());
  } catch {
    // It was never started, or is being started again.
    return undefined;
  }
};

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly rssBytes: number;
}
const pageBytes = 4096;
const processes = (): readonly ProcessEntry[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (fields[0] === 'Z') return [];
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
            rssBytes: Number(fields[21]) * pageBytes,
          },
        ];
      } catch {
        // It ended while we looked.
        return [];
      }
    });

/** Everything below a process, itself not included. */
export const descendantsOf = (pid: number): readonly ProcessEntry[] => {
  const all = processes();
  const found: ProcessEntry[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((entry) => parents.has(entry.parent));
    found.push(...children);
    parents = new Set(children.map((entry) => entry.pid));
  }
  return found;
};

export const rssOf = (pid: number): number => processes().find((entry) => entry.pid === pid)?.rssBytes ?? 0;
/** opencode servers of a runner; the program itself, not the `setpriv` or shell in front of it. */
export const opencodeServers = (runnerPid: number): readonly ProcessEntry[] =>
  descendantsOf(runnerPid).filter((entry) => /^\S*opencode\S* serve/.test(entry.command));
