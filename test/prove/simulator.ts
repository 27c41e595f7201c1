// Does a town come to rest whatever happens? Whole towns of 500 beads with everything that people, agents and the cloud do to them, on virtual
// time. `npm run prove simulator`; one seed again: `npm run prove simulator -- --first-seed 17 --seeds 1` (and `--beads 500`).
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { liveBig } from '../rules/simulation/big-town.ts';
import type { BigLife } from '../rules/simulation/big-town.ts';

const full = { seeds: 200, beads: 500 } as const;
const sample = { seeds: 4, beads: 60 } as const;
const mostThreads = 8;

export interface Simulator {
  readonly suite: 'simulator';
  readonly rounds: number;
  readonly failures: readonly BigLife[];
  readonly details: {
    readonly firstSeed: number;
    readonly beads: number;
    readonly passes: number;
    readonly kills: number;
    readonly dispatches: number;
    readonly longestSimulatedHours: number;
    readonly faults: Readonly<Record<string, number>>;
    readonly happened: Readonly<Record<string, number>>;
  };
}
interface Plan {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly beads: number;
}

const tell = (life: BigLife, count: number, { seeds }: Plan): void => {
  const how = life.problems.length === 0 ? 'good' : `BAD: ${life.problems.join(' | ').slice(0, 500)}`;
  process.stderr.write(`${count}/${seeds} seed ${life.seed}: ${life.beads} beads, ${life.passes} passes, ${life.kills} kills, ${how}\n`);
};
const silent = (seed: number): BigLife => ({
  seed,
  problems: ['this life never ended'],
  beads: 0,
  passes: 0,
  kills: 0,
  dispatches: 0,
  faults: {},
  happened: {},
  simulatedHours: 0,
});

/** Each thread takes the next seed when it is free. A thread that dies has failed its seed. */
const inThreads = async (plan: Plan): Promise<BigLife[]> => {
  const lives: BigLife[] = [];
  let next = plan.firstSeed;
  const live = (): Promise<void> =>
    new Promise((resolve) => {
      const worker = new Worker(new URL('../rules/simulation/big-worker.ts', import.meta.url), { workerData: { beads: plan.beads } });
      let current: number | undefined;
      const give = (): void => {
        current = next < plan.firstSeed + plan.seeds ? next : undefined;
        next += 1;
        if (current === undefined) void worker.terminate();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        else worker.postMessage({ seed: current });
      };
      const took = (life: BigLife): void => {
        lives.push(life);
        current = undefined;
        tell(life, lives.length, plan);
      };
      worker.on('message', (life: BigLife) => {
        took(life);
        give();
      });
      worker.on('error', (error) => {
        if (current !== undefined) took({ ...silent(current), problems: [error.message] });
      });
      worker.on('exit', () => {
        if (current !== undefined) took(silent(current));
        resolve();
      });
      give();
    });
  const threads = Math.min(availableParallelism(), mostThreads, plan.seeds);
  await Promise.all(Array.from({ length: threads }, live));
  return lives;
};

const here = async (plan: Plan): Promise<BigLife[]> => {
  const lives: BigLife[] = [];
  for (let seed = plan.firstSeed; seed < plan.firstSeed + plan.seeds; seed += 1) lives.push(await liveBig(seed, { beads: plan.beads }));
  return lives;
};

const sum = (lives: readonly BigLife[], of: (life: BigLife) => number): number => lives.reduce((total, life) => total + of(life), 0);
const allOf = (lives: readonly BigLife[], of: (life: BigLife) => Readonly<Record<string, number>>): Record<string, number> => {
  const total = new Map<string, number>();
  for (const life of lives) for (const [name, count] of Object.entries(of(life))) total.set(name, (total.get(name) ?? 0) + count);
  return Object.fromEntries([...total].toSorted(([one], [other]) => one.localeCompare(other)));
};

const planFrom = (args: readonly string[]): Plan => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { 'first-seed': text, seeds: text, beads: text } });
  return {
    firstSeed: Number(values['first-seed'] ?? 1),
    seeds: Number(values.seeds ?? full.seeds),
    beads: Number(values.beads ?? full.beads),
  };
};

/** `args`: those behind the name of the suite. */
export const run = async ({
  full: isFull,
  args = [],
}: {
  readonly full: boolean;
  readonly args?: readonly string[];
}): Promise<Simulator> => {
  const plan = isFull ? planFrom(args) : { firstSeed: 1, ...sample };
  const lives = isFull ? await inThreads(plan) : await here(plan);
  return {
    suite: 'simulator',
    rounds: plan.seeds,
    failures: lives.filter((life) => life.problems.length > 0),
    details: {
      firstSeed: plan.firstSeed,
      beads: plan.beads,
      passes: sum(lives, (life) => life.passes),
      kills: sum(lives, (life) => life.kills),
      dispatches: sum(lives, (life) => life.dispatches),
      longestSimulatedHours: Math.max(0, ...lives.map((life) => life.simulatedHours)),
      faults: allOf(lives, (life) => life.faults),
      happened: allOf(lives, (life) => life.happened),
    },
  };
};
