// Bundles all functions in one run of esbuild with shared chunks, into one folder that every function is deployed from.
// A run and a bundle for each of thirty functions took minutes and sent the same code thirty times.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { BuildOptions } from 'esbuild';

export interface BundledFunction {
  readonly name: string;
  readonly entry: string;
}

const bundleOptions = {
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'shared/[name]-[hash]',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  // Some packages are CommonJS and call require() for Node's own modules.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
} as const satisfies BuildOptions;

/** Writes `<name>.mjs` for each and `shared/`, replacing what was there; returns the folder. Throws esbuild's own error, which names file and line. */
export const bundleFunctions = (root: string, functions: readonly BundledFunction[], folder = join(root, 'dist', 'lambda')): string => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  buildSync({
    ...bundleOptions,
    absWorkingDir: root,
    outdir: folder,
    entryPoints: functions.map(({ name, entry }) => ({ in: entry, out: name })),
  });
  return folder;
};
