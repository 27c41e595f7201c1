// One state machine, run by aws-local-stepfunctions. What that interpreter lacks is added around it: task tokens, heartbeats, the Lambda envelope.
import { readFileSync } from 'node:fs';
import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine } from 'aws-local-stepfunctions';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { z } from 'zod';
import type { Execution } from './execution-files.ts';
import { StepFailed } from './task-tokens.ts';
import type { TaskTokens } from './task-tokens.ts';

export type LocalTask = (event: unknown) => Promise<unknown>;

const invoke = 'arn:aws:states:::lambda:invoke';
const waitSuffix = '.waitForTaskToken';
const parametersSchema = z.object({ FunctionName: z.string(), Payload: z.record(z.string(), z.unknown()) });
const taskStateSchema = z.looseObject({
  Type: z.literal('Task'),
  Resource: z.enum([invoke, `${invoke}${waitSuffix}`]),
  TimeoutSeconds: z.number().positive(),
  HeartbeatSeconds: z.number().positive().optional(),
});
const definitionSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.looseObject({ Type: z.enum(['Task', 'Choice', 'Succeed', 'Fail', 'Pass', 'Wait']) })),
});
const isDefinition = (value: unknown): value is StateMachineDefinition => definitionSchema.safeParse(value).success;

/** `${ClaimMergeFunctionArn}` stands for the task `claim-merge`. */
export const taskNameOf = (substitution: string): string =>
  substitution
    .replace(/^\$\{/, '')
    .replace(/FunctionArn\}?$/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

const secondFields: readonly string[] = ['TimeoutSeconds', 'HeartbeatSeconds', 'IntervalSeconds', 'MaxDelaySeconds', 'Seconds'];

export interface MachineOptions {
  readonly path: string;
  /** How long a second of the definition takes, milliseconds. */
  readonly secondMs: number;
  readonly tokens: TaskTokens;
  readonly taskOf: (name: string) => LocalTask | undefined;
  /** True once the engine is being stopped: no further task is begun. */
  readonly stopping: () => boolean;
}
export interface Run {
  readonly result: Promise<unknown>;
  abort(): void;
}
export interface Machine {
  run(execution: Execution): Run;
}

/** The execution was ended by us, not by its steps. */
export const wasAborted = (error: unknown): boolean => error instanceof ExecutionAbortedError;
export const hasTimedOut = (error: unknown): boolean => error instanceof ExecutionTimeoutError;

interface TaskContext {
  Token: string;
}
interface Step {
  readonly waits: boolean;
  readonly heartbeatMs: number;
  readonly timeoutMs: number;
}

/** Throws when the definition has something that this engine does not carry (Map, Parallel, other integrations). */
export const loadMachine = (options: MachineOptions): Machine => {
  const definition: unknown = JSON.parse(readFileSync(options.path, 'utf8'), (key, value: unknown) =>
    secondFields.includes(key) && typeof value === 'number' ? (value * options.secondMs) / 1000 : value,
  );
  if (!isDefinition(definition)) throw new Error(`${options.path} is not a state machine that runs locally`);
  const steps = new Map<string, Step>();
  for (const [name, state] of Object.entries(definition.States)) {
    if (state.Type !== 'Task') continue;
    const { Resource, TimeoutSeconds, HeartbeatSeconds } = taskStateSchema.parse(state);
    steps.set(name, {
      waits: Resource.endsWith(waitSuffix),
      timeoutMs: TimeoutSeconds * 1000,
      heartbeatMs: (HeartbeatSeconds ?? TimeoutSeconds) * 1000,
    });
  }
  // The files are validated by a test; validating here would reject the unreplaced function names.
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });

  const call = async (execution: Execution, context: TaskContext, step: Step, input: unknown): Promise<unknown> => {
    if (options.stopping()) throw new StepFailed('Local.Stopped', 'the control plane stops');
    const { FunctionName, Payload } = parametersSchema.parse(input);
    const task = options.taskOf(taskNameOf(FunctionName));
    if (task === undefined) throw new StepFailed('Lambda.ResourceNotFoundException', `no task is called ${FunctionName}`);
    const token = context.Token;
    context.Token = options.tokens.mint(execution.name);
    if (!step.waits) return { Payload: (await task(structuredClone(Payload))) ?? null };
    // The token is known before the task runs: a settled command answers while it does.
    const answer = options.tokens.wait(token, step);
    try {
      await task(structuredClone(Payload));
      return (await answer) ?? null;
    } finally {
      options.tokens.close(token);
    }
  };
  return {
    run: (execution) => {
      const context: TaskContext = { Token: options.tokens.mint(execution.name) };
      const handlers = Object.fromEntries(
        [...steps].map(([name, step]) => [name, async (input: unknown) => jsonOf(await call(execution, context, step, input))]),
      );
      return machine.run(execution.input, {
        overrides: { taskResourceLocalHandlers: handlers },
        context: { Task: context, Execution: { Name: execution.name } },
      });
    },
  };
};

const jsonSchema = z.json();
/** What a step hands on is JSON, as between functions. */
const jsonOf = (value: unknown): z.infer<typeof jsonSchema> => jsonSchema.parse(JSON.parse(JSON.stringify(value)));
