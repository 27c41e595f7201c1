// The environment of the runner's own git: its own configuration file, and the rig's credential only in the environment of the one process that needs it.
import { join } from 'node:path';
import type { RouteInput, RouteResponse } from '../../../functions/contracts/routes.ts';
import { writeFileAtomically } from '../state-file.ts';

export interface RunnerGit {
  /** For work on local repositories. */
  readonly localEnv: Readonly<Record<string, string>>;
  /** For talking to the host of a rig. Asks the control plane each time, so a renewed credential is used at once. */
  hostEnv(rigId: string): Promise<Readonly<Record<string, string>>>;
}

export interface RunnerGitOptions {
  /** The runner's closed folder. */
  readonly own: string;
  readonly path: string;
  readonly home: string;
  readonly sshAuthSocket: string | undefined;
  readonly credentialOf: (request: RouteInput<'runnerGitCredential'>['body']) => Promise<RouteResponse<'runnerGitCredential'>>;
  readonly hasCredential: (rigId: string) => boolean;
}

const configText = `[safe]
\tdirectory = *
[user]
\tname = Gastown
\temail = runner@gastown.invalid
[gc]
\tauto = 0
[maintenance]
\tauto = false
[core]
\thooksPath = /dev/null
[advice]
\tdetachedHead = false
`;
const askpassText = `#!/bin/sh
case "$1" in
  Username*) printf '%s\\n' "$GASTOWN_GIT_USERNAME" ;;
  *) printf '%s\\n' "$GASTOWN_GIT_PASSWORD" ;;
esac
`;

export const createRunnerGit = (options: RunnerGitOptions): RunnerGit => {
  const config = join(options.own, 'gitconfig');
  const askpass = join(options.own, 'askpass.sh');
  writeFileAtomically(config, configText);
  writeFileAtomically(askpass, askpassText, 0o700);
  const localEnv = {
    PATH: options.path,
    HOME: options.home,
    LANG: 'C',
    GIT_CONFIG_GLOBAL: config,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  return {
    localEnv,
    hostEnv: async (rigId) => {
      const ssh = {
        GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new -oConnectTimeout=20',
        ...(options.sshAuthSocket === undefined ? {} : { SSH_AUTH_SOCK: options.sshAuthSocket }),
      };
      const base = { ...localEnv, ...ssh, GIT_ASKPASS: askpass, GIT_HTTP_LOW_SPEED_LIMIT: '100', GIT_HTTP_LOW_SPEED_TIME: '60' };
      if (!options.hasCredential(rigId)) return { ...base, GASTOWN_GIT_USERNAME: '', GASTOWN_GIT_PASSWORD: '' };
      const credential = await options.credentialOf({ rigId });
      return { ...base, GASTOWN_GIT_USERNAME: credential.username ?? '', GASTOWN_GIT_PASSWORD: credential.password ?? '' };
    },
  };
};
