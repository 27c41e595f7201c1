// `npm run bench -- --json`: speed, memory and cost figures of this machine. Compare ratios within one run: machines are noisy.
import { cpus } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAgentHour } from './bench/agent-hour.ts';
import { measureDispatch } from './bench/dispatch.ts';
import { measureLife } from './bench/life.ts';
import { measureFlatCost } from './bench/flat-cost.ts';
import { measurePlainLife } from './bench/plain-life.ts';
import { measureConvoy } from './bench/convoy.ts';
import { startLocalTown } from './e2e/local-town.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Seconds from the start of the process to a usable page, on fresh data and again on the same data. */
const measureStart = async (): Promise<{ firstSeconds: number; laterSeconds: number }> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gastown-bench-start-'));
  const once = async (): Promise<number> => {
    const startMs = performance.now();
    const town = await startLocalTown({ demo: true, dataDir });
    const page = await fetch(town.url());
    await page.text();
    const seconds = Math.round((performance.now() - startMs) / 100) / 10;
    await town.stop();
    return seconds;
  };
  try {
    return { firstSeconds: await once(), laterSeconds: await once() };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};

say('Start-up …');
const start = await measureStart();
say('t1: sling accepted → desired set served, 30 slings at one a second …');
const dispatch = await measureDispatch(30, 1000);
say('Units of the plain life of a bead, step by step …');
const unitsPerStep = await measurePlainLife();
say('Units of an hour of work of one agent, alone and among thirty …');
const unitsPerAgentHour = [await measureAgentHour(1), await measureAgentHour(30)];
say('Passes of a busy town while its past grows …');
const flatCost = await measureFlatCost([100, 10_000, 100_000], 200);
say('Life of single beads with real agents …');
const life = await measureLife(4, 300);
say('The demo: a message to the Mayor → three beads merged …');
const convoy = await measureConvoy();
const result = {
  at: new Date().toISOString(),
  machine: { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
  start,
  ...dispatch,
  unitsPerStep,
  unitsPerAgentHour,
  flatCost,
  ...life,
  convoy,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result, null, 2)}\n`
    : `${Object.entries(result)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        .join('\n')}\n`,
);
process.exit(0);
