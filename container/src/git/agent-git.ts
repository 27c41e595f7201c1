// What an agent's git is told: who commits, which trailers, and the one remote it may push to. Lies in the agent's read-only folder.
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignment } from '../../../functions/contracts/runner.schema.ts';
import type { AgentHome } from '../agents/agent-home.ts';
import type { UnixUser } from '../process/run-process.ts';
import { writeFileAtomically } from '../state-file.ts';

const oneLine = (text: string): string => text.replace(/[\r\n\0]+/g, ' ').trim();
/** A git configuration value in double quotes. */
const quoted = (text: string): string => `"${oneLine(text).replace(/[\\"]/g, '\\$&')}"`;
const shellQuoted = (text: string): string => `'${oneLine(text).replace(/'/g, `'\\''`)}'`;

/** Author and committer as environment, which wins over any configuration of a repository. */
export const identityEnvironment = (commit: Assignment['commit']): Record<string, string> =>
  commit === undefined
    ? {}
    : {
        GIT_AUTHOR_NAME: oneLine(commit.authorName),
        GIT_AUTHOR_EMAIL: oneLine(commit.authorEmail),
        GIT_COMMITTER_NAME: oneLine(commit.committerName),
        GIT_COMMITTER_EMAIL: oneLine(commit.committerEmail),
      };

const configText = (assignment: Assignment, home: AgentHome, doorUrl: string, secret: string): string => {
  const { commit } = assignment;
  return `[safe]
\tdirectory = *
[core]
\thooksPath = ${quoted(home.hooks)}
${commit === undefined ? '' : `[user]\n\tname = ${quoted(commit.committerName)}\n\temail = ${quoted(commit.committerEmail)}\n`}[http ${quoted(`${doorUrl}/`)}]
\textraHeader = ${quoted(`Authorization: Bearer ${secret}`)}
[push]
\tdefault = current
\tautoSetupRemote = true
[pull]
\trebase = false
[advice]
\tdetachedHead = false
[gc]
\tauto = 0
[commit]
\tgpgsign = false
[init]
\tdefaultBranch = main
`;
};

/** Runs for both hooks: prepare-commit-msg cannot be skipped with --no-verify, commit-msg sees what an editor wrote. Adds nothing twice and nothing to an empty message. */
const hookText = (trailers: readonly string[]): string => `#!/bin/sh
# Written by the town runner: every commit says which bead it is for and who asked.
grep -qv -e '^#' -e '^[[:space:]]*$' "$1" || exit 0
exec git interpret-trailers --in-place --if-exists addIfDifferent ${trailers.map((trailer) => `--trailer ${shellQuoted(trailer)}`).join(' ')} "$1"
`;

/** Written anew at each start: the address and the secret change with it. */
export const writeAgentGit = (
  assignment: Assignment,
  home: AgentHome,
  door: { url: string; secret: string },
  user: UnixUser | undefined,
): void => {
  const config = join(home.etc, 'gitconfig');
  writeFileAtomically(config, configText(assignment, home, door.url, door.secret), 0o600);
  if (user !== undefined) {
    chownSync(config, 0, user.gid);
    chmodSync(config, 0o640);
  }
  const trailers = assignment.commit?.trailers ?? [];
  for (const name of ['prepare-commit-msg', 'commit-msg']) {
    const path = join(home.hooks, name);
    writeFileAtomically(path, trailers.length === 0 ? '#!/bin/sh\nexit 0\n' : hookText(trailers), 0o755);
    chmodSync(path, 0o755);
  }
};
