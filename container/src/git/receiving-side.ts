// The receiving side of a push to a repository on this machine. git starts it in its own environment; the hooks of that repository must see a push
// like anybody's: not the runner's configuration (which switches hooks off), not its credentials.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../state-file.ts';

/** Environment variable that names the program that receives; set for commands that talk to a host. */
export const receivePackVariable = 'GASTOWN_RECEIVE_PACK';

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};
const quoted = (path: string): string => `"${path.replace(/[\\"]/g, '\\$&')}"`;
const shellQuoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

export interface ReceivingSideOptions {
  /** The runner's closed folder. */
  readonly own: string;
  readonly home: string;
  /** Names of the runner's variables that the receiving side must not see. */
  readonly hidden: readonly string[];
}

/** Writes the program and its configuration: the user's own, and that the repository may belong to another user. Returns the program's path. */
export const writeReceivingSide = ({ own, home, hidden }: ReceivingSideOptions): string => {
  const config = join(own, 'receiving-side.gitconfig');
  const program = join(own, 'receive-pack.sh');
  const ofTheUser = [join(home, '.config/git/config'), join(home, '.gitconfig')].filter(isReadable);
  writeFileAtomically(config, `${ofTheUser.map((path) => `[include]\n\tpath = ${quoted(path)}\n`).join('')}[safe]\n\tdirectory = *\n`);
  writeFileAtomically(
    program,
    `#!/bin/sh\nunset ${hidden.join(' ')}\nGIT_CONFIG_GLOBAL=${shellQuoted(config)}\nexport GIT_CONFIG_GLOBAL\nexec git receive-pack "$@"\n`,
    0o700,
  );
  return program;
};

/** As git tells a path from a host (source: git-push, "Git URLs"): no scheme but file, and no colon before the first slash. */
export const isOnThisMachine = (url: string): boolean => {
  if (/^file:\/\//i.test(url)) return true;
  return !/^[^/]*:/.test(url);
};

/** Arguments of `git push` for this address. */
export const receivePackArgs = (env: Readonly<Record<string, string>>, url: string): string[] => {
  const program = env[receivePackVariable];
  return program === undefined || !isOnThisMachine(url) ? [] : [`--receive-pack=sh ${shellQuoted(program)}`];
};
