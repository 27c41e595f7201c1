// Where everything lies on disk, and who may read it. The runner's own folder is closed to agents; what agents must reach lies under
// `base`, which is the data folder when every folder above it can be passed by other users, else a folder under /var/lib.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeTree } from './process/remove-tree.ts';

export interface Layout {
  readonly dataDir: string;
  readonly base: string;
  /** The runner's own: sessions, command results, process records. */
  readonly own: string;
  readonly mirrors: string;
  readonly agents: string;
  /** The programs `bd` and `gt` of agents' shells. */
  readonly agentCommands: string;
  /** Where commands make their checkouts. */
  readonly commands: string;
  /** Receiving repositories of the push remote. */
  readonly incoming: string;
}

const canBePassedByOthers = (path: string): boolean => {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
};

const elsewhere = '/var/lib/gastown';
/** File in a base elsewhere that names its data folder. */
const originName = 'data-folder';
const baseElsewhere = (realDataDir: string): string => join(elsewhere, createHash('sha256').update(realDataDir).digest('hex').slice(0, 12));
/** What lies elsewhere for a data folder; undefined when nothing does. */
export const elsewhereFor = (realDataDir: string): string | undefined => {
  const origin = join(baseElsewhere(realDataDir), originName);
  return existsSync(origin) && readFileSync(origin, 'utf8') === realDataDir ? dirname(origin) : undefined;
};
/** What lies in a folder for many towns goes when a town's data folder is gone. */
export const forgetRemovedTowns = (folder: string): void => {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const base = join(folder, name);
    const origin = join(base, originName);
    if (existsSync(origin) && !existsSync(readFileSync(origin, 'utf8'))) removeTree(base);
  }
};

/** The runner's own folder in a data folder. */
export const ownFolder = (realDataDir: string): string => join(realDataDir, 'runner');

/** Makes the folders. `separateUsers`: agents run under users of their own. */
export const prepareLayout = (dataDir: string, separateUsers: boolean): Layout => {
  mkdirSync(dataDir, { recursive: true });
  const real = realpathSync(dataDir);
  if (separateUsers) chmodSync(real, 0o711);
  const isElsewhere = separateUsers && !canBePassedByOthers(real);
  if (separateUsers) forgetRemovedTowns(elsewhere);
  const base = isElsewhere ? baseElsewhere(real) : real;
  const layout: Layout = {
    dataDir: real,
    base,
    own: ownFolder(real),
    mirrors: join(base, 'mirrors'),
    agents: join(base, 'agents'),
    agentCommands: join(base, 'agent-commands'),
    commands: join(base, 'commands'),
    incoming: join(real, 'incoming'),
  };
  mkdirSync(base, { recursive: true, mode: 0o711 });
  if (isElsewhere) writeFileSync(join(base, originName), real, { mode: 0o600 });
  for (const folder of [layout.own, layout.incoming]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }
  for (const [folder, mode] of [
    [layout.mirrors, 0o755],
    [layout.agents, 0o711],
    [layout.commands, 0o711],
  ] as const) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, mode);
  }
  return layout;
};
