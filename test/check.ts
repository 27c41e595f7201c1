// `npm test` and `npm run check`: every check and every test, one line each, and the line `N passed, N failed` at the end.
// `--only types,lint` runs some of them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ensureWeb } from '../infra/local/web-build.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}
interface Step {
  readonly name: string;
  /** Said when it is red. */
  readonly howToFix: string;
  run(): Promise<Outcome>;
}
const root = join(import.meta.dirname, '..');

const runProgram = (file: string, args: readonly string[], live: boolean): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
    });
    let output = '';
    const take = (part: Buffer): void => {
      output += part.toString('utf8');
      if (live) process.stdout.write(part);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => {
      resolve({ code: 1, output: `${output}\n${error.message}` });
    });
    child.on('close', (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
const program = (name: string, howToFix: string, ...command: readonly [string, ...string[]]): Step => ({
  name,
  howToFix,
  run: async () => {
    const [file, ...args] = command;
    const { code, output } = await runProgram(file, args, false);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
  },
});

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
  success: z.boolean(),
});
const tests: Step = {
  name: 'tests',
  howToFix: 'Run one file: node_modules/.bin/vitest run <path>.',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gastown-check-'));
    const report = join(folder, 'report.json');
    const { code, output } = await runProgram(
      'vitest',
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      true,
    );
    try {
      const counted = vitestReport.parse(JSON.parse(readFileSync(report, 'utf8')));
      const broken = code !== 0 && counted.numFailedTests === 0 ? Math.max(1, counted.numFailedTestSuites) : 0;
      const skipped = counted.numPendingTests > 0 ? 1 : 0;
      return {
        passed: counted.numPassedTests,
        failed: counted.numFailedTests + broken + skipped,
        output: skipped === 1 ? 'A test was skipped; nothing may be skipped.' : '',
      };
    } catch (error) {
      return { passed: 0, failed: 1, output: `${output}\nvitest left no report: ${error instanceof Error ? error.message : ''}` };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const steps: readonly Step[] = [
  program('format', 'Run `npm run format`.', 'oxfmt', '--check', '.'),
  program('types', 'Read the first error; run `node_modules/.bin/tsc -p tsconfig.json`.', 'tsc', '-p', 'tsconfig.json'),
  program('types of the dashboard', 'Run `node_modules/.bin/tsc -p web/tsconfig.json`.', 'tsc', '-p', 'web/tsconfig.json'),
  program('lint', 'Run `node_modules/.bin/oxlint --type-aware --fix`; the rest by hand.', 'oxlint', '--type-aware', '--deny-warnings'),
  program('unused code', 'Remove what knip names, or use it.', 'knip', '--no-progress'),
  {
    name: 'dashboard builds',
    howToFix: 'Run `node_modules/.bin/vite build web`.',
    run: async () => {
      try {
        await ensureWeb(root, () => undefined);
        return { passed: 1, failed: 0, output: '' };
      } catch (error) {
        return { passed: 0, failed: 1, output: error instanceof Error ? error.message : 'unknown' };
      }
    },
  },
  program('synth', 'Run `npm run synth`.', process.execPath, 'infra/aws/synth.ts', '--quiet'),
  tests,
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',');
const chosen = steps.filter((step) => wanted === undefined || wanted.includes(step.name));
if (chosen.length === 0) {
  process.stderr.write(`No such check. Known: ${steps.map((step) => step.name).join(', ')}\n`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const step of chosen) {
  const startedMs = performance.now();
  const outcome = await step.run();
  passed += outcome.passed;
  failed += outcome.failed;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${outcome.failed === 0 ? 'ok  ' : 'RED '} ${step.name} (${seconds} s)\n`);
  if (outcome.failed > 0) process.stdout.write(`${outcome.output.slice(-20_000)}\n     How to fix: ${step.howToFix}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
