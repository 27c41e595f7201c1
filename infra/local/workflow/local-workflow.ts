// The Workflow port on one machine. An execution that a kill interrupted starts again from the beginning: every task is idempotent.
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { ExecutionNameTaken } from '../../../functions/runtime-errors.ts';
import type { Clock, Log, MachineName, Workflow } from '../../../functions/ports.ts';
import { createExecutionFiles } from './execution-files.ts';
import type { Execution } from './execution-files.ts';
import { hasTimedOut, loadMachine, wasAborted } from './machine.ts';
import type { LocalTask, Machine, Run } from './machine.ts';
import { createTaskTokens, StepFailed } from './task-tokens.ts';

export interface LocalWorkflowOptions {
  /** Folder of the `*.asl.json` files. */
  readonly machinesDir: string;
  /** Tasks by name; asked at the first step, because tasks need the ports and the ports this workflow. */
  readonly tasks: () => Readonly<Record<string, LocalTask>>;
  /** Folder of the execution files. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a second of the definitions takes, milliseconds; shorter in tests. */
  readonly secondMs?: number;
}
export interface LocalWorkflow extends Workflow {
  /** Starts again what the last process left running. */
  resume(): Promise<void>;
  /** Ends what waits, finishes the tasks that run; executions stay on disk as running. */
  stop(): Promise<void>;
}

/** Status stays answerable for so long after the end. */
const keptMs = 2 * 24 * 60 * 60 * 1000;
const keyOf = (machine: MachineName, name: string): string => `${machine} ${name}`;
const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown').slice(0, 4000);

export const createLocalWorkflow = (options: LocalWorkflowOptions): LocalWorkflow => {
  const { clock, log } = options;
  const files = createExecutionFiles(options.dataDir, (file) => {
    log.error('execution_unreadable', { file });
  });
  const executions = new Map(files.readAll().map((execution) => [keyOf(execution.machine, execution.name), execution]));
  const running = new Map<string, Run & { readonly ended: Promise<void> }>();
  const inTask = new Set<Promise<unknown>>();
  const tokens = createTaskTokens();
  let stopping = false;
  let known: Readonly<Record<string, LocalTask>> | undefined;
  const taskOf = (name: string): LocalTask | undefined => {
    known ??= options.tasks();
    const task = known[name];
    if (task === undefined) return undefined;
    return (event) => {
      const called = task(event);
      inTask.add(called);
      return called.finally(() => {
        inTask.delete(called);
      });
    };
  };
  const machines = new Map<string, Machine>(
    readdirSync(options.machinesDir)
      .filter((file) => file.endsWith('.asl.json'))
      .map((file) => [
        file.slice(0, -'.asl.json'.length),
        loadMachine({
          path: join(options.machinesDir, file),
          secondMs: options.secondMs ?? 1000,
          tokens,
          taskOf,
          stopping: () => stopping,
        }),
      ]),
  );

  const put = (execution: Execution): void => {
    files.write(execution);
    executions.set(keyOf(execution.machine, execution.name), execution);
  };
  const prune = (): void => {
    for (const [key, execution] of executions) {
      if (execution.endedAtMs === undefined || execution.endedAtMs + keptMs > clock.nowMs()) continue;
      files.remove(execution);
      executions.delete(key);
    }
  };
  const ended = (execution: Execution, status: Exclude<Execution['status'], 'running'>, error?: string): void => {
    put({ ...execution, status, endedAtMs: clock.nowMs(), ...(error === undefined ? {} : { error }) });
    log.info('execution_ended', { machine: execution.machine, execution: execution.name, status, error });
  };
  const launch = (execution: Execution): void => {
    const machine = machines.get(execution.machine);
    if (machine === undefined) throw new Error(`there is no state machine ${execution.machine}`);
    const key = keyOf(execution.machine, execution.name);
    const run = machine.run(execution);
    const follow = async (): Promise<void> => {
      try {
        await run.result;
        ended(execution, 'succeeded');
      } catch (error) {
        // A stop is no end: the next process goes on. Who aborts one execution has written its end.
        if (stopping || wasAborted(error)) return;
        ended(execution, hasTimedOut(error) ? 'timed_out' : 'failed', describe(error));
      } finally {
        running.delete(key);
      }
    };
    running.set(key, { ...run, ended: follow() });
  };

  return {
    start: async (machine, name, input) => {
      const existing = executions.get(keyOf(machine, name));
      if (existing !== undefined) {
        if (!isDeepStrictEqual(existing.input, input))
          throw new ExecutionNameTaken(`an execution ${name} of ${machine} exists with other input`);
        return;
      }
      if (stopping) throw new Error('the control plane stops; nothing is started');
      prune();
      const execution: Execution = { machine, name, input: { ...input }, status: 'running', startedAtMs: clock.nowMs() };
      put(execution);
      launch(execution);
    },
    status: async (machine, name) => executions.get(keyOf(machine, name))?.status ?? 'unknown',
    succeed: async (token, output) => tokens.succeed(token, output),
    fail: async (token, { name, cause }) => tokens.fail(token, name, cause),
    heartbeat: async (token) => tokens.heartbeat(token),
    abort: async (machine, name) => {
      const key = keyOf(machine, name);
      const execution = executions.get(key);
      if (execution?.status !== 'running') return;
      ended(execution, 'aborted', 'TownStopped: The town was stopped.');
      const run = running.get(key);
      run?.abort();
      await run?.ended;
    },
    removeTown: async (townId) => {
      const own = [...executions.values()].filter(({ name }) => name.startsWith(`${townId}-`));
      for (const execution of own) {
        const key = keyOf(execution.machine, execution.name);
        const run = running.get(key);
        run?.abort();
        await run?.ended;
        files.remove(execution);
        executions.delete(key);
      }
    },
    resume: async () => {
      prune();
      for (const execution of executions.values()) {
        if (execution.status !== 'running' || running.has(keyOf(execution.machine, execution.name))) continue;
        log.info('execution_resumed', { machine: execution.machine, execution: execution.name });
        launch(execution);
      }
    },
    stop: async () => {
      stopping = true;
      const left = [...running.values()];
      for (const run of left) run.abort();
      tokens.closeAll(new StepFailed('Local.Stopped', 'the control plane stops'));
      await Promise.allSettled([...inTask, ...left.map((run) => run.ended)]);
    },
  };
};
