// Commands of the control plane: each runs once at a time, its result stays on disk until the control plane no longer asks for it.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CommandPayload, CommandResult, Desired, RunnerReport } from '../../functions/contracts/runner.schema.ts';
import { commandResultSchema } from '../../functions/contracts/runner.schema.ts';
import { GitError } from './git/git.ts';
import type { Mirrors } from './git/mirrors.ts';
import type { RunnerGit } from './git/runner-git.ts';
import { messageOf } from './log.ts';
import type { RunnerLog } from './log.ts';
import type { GateProcesses } from './merge-steps/mirror.ts';
import type { StepContext } from './merge-steps/run-command.ts';
import type { AgentUsers } from './process/agent-users.ts';
import type { Locks } from './process/locks.ts';
import { removeTree } from './process/remove-tree.ts';
import { killProcessesOf, markOf, processMark, recordProcess } from './process/process-records.ts';
import { readState, removeState, writeState } from './state-file.ts';

type DesiredCommand = Desired['commands'][number];
export type RunCommand = (payload: CommandPayload, context: StepContext) => Promise<CommandResult>;

export interface CommandRunner {
  /** Starts what is new, forgets what is no longer asked for. */
  setDesired(commands: readonly DesiredCommand[]): void;
  results(): RunnerReport['commandResults'];
  runningIds(): string[];
  /** Ends what runs; a command that was cut off has no result and is done again by the next runner. */
  stop(): Promise<void>;
}

export interface CommandRunnerOptions {
  readonly own: string;
  readonly dataDir: string;
  /** Where checkouts are made. */
  readonly folder: string;
  readonly mirrors: Mirrors;
  readonly runnerGit: RunnerGit;
  readonly users: AgentUsers | undefined;
  readonly locks: Locks;
  readonly run: RunCommand;
  readonly onChange: () => void;
  readonly nowMs: () => number;
  readonly log: RunnerLog;
}

const storedSchema = z.object({ commandId: z.string(), result: commandResultSchema });
/** Gates of one rig run one after another, and at most so many at once in the town. */
const gateLanes = 2;
/** A command whose deadline is near or past (clocks differ) still gets so long. */
const leastTimeMs = 60_000;
const gateSlackMs = 60_000;

const nameOf = (commandId: string): string => createHash('sha256').update(commandId).digest('hex').slice(0, 24);
const laneOf = (commandId: string): number => (createHash('sha256').update(commandId).digest()[0] ?? 0) % gateLanes;

export const createCommandRunner = (options: CommandRunnerOptions): CommandRunner => {
  const { mirrors, locks, log, nowMs } = options;
  const store = join(options.own, 'commands');
  mkdirSync(store, { recursive: true });
  const pathOf = (commandId: string): string => join(store, `${nameOf(commandId)}.json`);
  const done = new Map<string, CommandResult>();
  const running = new Map<string, { readonly abort: AbortController; readonly end: Promise<void> }>();
  for (const file of readdirSync(store)) {
    const stored = readState(join(store, file), storedSchema);
    if (stored !== undefined) done.set(stored.commandId, stored.result);
  }

  const timeOf = ({ payload, deadlineAtMs }: DesiredCommand): number => {
    const left = Math.max(leastTimeMs, deadlineAtMs - nowMs());
    return payload.kind === 'gates' ? left + gateSlackMs + payload.gates.reduce((sum, gate) => sum + gate.timeoutSeconds * 1000, 0) : left;
  };

  const execute = async (command: DesiredCommand, signal: AbortSignal): Promise<CommandResult> => {
    const { payload } = command;
    const workDir = join(options.folder, nameOf(command.commandId));
    removeTree(workDir);
    mkdirSync(workDir, { recursive: true, mode: 0o711 });
    try {
      const mirrorPath = await mirrors.fresh(payload.rigId, payload.kind === 'check-rig' ? 0 : 60_000);
      const gitEnv = await options.runnerGit.hostEnv(payload.rigId);
      if (payload.kind !== 'gates')
        return await mirrors.exclusively(payload.rigId, () => options.run(payload, { mirrorPath, workDir, gitEnv, signal }));
      const holder = `gates-${payload.rigId}`;
      const shellUser = await options.users?.claim(holder, workDir);
      const gateProcesses: GateProcesses = {
        environment: { [processMark]: markOf(options.dataDir, holder) },
        started: (pid) => recordProcess(options.own, holder, pid, shellUser),
        endAll: () => killProcessesOf(options.own, options.dataDir, holder, shellUser),
      };
      return await options.run(payload, { mirrorPath, workDir, gitEnv, signal, shellUser, gateProcesses });
    } catch (error) {
      return {
        kind: 'error',
        retryable:
          !(error instanceof GitError) ||
          !/authentication failed|not found|does not appear to be a git repository|permission denied|could not read Username/i.test(
            error.message,
          ),
        message: messageOf(error),
      };
    } finally {
      removeTree(workDir);
    }
  };

  const begin = (command: DesiredCommand): void => {
    const { commandId, payload } = command;
    const abort = new AbortController();
    const lane = payload.kind === 'gates' ? `gates:${laneOf(payload.rigId)}` : `command:${payload.rigId}`;
    const end = locks(lane, async () => {
      if (abort.signal.aborted) return;
      const timer = setTimeout(() => abort.abort(), timeOf(command));
      const startedAtMs = nowMs();
      try {
        const result = await execute(command, abort.signal);
        if (stopping) return;
        writeState(pathOf(commandId), { commandId, result });
        done.set(commandId, result);
        log.info('command_done', { commandId, kind: payload.kind, result: result.kind, durationMs: nowMs() - startedAtMs });
      } finally {
        clearTimeout(timer);
      }
    })
      .catch((error: unknown) => log.error('command_failed', { commandId, error: messageOf(error) }))
      .finally(() => {
        running.delete(commandId);
        options.onChange();
      });
    running.set(commandId, { abort, end });
  };

  let stopping = false;
  return {
    setDesired: (commands) => {
      const wanted = new Set(commands.map((command) => command.commandId));
      for (const commandId of done.keys()) {
        if (wanted.has(commandId)) continue;
        done.delete(commandId);
        removeState(pathOf(commandId));
      }
      for (const [commandId, { abort }] of running) if (!wanted.has(commandId)) abort.abort();
      if (stopping) return;
      for (const command of commands) if (!done.has(command.commandId) && !running.has(command.commandId)) begin(command);
    },
    results: () => [...done].slice(0, 50).map(([commandId, result]) => ({ commandId, result })),
    runningIds: () => [...running.keys()].slice(0, 50),
    stop: async () => {
      stopping = true;
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ end }) => end));
    },
  };
};
