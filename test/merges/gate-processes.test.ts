// What gates leave running: code that nobody has reviewed must not live on beside the next gate.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import { killProcessesOf, killLeftovers, markOf, processMark, recordProcess } from '../../container/src/process/process-records.ts';
import { gitHostFixture } from './git-host.ts';
import type { GitHostFixture } from './git-host.ts';

const rigId = 'r-8d2k1m0p';
const holder = `gates-${rigId}`;
let fixture: GitHostFixture;
let own = '';
beforeEach(() => {
  fixture = gitHostFixture();
  own = mkdtempSync(join(tmpdir(), 'gate-processes-'));
});
afterEach(async () => {
  await killProcessesOf(own, own, holder, undefined);
  fixture.remove();
  rmSync(own, { recursive: true, force: true });
});

const run = (commands: readonly string[], signal = new AbortController().signal) =>
  runCommand(
    {
      kind: 'gates',
      rigId,
      sha: fixture.headOf('main'),
      gates: commands.map((command, index) => ({ name: `gate ${index}`, command, timeoutSeconds: 20, phase: 'both' })),
    },
    {
      mirrorPath: fixture.mirror,
      workDir: fixture.workDir,
      gitEnv: { PATH: process.env.PATH ?? '' },
      signal,
      gateProcesses: {
        environment: { [processMark]: markOf(own, holder) },
        started: (pid) => recordProcess(own, holder, pid, undefined),
        endAll: () => killProcessesOf(own, own, holder, undefined),
      },
    },
  );
/** A process in a session of its own, which no signal to the gate's group reaches. */
const escape = 'setsid sh -c "while :; do sleep 0.1; rm -f BAD; done" >/dev/null 2>&1 &';
const isLeft = 'sleep 0.3; ps -eo args | grep -v grep | grep -c "rm -f BAD" || true';

it.runIf(process.platform === 'linux')('a process that left its gate is ended before the next gate and cannot make it green', async () => {
  const result = await run([escape, isLeft, 'touch BAD; sleep 0.5; test ! -f BAD']);
  expect(result).toMatchObject({ kind: 'gates', ok: false, results: [{ ok: true }, { output: '0\n' }, { ok: false }] });
});

it.runIf(process.platform === 'linux')('the gates that a killed runner left are ended by the next one', async () => {
  const abort = new AbortController();
  let started: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    started = resolve;
  });
  const running = runCommand(
    {
      kind: 'gates',
      rigId,
      sha: fixture.headOf('main'),
      gates: [{ name: 'slow', command: 'exec sleep 60', timeoutSeconds: 90, phase: 'both' }],
    },
    {
      mirrorPath: fixture.mirror,
      workDir: fixture.workDir,
      gitEnv: { PATH: process.env.PATH ?? '' },
      signal: abort.signal,
      gateProcesses: {
        environment: { [processMark]: markOf(own, holder) },
        started: (pid) => {
          recordProcess(own, holder, pid, undefined);
          started();
        },
        // The killed runner ends nothing any more.
        endAll: () => Promise.resolve(),
      },
    },
  );
  await begun;
  expect(await killLeftovers(own, own)).toBe(1);
  expect(await running).toMatchObject({ kind: 'gates', ok: false, results: [{ exitCode: null }] });
});

it('a gate that cannot be started is red and says why', async () => {
  expect(await run(['echo \0'])).toMatchObject({
    kind: 'gates',
    ok: false,
    results: [{ ok: false, output: expect.stringContaining('could not be started') }],
  });
});
