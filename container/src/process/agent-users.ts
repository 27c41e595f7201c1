// Unix users for agents: a fixed pool of names on the machine, claimed by files that name the holder, reused when the holder has gone.
// A user never sees what an earlier holder left: that folder goes to root and all of the user's processes are ended before the claim.
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RunnerLog } from '../log.ts';
import { readState, removeState, writeState } from '../state-file.ts';
import { killUser, startTimeOf } from './process-records.ts';
import { runProcess } from './run-process.ts';
import type { UnixUser } from './run-process.ts';

/** Users made on this machine are shared by all its towns; users given by an image belong to the one town that runs in it. */
export const sharedClaimsDir = '/run/gastown-users';
const poolSize = 64;
const claimSchema = z.object({
  name: z.string(),
  dataDir: z.string(),
  agentId: z.string(),
  folder: z.string(),
  runnerPid: z.int(),
  runnerStart: z.string(),
  usedAtMs: z.number(),
});
type Claim = z.infer<typeof claimSchema>;
/** Agents' users that the image brought along, where none can be made because the root file system is read-only. */
const usersOfImage = (): string[] | undefined => {
  try {
    accessSync('/etc', constants.W_OK);
    return undefined;
  } catch {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':')[0] ?? '')
      .filter((name) => /^gtn-\d+$/.test(name));
  }
};
const environment = { PATH: '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' };

const has = async (program: string): Promise<boolean> =>
  (await runProcess({ command: 'sh', args: ['-c', `command -v ${program}`], cwd: '/', env: environment })).exitCode === 0;

/** Why this machine cannot give agents their own users; undefined when it can. */
export const missingForIsolation = async (existing: readonly string[] | undefined): Promise<string | undefined> => {
  if (process.platform !== 'linux') return 'own users for agents exist on Linux only';
  if (process.getuid?.() !== 0) return 'the runner does not run as root';
  if (!(await has('setpriv'))) return 'the program setpriv (util-linux) is missing';
  if (existing === undefined && !(await has('useradd'))) return 'the program useradd is missing';
  return undefined;
};

const lookUp = async (name: string): Promise<UnixUser | undefined> => {
  const found = await runProcess({ command: 'id', args: ['-u', name], cwd: '/', env: environment });
  if (found.exitCode !== 0) return undefined;
  const group = await runProcess({ command: 'id', args: ['-g', name], cwd: '/', env: environment });
  return { name, uid: Number(found.stdout.toString('utf8').trim()), gid: Number(group.stdout.toString('utf8').trim()) };
};

/** Makes the user when it does not exist. useradd locks /etc/passwd; another one at the same time is waited for. */
const ensureUser = async (name: string): Promise<UnixUser> => {
  for (let attempt = 0; ; attempt += 1) {
    const user = await lookUp(name);
    if (user !== undefined) return user;
    const made = await runProcess({
      command: 'useradd',
      args: ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/bash', name],
      cwd: '/',
      env: environment,
    });
    if (made.exitCode !== 0 && attempt >= 20) throw new Error(`The Unix user ${name} could not be made: ${made.stderr.trim()}`);
    if (made.exitCode !== 0) await sleep(100);
  }
};

export interface AgentUsers {
  /** The user of this agent; the same one each time as long as nobody else needed it. Throws when all are taken. */
  claim(agentId: string, folder: string): Promise<UnixUser>;
}

const holderLives = (claim: Claim): boolean => startTimeOf(claim.runnerPid) === claim.runnerStart;

/** The claims of a folder, and a lock that every runner of the machine heeds. */
const claimsIn = (claimsDir: string) => {
  const lock = join(claimsDir, 'lock');
  const own = { runnerPid: process.pid, runnerStart: startTimeOf(process.pid) ?? '' };
  return {
    pathOf: (name: string): string => join(claimsDir, `${name}.json`),
    all: (): ReadonlyMap<string, Claim> => {
      const claims = new Map<string, Claim>();
      for (const file of readdirSync(claimsDir)) {
        const claim = readState(join(claimsDir, file), claimSchema);
        if (claim !== undefined) claims.set(claim.name, claim);
      }
      return claims;
    },
    locked: async <T>(work: () => Promise<T>): Promise<T> => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          mkdirSync(lock);
          break;
        } catch {
          const holder = readState(join(claimsDir, 'holder.json'), z.object({ runnerPid: z.int(), runnerStart: z.string() }));
          if (attempt > 20 && (holder === undefined || startTimeOf(holder.runnerPid) !== holder.runnerStart))
            rmSync(lock, { recursive: true, force: true });
          await sleep(25);
        }
      }
      try {
        writeState(join(claimsDir, 'holder.json'), own);
        return await work();
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    },
  };
};

/** Gives back every user that a data folder's agents had; no runner of it lives. Whatever still runs as one of them is ended first. */
export const releaseUsers = async (claimsDir: string, dataDir: string): Promise<void> => {
  if (!existsSync(claimsDir)) return;
  const claims = claimsIn(claimsDir);
  await claims.locked(async () => {
    for (const { name } of [...claims.all().values()].filter((claim) => claim.dataDir === dataDir && !holderLives(claim))) {
      const user = await lookUp(name);
      if (user !== undefined) await killUser(user);
      removeState(claims.pathOf(name));
    }
  });
};

export interface AgentUsersOptions {
  readonly dataDir: string;
  /** Machine-wide folder of the claims; only root may enter it. */
  readonly claimsDir: string;
  readonly existing: readonly string[] | undefined;
  readonly isRunning: (agentId: string) => boolean;
  readonly nowMs: () => number;
  readonly log: RunnerLog;
}

export const createAgentUsers = (options: AgentUsersOptions): AgentUsers => {
  const { dataDir, claimsDir, log } = options;
  mkdirSync(claimsDir, { recursive: true, mode: 0o700 });
  chmodSync(claimsDir, 0o700);
  const names =
    options.existing ?? usersOfImage() ?? Array.from({ length: poolSize }, (_, index) => `gtn-${String(index + 1).padStart(2, '0')}`);
  const own = { runnerPid: process.pid, runnerStart: startTimeOf(process.pid) ?? '' };
  const claims = claimsIn(claimsDir);

  const choose = (agentId: string): { name: string; former?: Claim } => {
    const known = claims.all();
    for (const claim of known.values()) {
      if (claim.dataDir === dataDir && claim.agentId === agentId && names.includes(claim.name)) return { name: claim.name };
    }
    // Users of folders that were deleted come before new ones, so that a machine that runs many short towns keeps few users.
    const gone = [...known.values()].find((claim) => names.includes(claim.name) && !existsSync(claim.dataDir) && !holderLives(claim));
    if (gone !== undefined) return { name: gone.name, former: gone };
    const free = names.find((name) => !known.has(name));
    if (free !== undefined) return { name: free };
    const reusable = [...known.values()]
      .filter(
        (claim) => names.includes(claim.name) && (claim.dataDir === dataDir ? !options.isRunning(claim.agentId) : !holderLives(claim)),
      )
      .toSorted((left, right) => left.usedAtMs - right.usedAtMs)[0];
    if (reusable === undefined) throw new Error(`All ${names.length} Unix users for agents are in use on this machine.`);
    return { name: reusable.name, former: reusable };
  };

  return {
    claim: (agentId, folder) =>
      claims.locked(async () => {
        const { name, former } = choose(agentId);
        const user = await ensureUser(name);
        if (former !== undefined) {
          await killUser(user);
          if (existsSync(former.folder)) {
            chownSync(former.folder, 0, 0);
            chmodSync(former.folder, 0o700);
          }
          log.info('agent_user_reused', { user: name, agentId });
        }
        const claim: Claim = { name, dataDir, agentId, folder, ...own, usedAtMs: options.nowMs() };
        writeState(claims.pathOf(name), claim);
        return user;
      }),
  };
};
