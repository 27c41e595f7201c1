// Runs the pinned cdk command of this repository with the Node that runs now.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Resolves with the exit code. The command prints for itself. */
export const cdk = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  });

export interface GivenArguments {
  /** Path of the options file. */
  readonly options: string;
  readonly flags: ReadonlySet<string>;
  /** The rest, for the cdk command. */
  readonly rest: readonly string[];
}
/** Takes `--options <path>` and the named flags out of a command line. */
export const readArguments = (args: readonly string[], flags: readonly string[]): GivenArguments => {
  const at = args.indexOf('--options');
  const path = at === -1 ? undefined : args[at + 1];
  const others = args.filter((_, index) => at === -1 || (index !== at && index !== at + 1));
  return {
    options: path ?? join(root, 'gastown.deploy.json'),
    flags: new Set(others.filter((arg) => flags.includes(arg))),
    rest: others.filter((arg) => !flags.includes(arg)),
  };
};
