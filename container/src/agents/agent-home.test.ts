import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { homeOf, prepareHome } from './agent-home.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-home-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('starts without what programs left behind, and keeps the work', () => {
  const home = homeOf(folder, 'toast');
  prepareHome(home, undefined);
  for (const place of [home.temp, home.work, join(home.home, 'data')]) writeFileSync(join(place, 'left'), 'x');
  mkdirSync(join(home.home, 'config', 'other'));
  prepareHome(home, undefined);
  expect(readdirSync(home.temp)).toEqual([]);
  expect([home.work, join(home.home, 'data')].flatMap((place) => readdirSync(place))).toEqual(['left', 'left']);
  expect(readdirSync(join(home.home, 'config')).toSorted()).toEqual(['opencode', 'other']);
});

it('lets nobody write where opencode would install packages, each agent its own', () => {
  const home = homeOf(folder, 'toast');
  prepareHome(home, undefined);
  prepareHome(home, undefined);
  expect(lstatSync(join(home.home, 'config', 'opencode')).mode & 0o222).toBe(0);
});

it.each(['config', 'config/opencode'])('removes a link in the place of %s, and not what lies behind it', (place) => {
  const home = homeOf(folder, 'toast');
  const outside = join(folder, 'outside');
  mkdirSync(join(outside, 'opencode'), { recursive: true });
  writeFileSync(join(outside, 'opencode', 'precious'), 'x');
  prepareHome(home, undefined);
  rmSync(join(home.home, place), { recursive: true, force: true });
  symlinkSync(place === 'config' ? outside : join(outside, 'opencode'), join(home.home, place));
  prepareHome(home, undefined);
  expect(existsSync(join(outside, 'opencode', 'precious'))).toBe(true);
  expect(lstatSync(join(home.home, place)).isDirectory()).toBe(true);
});
