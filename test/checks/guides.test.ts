// AGENTS.md and README.md name places and commands; they must exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route } from '../../functions/contracts/routes.ts';

const root = join(import.meta.dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const folders = ['functions', 'container', 'infra', 'web', 'test', 'docs', 'statemachines'];
const guides = ['AGENTS.md', 'README.md', 'docs/architecture.md', 'docs/deploy.md', 'docs/costs.md', 'docs/settings.md', 'docs/rules.md'];

/** Paths in code quotes that begin with a folder of the project. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([A-Za-z][A-Za-z0-9_./-]*)`/g)].flatMap((match) => {
    const path = match[1] ?? '';
    return folders.some((folder) => path.startsWith(`${folder}/`)) && !path.includes('*') ? [path] : [];
  });
const linksIn = (text: string): string[] => [...text.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map((match) => match[1] ?? '');

/** Calls by the shell function `api`, with plausible values for its variables. */
const callsIn = (text: string): { readonly method: string; readonly path: string; readonly body?: string }[] => {
  const values = { model: /^model='(.*)'$/m.exec(text)?.[1] ?? '', town: 't-4f9k2m1q', rig: 'r-4f9k2m1q', bead: 'web-3kf9' };
  const filled = (part: string): string => Object.entries(values).reduce((out, [name, value]) => out.replaceAll(`$${name}`, value), part);
  return [...text.matchAll(/\bapi (\/\S+)(?: -d (?:'([^']*)'|"((?:[^"\\]|\\.)*)"))?(?= \|)/g)].map(([, path = '', plain, quoted]) => {
    const body = plain ?? (quoted === undefined ? undefined : filled(quoted.replaceAll('\\"', '"')));
    return { method: body === undefined ? 'GET' : 'POST', path: filled(path), ...(body === undefined ? {} : { body }) };
  });
};

describe('the guides', () => {
  it.each(guides)('%s names only places that exist', (guide) => {
    const text = textOf(guide);
    const missing = [...pathsIn(text), ...linksIn(text).map((link) => join(guide, '..', link))].filter(
      (path) => !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf('package.json')));
    const named = guides.flatMap((guide) => [...textOf(guide).matchAll(/`npm run ([a-z]+)/g)].map((match) => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('call the API with bodies that its routes take', () => {
    const calls = callsIn(textOf('README.md'));
    expect(calls.length).toBeGreaterThan(3);
    for (const { method, path, body } of calls) {
      const route = Object.values<Route>(routes).find(
        (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
      );
      expect(route, `${method} ${path}`).toBeDefined();
      if (body !== undefined) expect(route?.body?.safeParse(JSON.parse(body)).error, `${method} ${path}`).toBeUndefined();
    }
  });

  it('finds a place that does not exist', () => {
    expect(pathsIn('See `functions/nowhere/at-all.ts`.').filter((path) => !existsSync(join(root, path)))).toEqual([
      'functions/nowhere/at-all.ts',
    ]);
  });
});
