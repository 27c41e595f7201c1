// Runner processes and their ends, with small programs in the runner's place.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { identityOf, livePidOf } from '../process-identity.ts';
import { createChildRuntime } from './child-runtime.ts';
import type { ChildRuntime } from './child-runtime.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const start = { townId: 't-abc', runtimeEpoch: 1, bootstrapToken: 'token' };
let folder = '';
let ends: string[] = [];
const runtimes: ChildRuntime[] = [];
/** A runtime whose runner does what `program` says. */
const runtimeOf = (program: string, onEnded?: () => Promise<void>): ChildRuntime => {
  const runnerEntry = join(folder, 'runner.mjs');
  writeFileSync(runnerEntry, program);
  const runtime = createChildRuntime({
    dataDir: folder,
    runnerEntry,
    apiUrl: 'http://127.0.0.1:1',
    isolation: 'none',
    scriptedModelUrl: 'http://127.0.0.1:9/v1',
    drainMs: 5000,
    log,
    inherit: {},
    onEnded: async (townId, runtimeRef, endedWell) => {
      await onEnded?.();
      ends.push(`${townId} ${runtimeRef} ${endedWell ? 'well' : 'by a crash'}`);
    },
  });
  runtimes.push(runtime);
  return runtime;
};
const stays = 'setInterval(() => {}, 1000);';
const kill = (ref: string): void => {
  const pid = livePidOf(ref);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'child-runtime-'));
  ends = [];
});
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

it('tells the end of a runner that is killed', async () => {
  const runtime = runtimeOf(stays);
  await runtime.watch();
  const ref = await runtime.start(start);
  expect(await runtime.status(ref)).toBe('running');
  kill(ref);
  await vi.waitFor(() => expect(ends).toEqual([`t-abc ${ref} by a crash`]));
  expect(await runtime.status(ref)).toBe('stopped');
});

it('tells the end of a runner that leaves by itself as no fault, and once', async () => {
  const runtime = runtimeOf('setTimeout(() => process.exit(0), 50);');
  await runtime.watch();
  const ref = await runtime.start(start);
  await vi.waitFor(() => expect(ends).toEqual([`t-abc ${ref} well`]));
  await runtime.stopAll();
  expect(ends).toHaveLength(1);
});

it('stops the runner of a town without being told which, and keeps its disk', async () => {
  const runtime = runtimeOf(stays);
  const ref = await runtime.start(start);
  await vi.waitFor(async () => expect(await runtime.stopTown('t-abc')).toBe('gone'));
  expect(await runtime.status(ref)).toBe('stopped');
  expect(await runtime.stopTown('t-none')).toBe('gone');
  expect(existsSync(join(folder, 'town-t-abc'))).toBe(true);
});

it('tells the runner the address of the scripted model, whose calls cost nothing', async () => {
  const runtime = runtimeOf(`process.stdout.write('model ' + process.env.GASTOWN_SCRIPTED_MODEL_URL + '\\n'); ${stays}`);
  await runtime.start(start);
  const output = join(folder, `town-${start.townId}`, 'runner.log');
  await vi.waitFor(() => expect(readFileSync(output, 'utf8')).toBe('model http://127.0.0.1:9/v1\n'));
});

it('of a removed town leaves neither process nor folder', async () => {
  const runtime = runtimeOf(stays);
  const ref = await runtime.start(start);
  expect(await runtime.removeTown(start.townId)).toBe('gone');
  expect(await runtime.status(ref)).toBe('stopped');
  expect(existsSync(join(folder, `town-${start.townId}`))).toBe(false);
  expect(await runtime.removeTown(start.townId)).toBe('gone');
});
/** Starts what an agent would, and stays. */
const withAgent = `
import { spawn } from 'node:child_process';
const { GASTOWN_DATA_DIR, PATH } = process.env;
const env = { PATH, GASTOWN_PROCESS_MARK: GASTOWN_DATA_DIR + '#toast' };
const agent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', env });
process.stdout.write('agent ' + agent.pid);
${stays}`;
it.each(['stopTown', 'removeTown'] as const)('%s ends also what a killed runner left running (L99)', async (act) => {
  const runtime = runtimeOf(withAgent);
  const ref = await runtime.start(start);
  const output = join(folder, `town-${start.townId}`, 'runner.log');
  const pid = await vi.waitFor(
    () => Number(/agent (\d+)/.exec(readFileSync(output, 'utf8'))?.[1] ?? Number.NaN) || Promise.reject(new Error('none yet')),
  );
  const agent = identityOf(pid) ?? '';
  kill(ref);
  await vi.waitFor(() => expect(livePidOf(ref)).toBeUndefined());
  expect(livePidOf(agent)).toBe(pid);
  expect(await runtime[act](start.townId)).toBe('gone');
  await vi.waitFor(() => expect(livePidOf(agent)).toBeUndefined());
});

it('tells again when nobody could be told', async () => {
  let failures = 1;
  const runtime = runtimeOf(stays, () => (failures-- > 0 ? Promise.reject(new Error('the store is away')) : Promise.resolve()));
  await runtime.watch();
  kill(await runtime.start(start));
  await vi.waitFor(() => expect(failures).toBe(0));
  await runtime.stopAll();
  expect(ends).toHaveLength(1);
});

it('finds runners of an earlier control plane: one that lives is told when it ends, a dead one at once', async () => {
  const earlier = runtimeOf(stays);
  const dead = await earlier.start(start);
  const living = await earlier.start({ ...start, townId: 't-def' });
  kill(dead);
  await vi.waitFor(() => expect(livePidOf(dead)).toBeUndefined());
  const later = runtimeOf(stays);
  await later.watch();
  expect(ends).toEqual([`t-abc ${dead} well`]);
  await later.stopAll();
  expect(ends).toEqual([`t-abc ${dead} well`, `t-def ${living} well`]);
});
