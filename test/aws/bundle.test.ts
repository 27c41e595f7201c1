// The code that is deployed: every function of the table bundles, loads on this Node and has a handler.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleFunctions } from '../../infra/aws/bundle.ts';
import { everyFunction } from '../../infra/aws/functions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const names = Object.keys(everyFunction(root));
beforeAll(() => {
  bundleFunctions(
    root,
    Object.entries(everyFunction(root)).map(([name, { entry }]) => ({ name, entry })),
    folder,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the bundle of all functions', () => {
  it('loads each function, which has a handler', () => {
    const script = `const kinds = []; for (const name of ${JSON.stringify(names)}) kinds.push(name + ' ' + typeof (await import(${JSON.stringify(`${folder}/`)} + name + '.mjs')).handler); console.log(kinds.join('\\n'));`;
    const kinds = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).trim().split('\n');
    expect(kinds).toEqual(names.map((name) => `${name} function`));
  });

  it('names every missing variable when a function starts without its environment', () => {
    const script = `const { handler } = await import(${JSON.stringify(`${folder}/wake.mjs`)}); await handler({ Records: [] }).catch((error) => { console.log(error.name + ' ' + error.message); });`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '' },
    });
    expect(said).toMatch(/^ConfigurationInvalid/);
    for (const name of ['GASTOWN_FUNCTION', 'GASTOWN_DEPLOYMENT', 'GASTOWN_API_URL', 'GASTOWN_WS_URL']) expect(said).toContain(name);
  });

  it('stays small enough for a quick start: 3 MB of code for all functions together', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs'));
    expect(files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)).toBeLessThan(3 * 1024 * 1024);
  });
});

const manifestSchema = z.looseObject({ optionalDependencies: z.record(z.string(), z.string()) });
describe('the image of the town runtime', () => {
  it('holds opencode at the version that one machine uses', () => {
    const { optionalDependencies } = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    expect(readFileSync(join(root, 'container/Dockerfile'), 'utf8')).toContain(
      `ARG OPENCODE_VERSION=${optionalDependencies['opencode-linux-x64'] ?? 'none'}\n`,
    );
  });
  it('holds every package that the runner imports', () => {
    const sources = readdirSync(join(root, 'container/src'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    const imported = sources
      .flatMap((file) =>
        [...readFileSync(join(root, 'container/src', file), 'utf8').matchAll(/^(?:import|export) (?!type).*?from '([^'.]+)'/gm)].map(
          (match) => match[1] ?? '',
        ),
      )
      .filter((name) => !name.startsWith('node:'));
    const copied = [...readFileSync(join(root, 'container/Dockerfile'), 'utf8').matchAll(/node_modules\/(\S+) \.\/node_modules/g)].map(
      (match) => match[1] ?? '',
    );
    expect([...new Set(imported)].toSorted()).toEqual(copied.toSorted());
  });
});
