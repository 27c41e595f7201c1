// An agent's folder: what it owns (home, work, tmp) and what it may only read (etc: git configuration, hooks). Closed to every other agent.
import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../process/remove-tree.ts';
import type { UnixUser } from '../process/run-process.ts';

export interface AgentHome {
  readonly folder: string;
  readonly home: string;
  readonly work: string;
  readonly temp: string;
  readonly etc: string;
  readonly hooks: string;
}

export const homeOf = (agentsFolder: string, agentId: string): AgentHome => {
  const folder = join(agentsFolder, agentId);
  const etc = join(folder, 'etc');
  return { folder, home: join(folder, 'home'), work: join(folder, 'work'), temp: join(folder, 'tmp'), etc, hooks: join(etc, 'hooks') };
};

const chownTree = (path: string, user: UnixUser): void => {
  lchownSync(path, user.uid, user.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) chownTree(join(path, name), user);
};

/** A link does not count: what lies behind it is not the agent's. */
const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * opencode's own configuration folder, which nobody may write: it would install packages into it, for each agent again. What an agent put in its
 * place goes.
 */
const closeOpencodeFolder = (home: AgentHome): void => {
  const folder = join(home.home, 'config', 'opencode');
  if (isFolder(folder)) chmodSync(folder, 0o700);
  removeTree(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, '.gitignore'), '*\n');
  chmodSync(folder, 0o555);
};

/** Makes the folders; with a user, hands them over (the whole tree only when the user changed since last time). No process of the agent runs. */
export const prepareHome = (home: AgentHome, user: UnixUser | undefined): void => {
  mkdirSync(home.folder, { recursive: true });
  if (user !== undefined) {
    // Closed while things change hands.
    chownSync(home.folder, 0, 0);
    chmodSync(home.folder, 0o700);
  }
  for (const folder of [home.etc, home.hooks]) mkdirSync(folder, { recursive: true });
  // What programs leave behind grows with every start.
  removeTree(home.temp);
  for (const folder of [home.home, home.work, home.temp]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (user !== undefined && lstatSync(folder).uid !== user.uid) chownTree(folder, user);
    if (user !== undefined) chmodSync(folder, 0o700);
  }
  for (const name of ['config', 'data', 'state', 'cache']) {
    const folder = join(home.home, name);
    if (!isFolder(folder)) {
      rmSync(folder, { force: true });
      mkdirSync(folder, { mode: 0o700 });
    }
    if (user !== undefined) lchownSync(folder, user.uid, user.gid);
  }
  closeOpencodeFolder(home);
  if (user === undefined) return;
  for (const folder of [home.etc, home.hooks, home.folder]) {
    chownSync(folder, 0, user.gid);
    chmodSync(folder, 0o750);
  }
};

/** After an agent has stopped: nobody but the runner may enter, whoever gets its user next. */
export const closeHome = (home: AgentHome, user: UnixUser | undefined): void => {
  if (user === undefined) return;
  chownSync(home.folder, 0, 0);
  chmodSync(home.folder, 0o700);
};
