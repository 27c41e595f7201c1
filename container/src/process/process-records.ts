// Finds and ends every process that a runner on this data folder ever started for a holder (an agent, the gates of a rig, a git command), also after
// the runner itself was killed.
// Three nets: the recorded process group (with its start time, so a reused pid is left alone), the mark in the environment, and the holder's user.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readState, removeState, writeState } from '../state-file.ts';
import { runProcess } from './run-process.ts';
import type { UnixUser } from './run-process.ts';

/** Environment variable that every process of an agent or a gate carries: `<data folder>#<holder>`. */
export const processMark = 'GASTOWN_PROCESS_MARK';
export const markOf = (dataDir: string, agentId: string): string => `${dataDir}#${agentId}`;

const recordSchema = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  agentId: z.string(),
  user: z.object({ name: z.string(), uid: z.int(), gid: z.int() }).optional(),
});

/** When a process was started, in the system's own words; undefined when it does not exist. Equal pid and start time mean the same process. */
export const startTimeOf = (pid: number): string | undefined => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
};

const recordPath = (folder: string, agentId: string): string => join(folder, 'processes', `${agentId}.json`);
export const recordProcess = (folder: string, agentId: string, pid: number, user: UnixUser | undefined): void =>
  writeState(recordPath(folder, agentId), { pid, startTime: startTimeOf(pid) ?? '', agentId, ...(user === undefined ? {} : { user }) });

const marked = (isOurs: (mark: string) => boolean): number[] => {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const entry = readFileSync(`/proc/${name}/environ`, 'utf8')
        .split('\0')
        .find((one) => one.startsWith(`${processMark}=`));
      if (entry !== undefined && isOurs(entry.slice(processMark.length + 1))) found.push(Number(name));
    } catch {
      /* another user's process, or it has ended */
    }
  }
  return found;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    /* it has ended already */
  }
};

/** Ends every process of a Unix user that belongs to agents; needs root. */
export const killUser = async (user: UnixUser): Promise<void> => {
  await runProcess({ command: 'sh', args: ['-c', 'kill -9 -1'], cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, user });
};

/** Ends what one holder left. Repeated until nothing carries its mark, because a process may fork while it is looked for. */
export const killProcessesOf = async (folder: string, dataDir: string, agentId: string, user: UnixUser | undefined): Promise<void> => {
  const record = readState(recordPath(folder, agentId), recordSchema);
  if (record !== undefined && startTimeOf(record.pid) === record.startTime) kill(-record.pid);
  if (user !== undefined) await killUser(user);
  for (let round = 0; round < 5; round += 1) {
    const left = marked((mark) => mark === markOf(dataDir, agentId));
    if (left.length === 0) break;
    left.forEach(kill);
  }
  removeState(recordPath(folder, agentId));
};

/** At start: ends what a former runner on this data folder left behind. Returns how many processes there were. */
export const killLeftovers = async (folder: string, dataDir: string): Promise<number> => {
  let count = 0;
  let names: string[] = [];
  try {
    names = readdirSync(join(folder, 'processes'));
  } catch {
    /* first start on this folder */
  }
  for (const name of names) {
    const record = readState(join(folder, 'processes', name), recordSchema);
    if (record === undefined) continue;
    if (startTimeOf(record.pid) === record.startTime) count += 1;
    await killProcessesOf(folder, dataDir, record.agentId, record.user);
  }
  for (let round = 0; round < 5; round += 1) {
    const left = marked((mark) => mark.startsWith(`${dataDir}#`));
    if (left.length === 0) break;
    count += left.length;
    left.forEach(kill);
  }
  return count;
};
