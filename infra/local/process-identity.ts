// A process named so that a reused process number is not mistaken for it: number and start time.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Start time as the system tells it (clock ticks on Linux, a date text elsewhere); undefined when no such process lives. */
export const startTimeOf = (pid: number): string | undefined => {
  if (process.platform !== 'linux') {
    const text = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    return text === '' ? undefined : text.replaceAll(/\s+/g, '-');
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program name is in brackets and may hold spaces: count fields behind it. Field 3 is the state, field 22 the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // No such entry: the process is gone.
    return undefined;
  }
};

/** `<pid>@<start time>` of a live process. */
export const identityOf = (pid: number): string | undefined => {
  const started = startTimeOf(pid);
  return started === undefined ? undefined : `${pid}@${started}`;
};

/** The process number of an identity that still lives. */
export const livePidOf = (identity: string): number | undefined => {
  const pid = Number(/^(\d+)@/.exec(identity)?.[1]);
  return Number.isSafeInteger(pid) && identityOf(pid) === identity ? pid : undefined;
};
