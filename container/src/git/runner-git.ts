// The environment of the runner's own git: its own configuration file, and the rig's credential only in the environment of the one process that needs it.
import { join } from 'node:path';
import type { RouteInput, RouteResponse } from '../../../functions/contracts/routes.ts';
import { writeFileAtomically } from '../state-file.ts';
import { recordsVariable } from './host-command.ts';
import { receivePackVariable, writeReceivingSide } from './receiving-side.ts';

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

/** A file, because git takes `safe.directory` from files only, and because it must hold for a repository on this machine at the other end as well. */
const configText = `[safe]
\tdirectory = *
`;
/** In the environment, which git does not hand to the other end of a path: there the hooks are the host's own and must run. */
const settings = [
  ['core.hooksPath', '/dev/null'],
  ['user.name', 'Gastown'],
  ['user.email', 'runner@gastown.invalid'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
] as const;
const settingsEnv: Readonly<Record<string, string>> = Object.fromEntries([
  ['GIT_CONFIG_COUNT', String(settings.length)],
  ...settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]),
]);
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
    ...settingsEnv,
  };
  const base: Record<string, string> = {
    ...localEnv,
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new -oConnectTimeout=20 -oServerAliveInterval=20',
    ...(options.sshAuthSocket === undefined ? {} : { SSH_AUTH_SOCK: options.sshAuthSocket }),
    GIT_ASKPASS: askpass,
    GIT_HTTP_LOW_SPEED_LIMIT: '100',
    GIT_HTTP_LOW_SPEED_TIME: '60',
    GASTOWN_GIT_USERNAME: '',
    GASTOWN_GIT_PASSWORD: '',
  };
  const hidden = Object.keys(base).filter((name) => /^(GIT|GASTOWN)_/.test(name) && name !== 'GIT_CONFIG_GLOBAL');
  const program = writeReceivingSide({ own: options.own, home: options.home, hidden: [...hidden, receivePackVariable] });
  const hostBase = { ...base, [receivePackVariable]: program, [recordsVariable]: options.own };
  return {
    localEnv,
    hostEnv: async (rigId) => {
      if (!options.hasCredential(rigId)) return hostBase;
      const credential = await options.credentialOf({ rigId });
      return { ...hostBase, GASTOWN_GIT_USERNAME: credential.username ?? '', GASTOWN_GIT_PASSWORD: credential.password ?? '' };
    },
  };
};
