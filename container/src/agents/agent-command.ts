// `bd` and `gt` for agents' shells: the program where every agent may read and nobody may write it, and for each agent the way to its own tools.
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../process/remove-tree.ts';
import type { UnixUser } from '../process/run-process.ts';
import { writeFileAtomically } from '../state-file.ts';
import type { AgentHome } from './agent-home.ts';

const sources = join(import.meta.dirname, '../command');
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The runner's own Node may lie where agents may not go; then theirs is taken. */
const scriptText = (program: string, main: string): string => `#!/bin/sh
# Written by the town runner.
node=${quoted(process.execPath)}
[ -x "$node" ] || node=node
exec "$node" --disable-warning=ExperimentalWarning ${quoted(main)} ${program} "$@"
`;

/** Copies the program into the folder and returns the folder for PATH. Made anew at each start of a runner. */
export const installAgentCommands = (folder: string): string => {
  removeTree(folder);
  const [program, bin] = [join(folder, 'command'), join(folder, 'bin')];
  for (const made of [folder, program, bin]) {
    mkdirSync(made);
    chmodSync(made, 0o755);
  }
  for (const name of readdirSync(sources).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))) {
    copyFileSync(join(sources, name), join(program, name));
    chmodSync(join(program, name), 0o644);
  }
  writeFileSync(join(program, 'package.json'), '{"type":"module"}\n');
  chmodSync(join(program, 'package.json'), 0o644);
  for (const name of ['bd', 'gt']) {
    writeFileSync(join(bin, name), scriptText(name, join(program, 'main.ts')));
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
};

export const toolDoorFile = (home: AgentHome): string => join(home.etc, 'tools.json');

/** Written anew at each start, as the address and the secret change with it. The secret is the one that the agent's opencode and git have. */
export const writeToolDoor = (home: AgentHome, door: { url: string; secret: string; role: string }, user: UnixUser | undefined): void => {
  const path = toolDoorFile(home);
  writeFileAtomically(path, JSON.stringify(door), 0o600);
  if (user === undefined) return;
  chownSync(path, 0, user.gid);
  chmodSync(path, 0o640);
};
