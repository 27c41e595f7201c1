// Starts that must be refused, as the program that `npm start` runs.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityOf } from './process-identity.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-start-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const start = (port: number, data: string): { status: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'start.ts'), '--port', String(port), '--data', data, '--no-open'],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { status, said: stdout + stderr };
};

it('a taken port is named with a free one to try, and nothing is made', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const data = join(folder, 'town');
  expect(start(port, data)).toEqual({
    status: 1,
    said: `Port ${port} is taken by another program. Choose another: npm start -- --port ${port + 1}\n`,
  });
  expect(existsSync(data)).toBe(false);
  server.close();
});

it.each([
  ['a file', () => join(folder, 'file')],
  ['a place below a file', () => join(folder, 'file', 'below')],
  ['a place where no folders can be made', () => '/proc/gastown/town'],
])('a data folder that is %s is refused with what to do', (_name, path) => {
  writeFileSync(join(folder, 'file'), 'mine');
  const { status, said } = start(0, path());
  expect(status).toBe(1);
  expect(said).toMatch(/^The data folder .* cannot be used: .* Choose another with --data, where you may write\.\n$/);
  expect(readdirSync(folder)).toEqual(['file']);
});

it('on a folder on which a town runs, a start gives a further link and leaves the town alone', async () => {
  mkdirSync(join(folder, 'keys'));
  const desk = join(import.meta.dirname, 'link-request.ts');
  const program = `import { createLinkDesk } from ${JSON.stringify(desk)}; createLinkDesk(${JSON.stringify(folder)}).open(() => 'http://127.0.0.1:1/sign-in?code=fresh'); setInterval(() => {}, 1000); console.log('up');`;
  const town = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(town.stdout, 'data');
  const pid = town.pid ?? 0;
  writeFileSync(join(folder, 'control-plane.pid'), identityOf(pid) ?? '');
  const { status, said } = start(0, folder);
  expect(status).toBe(1);
  expect(said).toContain(`A town is already running on ${folder} (process ${pid}).`);
  expect(said).toContain('http://127.0.0.1:1/sign-in?code=fresh');
  expect(new Set(readdirSync(folder))).toEqual(new Set(['control-plane.pid', 'keys']));
  expect(readdirSync(join(folder, 'keys'))).toEqual([]);
  expect(identityOf(pid)).toBeDefined();
  town.kill('SIGKILL');
  await once(town, 'exit');
});
