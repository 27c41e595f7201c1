// The state machines as they are deployed, run on simulated time with the real tasks: retries, catches, task tokens, heartbeats and time limits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { taskNameOf } from '../../../infra/local/workflow/machine.ts';
import { createMergeTasks } from '../../../functions/merge/tasks.ts';
import type { ExecutionStatus, MachineName, Ports, Workflow } from '../../../functions/ports.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { MergeFault } from './workflow.ts';

const retrySchema = z.object({
  ErrorEquals: z.array(z.string()),
  IntervalSeconds: z.number(),
  MaxAttempts: z.int(),
  BackoffRate: z.number(),
  MaxDelaySeconds: z.number(),
});
const taskSchema = z.object({
  Type: z.literal('Task'),
  Resource: z.string(),
  Parameters: z.object({ FunctionName: z.string(), Payload: z.record(z.string(), z.unknown()) }),
  ResultSelector: z.record(z.string(), z.string()).optional(),
  ResultPath: z.string().nullable().optional(),
  TimeoutSeconds: z.number(),
  HeartbeatSeconds: z.number().optional(),
  Retry: z.array(retrySchema).default([]),
  Catch: z.array(z.object({ ErrorEquals: z.array(z.string()), ResultPath: z.string(), Next: z.string() })).default([]),
  Next: z.string(),
});
const testSchema = z.object({ Variable: z.string(), StringEquals: z.string().optional(), BooleanEquals: z.boolean().optional() });
const choiceSchema = z.object({
  Type: z.literal('Choice'),
  Choices: z.array(z.union([z.object({ And: z.array(testSchema), Next: z.string() }), testSchema.extend({ Next: z.string() })])),
  Default: z.string(),
});
const stateSchema = z.discriminatedUnion('Type', [
  taskSchema,
  choiceSchema,
  z.object({ Type: z.literal('Succeed') }),
  z.object({ Type: z.literal('Fail') }),
]);
const machineSchema = z.object({ StartAt: z.string(), States: z.record(z.string(), stateSchema) });
type Machine = z.infer<typeof machineSchema>;
type TaskState = z.infer<typeof taskSchema>;
type Data = Record<string, unknown>;

const folder = join(import.meta.dirname, '../../../statemachines');
const loaded = new Map<string, Machine>();
const machineOf = (name: MachineName): Machine => {
  const known = loaded.get(name) ?? machineSchema.parse(JSON.parse(readFileSync(join(folder, `${name}.asl.json`), 'utf8')));
  loaded.set(name, known);
  return known;
};

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (data: unknown, path: string): unknown =>
  path
    .replace(/^\$\.?/u, '')
    .split('.')
    .filter((part) => part !== '')
    .reduce<unknown>((value, part) => (isData(value) ? value[part] : undefined), data);
const put = (data: Data, path: string | null | undefined, value: unknown): Data => {
  if (path === null) return data;
  if (path === undefined || path === '$') return isData(value) ? value : {};
  return { ...data, [path.replace(/^\$\./u, '')]: value };
};
/** Keys that end in `.$` are paths into the data, or into the context with `$$`. */
const filled = (template: Readonly<Record<string, unknown>>, data: unknown, context: Data): Data =>
  Object.fromEntries(
    Object.entries(template).map(([key, value]) => {
      if (!key.endsWith('.$')) return [key, value];
      const path = String(value);
      return [key.slice(0, -2), path.startsWith('$$') ? at(context, path.slice(1)) : at(data, path)];
    }),
  );
const matches = (names: readonly string[], error: string): boolean => names.includes(error) || names.includes('States.ALL');

interface Execution {
  readonly name: string;
  readonly machine: MachineName;
  data: Data;
  status: ExecutionStatus;
}
interface Failure {
  readonly name: string;
  readonly cause: string;
}
interface Waiting {
  readonly execution: Execution;
  readonly go: (output: unknown) => void;
  readonly failed: (failure: Failure) => void;
  beatAtMs: number;
}
/** What a cloud service says that cannot be reached: whoever called tries again. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
}
interface World {
  readonly ports: () => Ports;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly hits: (fault: MergeFault) => boolean;
}

class Machines {
  readonly executions = new Map<string, Execution>();
  readonly waiting = new Map<string, Waiting>();
  private tasks: Readonly<Record<string, (event: unknown) => Promise<unknown>>> | undefined;
  private readonly world: World;
  constructor(world: World) {
    this.world = world;
  }

  enter(execution: Execution, name: string): void {
    const state = machineOf(execution.machine).States[name];
    if (state?.Type === 'Succeed') execution.status = 'succeeded';
    else if (state?.Type === 'Choice') this.choose(execution, state);
    else if (state?.Type === 'Task') this.later(execution, () => this.call(execution, state, new Map()));
    else execution.status = 'failed';
  }

  private later(execution: Execution, step: () => Promise<void>, delayMs = this.world.random.between(200, 3_000)): void {
    this.world.schedule.after(delayMs, async () => {
      if (execution.status !== 'running') return;
      if (this.world.hits('deaths')) execution.status = this.world.random.pick(['failed', 'timed_out', 'aborted']);
      else await step();
    });
  }

  private choose(execution: Execution, { Choices, Default }: z.infer<typeof choiceSchema>): void {
    const holds = ({ Variable, StringEquals, BooleanEquals }: z.infer<typeof testSchema>): boolean =>
      at(execution.data, Variable) === (StringEquals ?? BooleanEquals);
    const chosen = Choices.find((choice) => ('And' in choice ? choice.And.every(holds) : holds(choice)));
    this.enter(execution, chosen?.Next ?? Default);
  }

  /** `tried`: how often each retrier has been used in this visit of the state. */
  private async call(execution: Execution, state: TaskState, tried: Map<number, number>): Promise<void> {
    const token = `${execution.name}#${this.world.random.between(0, 1_000_000_000)}`;
    const failed = (failure: Failure): void => this.failed(execution, state, tried, failure);
    const waits = state.Resource.endsWith('.waitForTaskToken');
    if (waits) this.wait(token, state, { execution, go: (output) => this.done(execution, state, output), failed });
    const payload = filled(state.Parameters.Payload, execution.data, { Execution: { Name: execution.name }, Task: { Token: token } });
    this.tasks ??= createMergeTasks(this.world.ports());
    try {
      const answer = await this.tasks[taskNameOf(state.Parameters.FunctionName)]?.(payload);
      if (!waits && execution.status === 'running') this.done(execution, state, { Payload: answer });
    } catch (error) {
      this.waiting.delete(token);
      failed({ name: error instanceof Error ? error.name : 'Unknown', cause: error instanceof Error ? error.message : '' });
    }
  }

  private wait(token: string, { TimeoutSeconds, HeartbeatSeconds }: TaskState, step: Omit<Waiting, 'beatAtMs'>): void {
    const { schedule } = this.world;
    const sinceMs = schedule.nowMs();
    const waiting: Waiting = { ...step, beatAtMs: sinceMs };
    this.waiting.set(token, waiting);
    const endMs = sinceMs + TimeoutSeconds * 1000;
    const beatMs = (HeartbeatSeconds ?? TimeoutSeconds) * 1000;
    const look = (): void => {
      if (this.waiting.get(token) !== waiting) return;
      if (waiting.execution.status !== 'running') this.waiting.delete(token);
      else if (Math.min(waiting.beatAtMs + beatMs, endMs) > schedule.nowMs()) schedule.at(Math.min(waiting.beatAtMs + beatMs, endMs), look);
      else {
        this.waiting.delete(token);
        waiting.failed({ name: endMs <= schedule.nowMs() ? 'States.Timeout' : 'States.HeartbeatTimeout', cause: 'nobody answered' });
      }
    };
    schedule.at(Math.min(sinceMs + beatMs, endMs), look);
  }

  private done(execution: Execution, state: TaskState, output: unknown): void {
    const result = state.ResultSelector === undefined ? output : filled(state.ResultSelector, output, {});
    execution.data = put(execution.data, state.ResultPath, result);
    this.enter(execution, state.Next);
  }

  private failed(execution: Execution, state: TaskState, tried: Map<number, number>, { name, cause }: Failure): void {
    if (execution.status !== 'running') return;
    const index = state.Retry.findIndex(({ ErrorEquals }) => matches(ErrorEquals, name));
    const retrier = state.Retry[index];
    const tries = tried.get(index) ?? 0;
    if (retrier !== undefined && tries < retrier.MaxAttempts) {
      tried.set(index, tries + 1);
      const mostMs = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** tries, retrier.MaxDelaySeconds) * 1000;
      this.later(execution, () => this.call(execution, state, tried), this.world.random.between(0, mostMs));
      return;
    }
    const caught = state.Catch.find(({ ErrorEquals }) => matches(ErrorEquals, name));
    if (caught === undefined) {
      execution.status = 'failed';
      return;
    }
    execution.data = put(execution.data, caught.ResultPath, { Error: name, Cause: cause });
    this.enter(execution, caught.Next);
  }
}

/** The workflow port over the real definitions. */
export const simulatedMachines = (world: World): Workflow => {
  const machines = new Machines(world);
  const taken = (token: string): Waiting | undefined => {
    const step = machines.waiting.get(token);
    return step?.execution.status === 'running' ? step : undefined;
  };
  return {
    start: async (machine, name, input) => {
      if (machines.executions.has(name)) return;
      const execution: Execution = { name, machine, data: { ...input }, status: 'running' };
      machines.executions.set(name, execution);
      machines.enter(execution, machineOf(machine).StartAt);
    },
    status: async (_machine, name) => machines.executions.get(name)?.status ?? 'unknown',
    succeed: async (token, output) => {
      const step = taken(token);
      if (step === undefined) return 'gone';
      // The call may be lost on its way: a rule sends it again.
      if (world.hits('lostTokens')) throw new ServiceUnreachable('the workflow service cannot be reached');
      machines.waiting.delete(token);
      step.go(output);
      return 'taken';
    },
    fail: async (token, error) => {
      const step = taken(token);
      if (step === undefined) return 'gone';
      machines.waiting.delete(token);
      step.failed(error);
      return 'taken';
    },
    heartbeat: async (token) => {
      const step = taken(token);
      if (step === undefined) return 'gone';
      step.beatAtMs = world.schedule.nowMs();
      return 'taken';
    },
    abort: async (_machine, name) => {
      const found = machines.executions.get(name);
      if (found?.status === 'running') found.status = 'aborted';
    },
    removeTown: async () => undefined,
  };
};
