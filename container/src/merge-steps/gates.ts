// Runs a rig's gates in a clean checkout of one commit: shell commands from the rig's settings, with a time limit and no secrets.
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { GateResult } from '../../../functions/contracts/commit.schema.ts';
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import type { Gate } from '../../../functions/contracts/gate.schema.ts';
import { removeTree } from '../process/remove-tree.ts';
import { startProcess } from '../process/run-process.ts';
import { defaultPath, GitFailed, gitOk, obtainCommit } from './mirror.ts';
import type { StepContext } from './mirror.ts';
import { createOutputWindow } from './output-window.ts';

type GatesPayload = Extract<CommandPayload, { kind: 'gates' }>;
type GatesResult = Extract<CommandResult, { kind: 'gates' }>;

const maxOutputBytes = 8 * 1024;
/** How long the output of a finished gate is still read when something it left behind holds it open, milliseconds. */
const lingerMs = 1000;

interface Place {
  readonly checkout: string;
  readonly home: string;
  readonly temporary: string;
}

/** A clone of its own that borrows the mirror's objects: a gate cannot move a ref of the mirror through it. */
const checkOut = async (context: StepContext, sha: string, folder: string): Promise<Place> => {
  const place: Place = { checkout: join(folder, 'checkout'), home: join(folder, 'home'), temporary: join(folder, 'tmp') };
  await gitOk(
    context,
    'The checkout could not be made',
    ['clone', '--quiet', '--shared', '--no-checkout', '--no-tags', context.mirrorPath, place.checkout],
    { cwd: context.workDir },
  );
  await gitOk(context, 'The checkout could not be made', ['-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--detach', sha], {
    cwd: place.checkout,
  });
  await gitOk(context, 'The checkout could not be made', ['remote', 'remove', 'origin'], { cwd: place.checkout });
  await mkdir(place.home);
  await mkdir(place.temporary);
  if (context.shellUser !== undefined)
    await promisify(execFile)('chown', ['-R', `${context.shellUser.uid}:${context.shellUser.gid}`, folder]);
  return place;
};

/** All that a gate sees. The runner's Node comes last on the path, so that a repository's own tools win. */
const gateEnv = (context: StepContext, place: Place): Record<string, string> => ({
  PATH: `${context.gitEnv.PATH ?? defaultPath}:${dirname(process.execPath)}`,
  HOME: place.home,
  TMPDIR: place.temporary,
  LANG: 'C.UTF-8',
  CI: 'true',
  GIT_TERMINAL_PROMPT: '0',
  ...context.gateProcesses?.environment,
});

/** Without control characters, which a JSON text would make six times as long; line ends become plain. */
const printable = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(/(?![\n\t])\p{Cc}/gu, '');

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    /* the group has ended */
  }
};

/** Never throws: a gate that cannot be started is a red gate that says why. */
const runGate = async (gate: Gate, context: StepContext, place: Place): Promise<GateResult> => {
  const startedMs = performance.now();
  try {
    return await startGate(gate, context, place, startedMs);
  } catch (error) {
    const output = `The gate could not be started: ${error instanceof Error ? error.message : String(error)}`;
    const durationMs = Math.round(performance.now() - startedMs);
    return { name: gate.name, ok: false, exitCode: null, durationMs, timedOut: false, output: printable(output) };
  }
};

const startGate = (gate: Gate, context: StepContext, place: Place, startedMs: number): Promise<GateResult> =>
  new Promise((resolve) => {
    const output = createOutputWindow(maxOutputBytes);
    let timedOut = false;
    const child = startProcess({
      command: '/bin/sh',
      args: ['-c', `exec 2>&1\n${gate.command}`],
      cwd: place.checkout,
      env: gateEnv(context, place),
      user: context.shellUser,
    });
    if (child.pid !== undefined) context.gateProcesses?.started(child.pid);
    const end = (): void => {
      killGroup(child.pid);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, gate.timeoutSeconds * 1000);
    context.signal.addEventListener('abort', end, { once: true });
    if (context.signal.aborted) end();
    const settle = (exitCode: number | null): void => {
      clearTimeout(timer);
      context.signal.removeEventListener('abort', end);
      const ok = exitCode === 0 && !timedOut;
      resolve({
        name: gate.name,
        ok,
        exitCode,
        durationMs: Math.round(performance.now() - startedMs),
        timedOut,
        output: printable(output.text()),
      });
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      output.take(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output.take(chunk);
    });
    child.on('error', (error) => {
      output.take(Buffer.from(error.message));
      settle(null);
    });
    child.on('exit', () => {
      // What the gate left running goes with it; its output may already be in the pipe.
      end();
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, lingerMs).unref();
    });
    child.on('close', (exitCode) => {
      settle(exitCode);
    });
  });

/** A surviving process could lead a removal by path elsewhere: they are ended first, and then nobody but the runner may enter. */
const remove = async (folder: string, context: StepContext): Promise<void> => {
  await context.gateProcesses?.endAll();
  if (context.shellUser !== undefined) {
    await chown(folder, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    await chmod(folder, 0o700);
  }
  removeTree(folder);
};

/** All gates in order in one checkout, also after a red one: the findings of one round should be complete. Throws `GitFailed`. */
export const runGates = async (payload: GatesPayload, context: StepContext): Promise<GatesResult> => {
  if (!(await obtainCommit(context, payload.sha)))
    throw new GitFailed(`Commit ${payload.sha} is not in the mirror; it must be prepared again.`, true);
  await context.gateProcesses?.endAll();
  await mkdir(context.workDir, { recursive: true });
  const folder = await mkdtemp(join(context.workDir, 'gates-'));
  try {
    const place = await checkOut(context, payload.sha, folder);
    const results: GateResult[] = [];
    for (const gate of payload.gates) {
      results.push(await runGate(gate, context, place));
      await context.gateProcesses?.endAll();
      if (context.signal.aborted) throw new GitFailed('the gates were ended before they were done', true);
    }
    return { kind: 'gates', ok: results.every((result) => result.ok), results };
  } finally {
    await remove(folder, context);
  }
};
