// Programs that npm cannot install: finds them, installs them where the system's package manager can, else says how.
// Plain JavaScript without packages, like launch.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';

const runs = (file, args) => spawnSync(file, args, { stdio: 'ignore' }).status === 0;
const javaIsThere = () => {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const major = /version "(\d+)/.exec(`${java.stderr ?? ''}${java.stdout ?? ''}`)?.[1];
  return java.status === 0 && major !== undefined && Number(major) >= 17;
};
export const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const programs = {
  git: { what: 'git 2.38 or newer', isThere: () => runs('git', ['--version']), apt: ['git'], brew: 'git', optional: false },
  java: {
    what: 'Java 17 or newer (for DynamoDB Local)',
    isThere: javaIsThere,
    apt: ['openjdk-17-jre-headless'],
    brew: 'openjdk@17',
    optional: false,
  },
  chromium: {
    what: 'Chromium (for the browser tests)',
    isThere: () => chromiumPaths.some((path) => existsSync(path)) || (process.env.GASTOWN_CHROMIUM ?? '') !== '',
    apt: ['chromium'],
    brew: '--cask google-chrome',
    optional: false,
  },
};

const isContainer = () => existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env.container !== undefined;
const isRoot = () => process.getuid?.() === 0;
const unattended = () => process.env.CI !== undefined || isContainer() || !process.stdin.isTTY;

const agreed = async (question) => {
  if (unattended()) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [Y/n] `);
  prompt.close();
  return !/^n/i.test(answer.trim());
};

const howTo = (missing) =>
  missing
    .map(
      ({ what, apt, brew }) =>
        `  ${what}: \`sudo apt-get install ${apt.join(' ')}\` on Debian and Ubuntu, \`brew install ${brew}\` on macOS`,
    )
    .join('\n');

/** Exits with a sentence when something is missing and cannot be installed here. */
export const ensurePrograms = async (names) => {
  const missing = names.map((name) => programs[name]).filter((program) => !program.isThere());
  if (missing.length === 0) return;
  const list = missing.map(({ what }) => what).join(' and ');
  const canInstall =
    process.platform === 'linux' && runs('apt-get', ['--version']) && (isRoot() || (process.stdin.isTTY && runs('sudo', ['-V'])));
  if (canInstall && (await agreed(`${list} is missing. Install it with apt-get?`))) {
    process.stderr.write(`Installing ${list} with apt-get …\n`);
    const [first, prefix] = isRoot() ? ['apt-get', []] : ['sudo', ['apt-get']];
    spawnSync(first, [...prefix, 'update', '-qq'], { stdio: ['inherit', 2, 2] });
    spawnSync(first, [...prefix, 'install', '-y', '-qq', '--no-install-recommends', ...missing.flatMap(({ apt }) => apt)], {
      stdio: ['inherit', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  const still = missing.filter((program) => !program.isThere());
  if (still.length === 0) return;
  process.stderr.write(`Still missing:\n${howTo(still)}\nInstall it and run the same command again.\n`);
  process.exit(1);
};
