// `npm run prove <suite>`: the long proofs in full, JSON on standard output. `npm test` runs small samples of the same suites.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const resultSchema = z.looseObject({ suite: z.string(), rounds: z.int(), failures: z.array(z.unknown()) });
const suiteModule = z.object({
  run: z.custom<(options: { full: boolean; args: readonly string[] }) => Promise<unknown>>((value) => typeof value === 'function'),
});

const folder = join(import.meta.dirname, 'prove');
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -3))
  .toSorted();
/** Suites that take more than their name. */
const withOptions: readonly string[] = ['fuzz', 'simulator', 'simulator-faults'];
const [suite = '', ...args] = process.argv.slice(2);
if (!known.includes(suite) || (args.length > 0 && !withOptions.includes(suite))) {
  process.stderr.write(
    `Usage: npm run prove <suite>\nSuites: ${known.join(', ')}\nsimulator also takes --first-seed, --seeds and --beads; fuzz takes --first-seed and --seeds; simulator-faults takes --only.\n`,
  );
  process.exit(2);
}
const { run } = suiteModule.parse(await import(join(folder, `${suite}.ts`)));
const startedMs = performance.now();
const result = resultSchema.parse(await run({ full: true, args }));
process.stdout.write(`${JSON.stringify({ ...result, seconds: Math.round((performance.now() - startedMs) / 100) / 10 }, null, 2)}\n`);
process.exit(result.failures.length === 0 ? 0 : 1);
