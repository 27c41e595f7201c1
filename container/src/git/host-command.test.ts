import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killLeftovers, startTimeOf } from '../process/process-records.ts';
import { hostNameOf, recordsVariable, runHostCommand } from './host-command.ts';
import { isOnThisMachine } from './receiving-side.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-host-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
/** git that does something else: an alias runs in a shell below git, as a transport does. */
const alias = (script: string): string[] => ['-c', `alias.other=!${script}`, 'other'];
const env = (): Record<string, string> => ({ PATH: process.env.PATH ?? '', HOME: folder, [recordsVariable]: folder });
const lives = (name: string): boolean => startTimeOf(Number(readFileSync(join(folder, name), 'utf8').trim())) !== undefined;
const records = (): string[] => readdirSync(join(folder, 'processes'));

describe('a command that talks to a host', () => {
  it('is ended with everything it started at its limit, also when that ignores a polite request', async () => {
    const script = `trap "" TERM; sleep 60 & echo $! > ${folder}/child; sleep 60; sleep 60`;
    const startedMs = performance.now();
    const answer = await runHostCommand({ args: alias(script), cwd: folder, env: env(), limitMs: 300 });
    expect(answer).toMatchObject({ timedOut: true });
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    expect(lives('child')).toBe(false);
    expect(records()).toEqual([]);
  });

  it('is ended when it is aborted', async () => {
    const abort = new AbortController();
    const running = runHostCommand({
      args: alias(`echo $$ > ${folder}/child; sleep 60`),
      cwd: folder,
      env: env(),
      limitMs: 60_000,
      signal: abort.signal,
    });
    await sleep(300);
    abort.abort();
    expect(await running).toMatchObject({ timedOut: false });
    expect(lives('child')).toBe(false);
  });

  it('may leave a daemon behind that holds its output open', async () => {
    const startedMs = performance.now();
    const answer = await runHostCommand({
      args: alias(`echo hi; setsid sleep 20 & echo $! > ${folder}/child`),
      cwd: folder,
      env: env(),
      limitMs: 60_000,
    });
    expect(answer).toMatchObject({ exitCode: 0, stdout: 'hi\n', timedOut: false });
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it('is on record while it runs, so that the next runner ends it after this one was killed', async () => {
    const running = runHostCommand({ args: alias(`sleep 60 & echo $! > ${folder}/child; wait`), cwd: folder, env: env(), limitMs: 60_000 });
    await sleep(300);
    expect(records()).toHaveLength(1);
    expect(await killLeftovers(folder, folder)).toBe(1);
    expect(await running).toMatchObject({ exitCode: null, timedOut: false });
    expect(lives('child')).toBe(false);
    expect(records()).toEqual([]);
  });

  const programOf = (more: string): string => {
    const program = join(folder, 'leaving.ts');
    const command = {
      args: alias(`echo $$ > ${folder}/child; sleep 60`),
      cwd: '/',
      env: { PATH: process.env.PATH ?? '' },
      limitMs: 60_000,
    };
    const module = JSON.stringify(join(import.meta.dirname, 'host-command.ts'));
    writeFileSync(program, `import { runHostCommand } from ${module};\n${more}\nawait runHostCommand(${JSON.stringify(command)});\n`);
    return program;
  };

  it('is ended when the process that started it exits', async () => {
    execFileSync(process.execPath, [programOf('setTimeout(() => process.exit(0), 600);')]);
    await sleep(100);
    expect(lives('child')).toBe(false);
  });

  it('does not keep the runner long when it is asked to leave', async () => {
    const child = spawn(process.execPath, [programOf("process.on('SIGTERM', () => undefined);")]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (!existsSync(join(folder, 'child'))) await sleep(50);
    await sleep(100);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lives('child')).toBe(false);
  });
});

describe('addresses', () => {
  it('are named by their host, or by the last part of a path, without userinfo', () => {
    expect(hostNameOf('https://user:secret@git.example.com:8443/a/b.git')).toBe('git.example.com');
    expect(hostNameOf('git@github.com:a/b.git')).toBe('github.com');
    expect(hostNameOf('/srv/git/web.git/')).toBe('web.git');
    expect(hostNameOf('file:///srv/git/web.git')).toBe('web.git');
    expect(hostNameOf('')).toBe('the host');
  });
  it('lie on this machine when git takes them for a path', () => {
    for (const path of ['/srv/web.git', './web.git', '../a:b', 'web.git', 'file:///srv/web.git', '/srv/a:b.git'])
      expect(isOnThisMachine(path)).toBe(true);
    for (const host of ['https://x/y', 'ssh://git@x/y', 'git@x:y', 'x:/y', 'ext::sh -c true']) expect(isOnThisMachine(host)).toBe(false);
  });
});
