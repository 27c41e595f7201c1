// The door of every npm script: makes sure that packages and programs are there, then runs the command on Node 24.
// Plain JavaScript without packages, because it runs before anything is installed and on Node 20 and newer.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensurePrograms } from './programs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Programs of each command beside Node and npm; see programs.mjs. */
const commands = {
  start: { entry: 'infra/local/start.ts', programs: ['git', 'java'] },
  test: { entry: 'test/check.ts', programs: ['git', 'java', 'chromium'] },
  check: { entry: 'test/check.ts', programs: ['git', 'java', 'chromium'] },
  prove: { entry: 'test/prove.ts', programs: ['git', 'java'] },
  bench: { entry: 'test/bench.ts', programs: ['git', 'java'] },
  pictures: { entry: 'test/pictures.ts', programs: ['git', 'java', 'chromium'] },
  format: { entry: 'test/format.ts', programs: [] },
  synth: { entry: 'infra/aws/synth.ts', programs: [] },
  deploy: { entry: 'infra/aws/deploy.ts', programs: [] },
  destroy: { entry: 'infra/aws/deploy.ts', programs: [], first: ['--destroy'] },
};

const fail = (sentence) => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

/**
 * Installs by the lock file when it is not the one that was installed last. Not `npm ci`: it refuses a lock file that lacks the binaries of
 * platforms which the registry at hand does not carry.
 */
const ensurePackages = () => {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const mark = join(root, 'node_modules', '.gastown-installed');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  process.stderr.write('Installing packages (about 1.3 GB on disk, one to two minutes; only when they change) …\n');
  const started = Date.now();
  const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0)
    fail(
      'npm install did not finish; see its message above. Check the network or the npm registry setting, then run the same command again.',
    );
  writeFileSync(mark, lock);
  process.stderr.write(`Packages are in place after ${Math.round((Date.now() - started) / 1000)} s.\n`);
};

/** opencode's program for this machine, at the version of package.json. The lock file holds the one for Linux on x86-64. */
const ensureOpencode = () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const name = `opencode-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  if ((process.env.GASTOWN_OPENCODE ?? '') !== '' || existsSync(join(root, 'node_modules', name))) return;
  process.stderr.write(`Installing ${name} …\n`);
  const npm = spawnSync(
    'npm',
    [
      'install',
      '--no-save',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${name}@${optionalDependencies['opencode-linux-x64']}`,
    ],
    { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  );
  if (npm.status !== 0)
    fail(`${name} could not be installed. Agents need opencode: install it by hand and set GASTOWN_OPENCODE to its path.`);
};

/** Node 24 or newer: this one if it is, else the one that the platform package put into node_modules. */
const findNode = () => {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return process.execPath;
  const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  for (const name of packages) {
    const path = join(root, 'node_modules', name, 'bin', 'node');
    if (existsSync(path)) return path;
  }
  return fail(
    `Node ${process.versions.node} is only enough to install, and there is no packaged Node 24 for ${process.platform}-${process.arch}. Install Node 24 (https://nodejs.org) and run the same command again.`,
  );
};

const main = async () => {
  const [name = '', ...given] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) fail(`Unknown command "${name}". Known: ${Object.keys(commands).join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node ${process.versions.node} is too old. Install Node 24 (or at least 20) and run the same command again.`);
  const args = [...(command.first ?? []), ...given];
  ensurePackages();
  if (name === 'start' || name === 'test' || name === 'check' || name === 'prove' || name === 'bench') ensureOpencode();
  if (!args.includes('--help')) await ensurePrograms(command.programs);
  const node = findNode();
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, command.entry), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
      GASTOWN_COMMAND: name,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      child.kill(signal);
    });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 1);
  });
};
await main();
