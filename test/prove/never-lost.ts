// Is work never lost? Thousands of simulated lives of a town with the real rules: hints dropped, doubled and late, passes side by side and
// killed at any commit or outside call, runners and executions dying. Every bead ends closed, none is on two hooks, the convoy lands once.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { liveOnce } from '../rules/simulation/town.ts';
import type { Life } from '../rules/simulation/town.ts';

const fullSeeds = 10_000;
const sampleSeeds = 150;
const settledSeeds = 5;

export interface NeverLost {
  readonly suite: 'never-lost';
  readonly rounds: number;
  readonly failures: readonly Life[];
  readonly details: {
    readonly passes: number;
    readonly kills: number;
    readonly dispatches: number;
    readonly longestSimulatedMinutes: number;
    readonly seedsPerSecond: number;
  };
}

const inThread = (seeds: readonly number[]): Promise<Life[]> =>
  new Promise((resolve, reject) => {
    const lives: Life[] = [];
    const worker = new Worker(new URL('../rules/simulation/worker.ts', import.meta.url), { workerData: { seeds } });
    worker.on('message', (life: Life) => {
      lives.push(life);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      resolve(lives);
    });
  });

const inThreads = async (seeds: readonly number[]): Promise<Life[]> => {
  const threads = Math.min(availableParallelism(), 8);
  const parts = Array.from({ length: threads }, (_, thread) => seeds.filter((seed) => seed % threads === thread));
  return (await Promise.all(parts.map(inThread))).flat();
};

const here = async (seeds: readonly number[]): Promise<Life[]> => {
  const lives: Life[] = [];
  for (const seed of seeds) lives.push(await liveOnce(seed, seed % settledSeeds === 0));
  return lives;
};

const sum = (lives: readonly Life[], of: (life: Life) => number): number => lives.reduce((total, life) => total + of(life), 0);

/** `firstSeed`: other seeds than the usual ones, for a second opinion. A seed that did not answer at all is a failure too. */
export const run = async ({ full, firstSeed = 1 }: { readonly full: boolean; readonly firstSeed?: number }): Promise<NeverLost> => {
  const seeds = Array.from({ length: full ? fullSeeds : sampleSeeds }, (_, index) => firstSeed + index);
  const startedMs = performance.now();
  const lives = full ? await inThreads(seeds) : await here(seeds);
  const seconds = (performance.now() - startedMs) / 1000;
  const answered = new Set(lives.map((life) => life.seed));
  const silent = seeds
    .filter((seed) => !answered.has(seed))
    .map((seed): Life => ({ seed, problems: ['this life never ended'], passes: 0, kills: 0, dispatches: 0, simulatedMinutes: 0 }));
  return {
    suite: 'never-lost',
    rounds: seeds.length,
    failures: [...lives.filter((life) => life.problems.length > 0), ...silent],
    details: {
      passes: sum(lives, (life) => life.passes),
      kills: sum(lives, (life) => life.kills),
      dispatches: sum(lives, (life) => life.dispatches),
      longestSimulatedMinutes: Math.max(...lives.map((life) => life.simulatedMinutes)),
      seedsPerSecond: Math.round((lives.length / seconds) * 10) / 10,
    },
  };
};
