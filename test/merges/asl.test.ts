import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import {
  ExecutionOvertaken,
  finalErrors,
  lambdaErrors,
  MergeInputInvalid,
  MergeStateMoved,
  retryableErrors,
  runnerErrors,
  TrainContended,
} from '../../functions/merge/errors.ts';
import { taskNames } from '../../functions/merge/tasks.ts';
import { commandErrorNames } from '../../functions/operations/commands.ts';
import { StoreUnavailable } from '../../functions/store-errors.ts';
import { taskNameOf } from '../../infra/local/workflow/machine.ts';
import { aslProblems } from './asl-rules.ts';
import type { AslKnowledge } from './asl-rules.ts';

const root = join(import.meta.dirname, '..', '..');
const machines = readdirSync(join(root, 'statemachines')).map((file) => ({
  file,
  text: readFileSync(join(root, 'statemachines', file), 'utf8'),
}));
const substitutionOf = (task: string): string =>
  `${task
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('')}FunctionArn`;
const knowledge: AslKnowledge = {
  substitutions: taskNames.map(substitutionOf),
  errorNames: [...retryableErrors, ...lambdaErrors, ...runnerErrors, ...finalErrors],
  alwaysRetried: [...retryableErrors, ...lambdaErrors],
  failureState: 'RecordFailure',
};
const stateSchema = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  TimeoutSeconds: z.number().optional(),
  HeartbeatSeconds: z.number().optional(),
  Parameters: z.looseObject({ FunctionName: z.string() }).optional(),
});
const definitionSchema = z.looseObject({ States: z.record(z.string(), stateSchema) });
const statesOf = (text: string) => Object.entries(definitionSchema.parse(JSON.parse(text)).States);

describe('the state machines', () => {
  it('are the two that the product has', () => {
    expect(machines.map(({ file }) => file).toSorted()).toEqual(['merge.asl.json', 'train.asl.json']);
  });

  it.each(machines)('$file is valid and keeps every rule', ({ text }) => {
    expect(aslProblems(text, knowledge)).toEqual([]);
  });

  it('call every task that exists, and no other', () => {
    const called = new Set(machines.flatMap(({ text }) => [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => taskNameOf(match[0]))));
    expect([...called].toSorted()).toEqual(taskNames.toSorted());
    const files = readdirSync(join(root, 'functions', 'merge'))
      .filter((file) => file.endsWith('.task.ts'))
      .map((file) => file.slice(0, -'.task.ts'.length));
    expect(files.toSorted()).toEqual(taskNames.toSorted());
  });

  it('name errors as our code names them', () => {
    const message = 'x';
    expect([new StoreUnavailable(message).name, new MergeStateMoved(message).name]).toEqual([...retryableErrors]);
    expect(runnerErrors).toContain(commandErrorNames.retryable);
    expect(finalErrors).toEqual([commandErrorNames.final]);
    const unretried = [new ExecutionOvertaken(message), new MergeInputInvalid(message), new TrainContended(message)].map(
      (error) => error.name,
    );
    for (const { text } of machines)
      for (const name of [...unretried, commandErrorNames.final]) expect(text).not.toContain(`"ErrorEquals": ["${name}"`);
  });

  it('wait as long as the timings say', () => {
    const waiting = machines
      .flatMap(({ text }) => statesOf(text))
      .filter(([, state]) => state.Resource?.endsWith('.waitForTaskToken') === true);
    for (const [name, state] of waiting) {
      expect({ name, heartbeatMs: (state.HeartbeatSeconds ?? 0) * 1000 }).toEqual({
        name,
        heartbeatMs: name === 'Review' ? defaultTimings.reviewDeadlineMs : defaultTimings.workflowHeartbeatMs,
      });
      expect((state.TimeoutSeconds ?? 0) * 1000).toBeGreaterThan(defaultTimings.commandDeadlineMs);
    }
    expect(waiting.length).toBe(8);
  });
});

const stateOf = (states: Record<string, Record<string, unknown>>, name: string): Record<string, unknown> => states[name] ?? {};

describe('the checker turns red on', () => {
  const merge = machines.find(({ file }) => file === 'merge.asl.json')?.text ?? '';
  const planted = (change: (states: Record<string, Record<string, unknown>>) => void): string[] => {
    const definition = z.looseObject({ States: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(JSON.parse(merge));
    change(definition.States);
    return aslProblems(JSON.stringify(definition), knowledge);
  };
  it.each([
    [
      'a task without a time limit',
      (states) => {
        delete stateOf(states, 'ClaimMerge').TimeoutSeconds;
      },
      'ClaimMerge: has no TimeoutSeconds',
    ],
    [
      'a task without a retry',
      (states) => {
        delete stateOf(states, 'ClaimMerge').Retry;
      },
      'ClaimMerge: does not retry StoreUnavailable',
    ],
    [
      'a retry without jitter',
      (states) => {
        stateOf(states, 'ClaimMerge').Retry = [{ ErrorEquals: knowledge.alwaysRetried, MaxAttempts: 3 }];
      },
      'ClaimMerge: retries without jitter',
    ],
    [
      'a retry without a bound',
      (states) => {
        stateOf(states, 'ClaimMerge').Retry = [{ ErrorEquals: knowledge.alwaysRetried, JitterStrategy: 'FULL', MaxAttempts: 1000 }];
      },
      'ClaimMerge: retries without a bound',
    ],
    [
      'a task without a catch',
      (states) => {
        delete stateOf(states, 'ClaimMerge').Catch;
      },
      'ClaimMerge: does not catch States.ALL',
    ],
    [
      'a failure that nobody records',
      (states) => {
        stateOf(states, 'ClaimMerge').Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }];
      },
      'ClaimMerge: its failure does not lead to RecordFailure',
    ],
    [
      'a token task without a heartbeat',
      (states) => {
        delete stateOf(states, 'Prepare').HeartbeatSeconds;
      },
      'Prepare: waits for a token without HeartbeatSeconds',
    ],
    [
      'a token that is not handed out',
      (states) => {
        stateOf(states, 'Prepare').Parameters = { FunctionName: '${RunStepFunctionArn}', Payload: {} };
      },
      'Prepare: waits for a token that it does not hand out',
    ],
    [
      'an unknown substitution',
      (states) => {
        stateOf(states, 'ClaimMerge').Parameters = { FunctionName: '${NobodyFunctionArn}' };
      },
      'the substitution ${NobodyFunctionArn} stands for no task',
    ],
    [
      'an error that nothing throws',
      (states) => {
        stateOf(states, 'ClaimMerge').Retry = [
          { ErrorEquals: [...knowledge.alwaysRetried, 'StoreUnavailabel'], MaxAttempts: 3, JitterStrategy: 'FULL' },
        ];
      },
      'ClaimMerge: names the error StoreUnavailabel',
    ],
    [
      'a state that leads nowhere',
      (states) => {
        stateOf(states, 'ClaimMerge').Next = 'Nowhere';
      },
      'Nowhere',
    ],
    [
      'another query language',
      (states) => {
        stateOf(states, 'Done').QueryLanguage = 'JSONata';
      },
      'only JSONPath',
    ],
  ] satisfies [string, (states: Record<string, Record<string, unknown>>) => void, string][])('%s', (_what, change, expected) => {
    expect(planted(change).join('\n')).toContain(expected);
  });
});
