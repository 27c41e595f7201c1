// Which ports a function can reach: its bundle, without packages and without the wiring, is read for `ports.<name>`.
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

/** Left out: they name ports without using them for this function. What `caller.ts` asks for follows from the routes' kinds of token. */
const wiring = /functions\/(adapters\/aws-ports|api\/caller)\.ts$/;
const withoutWiring: Plugin = {
  name: 'without-wiring',
  setup: ({ onLoad }) => {
    onLoad({ filter: wiring }, () => ({ contents: 'export const awsPorts = undefined; export const callerOf = undefined;', loader: 'js' }));
  },
};

/** Port names, with `tokens.sign` and `tokens.verify` apart, by the name of each function. */
export const portsUsed = async (
  root: string,
  entries: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, entry]) => ({ in: entry, out })),
    outdir: 'memory',
    write: false,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    plugins: [withoutWiring],
    logLevel: 'silent',
  });
  const used = outputFiles.map(({ path, text }) => {
    const names = [...text.matchAll(/\bports\d*\.(tokens\.\w+|(?!ts\b)\w+)/g)].map((match) => match[1] ?? '');
    const taken = [...text.matchAll(/const \{([^{}]+)\} = (?:\w+\.)?ports\d*;/g)].flatMap((match) =>
      (match[1] ?? '').split(',').map((part) => part.split(':')[0]?.trim() ?? ''),
    );
    return [path.replace(/^.*\/memory\//, '').replace(/\.js$/, ''), new Set([...names, ...taken])] as const;
  });
  return new Map(used);
};
