// Would the simulator notice? One fault at a time is planted in a town's rules, and the judges must turn red within some seeds.
// `npm run prove simulator-faults`; a part of it: `npm run prove simulator-faults -- --only B4,M1`.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { BigLife, BigSize } from '../rules/simulation/big-town.ts';
import { liveBig } from '../rules/simulation/big-town.ts';
import type { Planted } from '../rules/simulation/planted.ts';

const hourMs = 3_600_000;
/** Each tried with these seeds, in order, until one is red. */
const seeds = [1, 2, 3, 4, 5, 6] as const;
const size: BigSize = { beads: 40, troubleMs: 2.5 * hourMs, restMs: 60 * hourMs };
/** Only damage from outside makes what these two set right; without a fault they do. */
const needDamage: readonly string[] = ['B4', 'B5', 'nothing'];

const rules = [
  'A0 A1 A2 A3 A4 A5 A6',
  'B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12',
  'C1 C4 G1 H1 H2 H3 H4 M1 M2 M4 M5',
  'R1 R2 R5 S1 T2 W1 W2',
].flatMap((line) => line.split(' '));
/** Nothing is broken by these: they show that red comes from the fault alone. */
const controls: readonly Planted[] = [
  { how: 'drop', what: 'nothing' },
  { how: 'twice', what: 'every action' },
];

/**
 * What no judge can see, because of who heals it or because a simulated town never comes there. Everything else must turn red.
 * The tests of these rules in docs/rules.md hold them.
 */
export const unseen: Readonly<Record<string, string>> = {
  'drop A1': 'healed: an agent that is lost is quiet as well, which A5, B6 and triage see',
  'drop A2': 'never made: hook and state of an agent are written together',
  'drop A3': 'never made: hook and state of an agent are written together',
  'drop A5': 'healed: B6 takes the bead of an agent that says nothing any more',
  'drop A6': 'not looked at: towns come to rest before an agent has rested for a day',
  'drop B2': 'rarely made: who gives a bead back fails it with its last attempt; B2 is for limits that are lowered while it waits',
  'drop B6': 'healed: A5 stops an agent that says nothing; none of these agents works for hours',
  'drop H1': 'healed: mail that was read is closed by its reader',
  'drop T2': 'healed: A5 and A1 decide about an agent after a time although triage does not',
  'drop W2': 'costs only: what rests is looked at more often',
};

export interface Tried {
  readonly fault: string;
  /** How many seeds it took; undefined when all were good. */
  readonly seedsUntilRed: number | undefined;
  readonly why: string;
}

const nameOf = ({ how, what }: Planted): string => `${how} ${what}`;
const judged = (planted: Planted, lives: readonly BigLife[]): Tried => {
  const red = lives.findIndex(({ problems }) => problems.length > 0);
  return { fault: nameOf(planted), seedsUntilRed: red < 0 ? undefined : red + 1, why: lives[red]?.problems[0]?.slice(0, 200) ?? '' };
};
export const tryFault = async (planted: Planted, tried: readonly number[] = seeds): Promise<Tried> => {
  const lives: BigLife[] = [];
  for (const seed of tried) {
    const life = await liveBig(seed, { ...size, damaged: needDamage.includes(planted.what), planted });
    lives.push(life);
    if (life.problems.length > 0) break;
  }
  return judged(planted, lives);
};

const inThreads = async (faults: readonly Planted[]): Promise<Tried[]> => {
  const found: Tried[] = [];
  const left = [...faults];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('../rules/simulation/fault-worker.ts', import.meta.url));
      const give = (): void => {
        const next = left.shift();
        if (next === undefined) void worker.terminate();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        else worker.postMessage(next);
      };
      worker.on('message', (tried: Tried) => {
        found.push(tried);
        process.stderr.write(`${found.length}/${faults.length} ${tried.fault}: ${tried.seedsUntilRed ?? '-'} ${tried.why}\n`);
        give();
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        resolve();
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4, faults.length) }, work));
  return found;
};

export interface Faults {
  readonly suite: 'simulator-faults';
  readonly rounds: number;
  /** Faults that stayed unseen and should not, and controls that turned red. */
  readonly failures: readonly Tried[];
  readonly details: { readonly table: Readonly<Record<string, string>> };
}

/** The sample tries two rules, and that nothing is red without a fault. */
const sample: readonly Planted[] = [
  { how: 'drop', what: 'nothing' },
  { how: 'drop', what: 'B4' },
  { how: 'drop', what: 'B5' },
];

export const run = async ({ full, args = [] }: { readonly full: boolean; readonly args?: readonly string[] }): Promise<Faults> => {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
  const all: Planted[] = [...controls, ...rules.map((what) => ({ how: 'drop', what }) as const)];
  const only = values.only?.split(',');
  const faults = full ? all.filter(({ what }) => only?.includes(what) ?? true) : sample;
  const found = full ? await inThreads(faults) : await Promise.all(faults.map((planted) => tryFault(planted, seeds.slice(0, 1))));
  const isControl = ({ fault }: Tried): boolean => controls.some((planted) => nameOf(planted) === fault);
  const isWrong = (tried: Tried): boolean =>
    isControl(tried) ? tried.seedsUntilRed !== undefined : tried.seedsUntilRed === undefined && unseen[tried.fault] === undefined;
  const row = (tried: Tried): string =>
    tried.seedsUntilRed === undefined ? (unseen[tried.fault] ?? 'never red') : `red with seed ${tried.seedsUntilRed}: ${tried.why}`;
  return {
    suite: 'simulator-faults',
    rounds: faults.length,
    failures: found.filter(isWrong),
    details: { table: Object.fromEntries(found.map((tried) => [tried.fault, row(tried)])) },
  };
};
