// Starts the real runner as a process of its own in a temporary folder, with a real upstream repository beside it.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrapToken, testTown } from './fake-control-plane.ts';
import type { FakeControlPlane } from './fake-control-plane.ts';

export interface TestTown {
  readonly folder: string;
  readonly dataDir: string;
  /** A bare repository with one commit on main. */
  readonly upstream: string;
  git(...args: string[]): string;
  start(isolation?: 'agent' | 'none'): TestRunner;
  remove(): void;
}
export interface TestRunner {
  readonly child: ChildProcess;
  readonly output: () => string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

const gitEnv = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Seed',
  GIT_AUTHOR_EMAIL: 'seed@example.com',
  GIT_COMMITTER_NAME: 'Seed',
  GIT_COMMITTER_EMAIL: 'seed@example.com',
};

const run = (cwd: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd, env: gitEnv, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export const makeTown = (plane: FakeControlPlane): TestTown => {
  const folder = mkdtempSync(join(tmpdir(), 'gastown-runner-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const upstream = join(folder, 'upstream.git');
  const seed = join(folder, 'seed');
  mkdirSync(seed);
  run(folder, 'init', '-q', '--bare', '--initial-branch=main', upstream);
  run(folder, 'clone', '-q', upstream, seed);
  writeFileSync(join(seed, 'README.md'), '# Sample\n');
  run(seed, 'checkout', '-q', '-B', 'main');
  run(seed, 'add', '.');
  run(seed, 'commit', '-q', '-m', 'Start');
  run(seed, 'push', '-q', 'origin', 'main');
  return {
    folder,
    dataDir,
    upstream,
    git: (...args) => run(upstream, ...args).trim(),
    start: (isolation = 'agent') => {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../../container/src/main.ts')], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          GASTOWN_API_URL: plane.url,
          GASTOWN_BOOTSTRAP_TOKEN: bootstrapToken,
          GASTOWN_TOWN_ID: testTown,
          GASTOWN_DATA_DIR: dataDir,
          GASTOWN_ISOLATION: isolation,
        },
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
      });
      return {
        child,
        output: () => output,
        kill: async () => {
          child.kill('SIGKILL');
          await ended;
        },
        stop: async () => {
          child.kill('SIGTERM');
          return ended;
        },
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
};

/** Waits until the value is there; the message says what was waited for. */
export const eventually = async <T>(what: string, look: () => T | undefined | false, limitMs = 60_000): Promise<T> => {
  const until = performance.now() + limitMs;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > until) throw new Error(`waited ${limitMs} ms for ${what}`);
    await sleep(50);
  }
};
