import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import type { LocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import { taskNameOf } from '../../infra/local/workflow/machine.ts';
import type { LocalTask } from '../../infra/local/workflow/machine.ts';
import { fakeClock, fakePorts } from '../fakes/ports.ts';

const retry = [{ ErrorEquals: ['StoreUnavailable'], IntervalSeconds: 1, MaxAttempts: 2, JitterStrategy: 'FULL' }];
const failure = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'RecordFailure' }];
const payload = { 'execution.$': '$$.Execution.Name', 'townId.$': '$.townId' };
/** Claim, ask and wait, then end by what was answered. */
const definition = {
  StartAt: 'Claim',
  TimeoutSeconds: 1000,
  States: {
    Claim: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${ClaimMergeFunctionArn}', Payload: payload },
      ResultSelector: { 'outcome.$': '$.Payload.outcome' },
      ResultPath: '$.claim',
      TimeoutSeconds: 10,
      Retry: retry,
      Catch: failure,
      Next: 'IsClaimed',
    },
    IsClaimed: { Type: 'Choice', Choices: [{ Variable: '$.claim.outcome', StringEquals: 'claimed', Next: 'Ask' }], Default: 'Done' },
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: '${AskReviewFunctionArn}', Payload: { ...payload, 'token.$': '$$.Task.Token' } },
      ResultPath: '$.answer',
      TimeoutSeconds: 40,
      HeartbeatSeconds: 20,
      Retry: [{ ErrorEquals: ['RunnerCommandRetryable'], IntervalSeconds: 1, MaxAttempts: 1, JitterStrategy: 'FULL' }],
      Catch: failure,
      Next: 'Record',
    },
    Record: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${RecordResultFunctionArn}', Payload: { ...payload, 'answer.$': '$.answer' } },
      ResultPath: null,
      TimeoutSeconds: 10,
      Retry: retry,
      Catch: failure,
      Next: 'Done',
    },
    RecordFailure: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${RecordFailureFunctionArn}', Payload: { ...payload, 'error.$': '$.error' } },
      ResultPath: null,
      TimeoutSeconds: 10,
      Retry: retry,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
      Next: 'Failed',
    },
    Failed: { Type: 'Fail', Error: 'MergeFailed', Cause: 'recorded' },
    Done: { Type: 'Succeed' },
  },
};

let folder: string;
let calls: { name: string; event: Record<string, unknown> }[];
let answers: Partial<Record<string, LocalTask>>;
let engines: LocalWorkflow[];
const clock = fakeClock();
const record =
  (name: string): LocalTask =>
  async (event) => {
    calls.push({ name, event: { ...(typeof event === 'object' ? event : {}) } });
    return answers[name]?.(event) ?? null;
  };
const engine = (secondMs = 10): LocalWorkflow => {
  const names = ['claim-merge', 'ask-review', 'record-result', 'record-failure'];
  const made = createLocalWorkflow({
    machinesDir: folder,
    dataDir: join(folder, 'executions'),
    tasks: () => Object.fromEntries(names.map((name) => [name, record(name)])),
    clock,
    log: fakePorts().log,
    secondMs,
  });
  engines.push(made);
  return made;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-workflow-'));
  writeFileSync(join(folder, 'merge.asl.json'), JSON.stringify(definition));
  calls = [];
  answers = { 'claim-merge': async () => ({ outcome: 'claimed' }) };
  engines = [];
});
afterEach(async () => {
  await Promise.all(engines.map((made) => made.stop()));
  rmSync(folder, { recursive: true, force: true });
});
const namesCalled = (): string[] => calls.map(({ name }) => name);
const tokenOf = (position = -1): string => String(calls.filter(({ name }) => name === 'ask-review').at(position)?.event.token);
const name = 't-4f9k2m1q-mr-web-3kf9-1';
const input = { townId: 't-4f9k2m1q' };

describe('the workflow engine of one machine', () => {
  it('finds the task that a substitution stands for', () => {
    expect(taskNameOf('${ClaimMergeFunctionArn}')).toBe('claim-merge');
    expect(taskNameOf('${AskReviewFunctionArn}')).toBe('ask-review');
  });

  it('runs tasks, waits for a token, and hands its output on', async () => {
    const workflow = engine();
    await workflow.start('merge', name, input);
    await vi.waitFor(() => {
      expect(namesCalled()).toEqual(['claim-merge', 'ask-review']);
    });
    expect(calls[0]?.event).toEqual({ execution: name, townId: 't-4f9k2m1q' });
    expect(await workflow.status('merge', name)).toBe('running');
    expect(await workflow.succeed(tokenOf(), { outcome: 'approved' })).toBe('taken');
    await vi.waitFor(async () => {
      expect(await workflow.status('merge', name)).toBe('succeeded');
    });
    expect(calls.at(-1)).toEqual({
      name: 'record-result',
      event: { execution: name, townId: 't-4f9k2m1q', answer: { outcome: 'approved' } },
    });
    expect(await workflow.succeed(tokenOf(), {})).toBe('gone');
    expect(await workflow.heartbeat('unknown')).toBe('gone');
  });

  it('ends one execution for good: no answer and no later process lets it go on', async () => {
    const workflow = engine();
    await workflow.start('merge', name, input);
    await vi.waitFor(() => {
      expect(namesCalled()).toEqual(['claim-merge', 'ask-review']);
    });
    await workflow.abort('merge', name);
    await workflow.abort('merge', 't-4f9k2m1q-mr-web-none-1');
    expect(await workflow.status('merge', name)).toBe('aborted');
    await workflow.succeed(tokenOf(), { outcome: 'approved' });
    await workflow.stop();
    const next = engine();
    await next.resume();
    expect(await next.status('merge', name)).toBe('aborted');
    expect(namesCalled()).toEqual(['claim-merge', 'ask-review']);
  });

  it('takes an answer that comes while the asking task still runs', async () => {
    const workflow = engine();
    answers['ask-review'] = async () => {
      await workflow.succeed(tokenOf(), 'early');
    };
    await workflow.start('merge', name, input);
    await vi.waitFor(async () => {
      expect(await workflow.status('merge', name)).toBe('succeeded');
    });
    expect(calls.at(-1)?.event.answer).toBe('early');
  });

  it('asks again with another token after an error that is retried, and records one that is not', async () => {
    const workflow = engine();
    await workflow.start('merge', name, input);
    await vi.waitFor(() => {
      expect(namesCalled()).toHaveLength(2);
    });
    await workflow.fail(tokenOf(), { name: 'RunnerCommandRetryable', cause: 'network' });
    await vi.waitFor(() => {
      expect(namesCalled()).toHaveLength(3);
    });
    expect(tokenOf(0)).not.toBe(tokenOf(1));
    await workflow.fail(tokenOf(), { name: 'RunnerCommandFailed', cause: 'no such repository' });
    await vi.waitFor(async () => {
      expect(await workflow.status('merge', name)).toBe('failed');
    });
    expect(calls.at(-1)).toEqual({
      name: 'record-failure',
      event: { execution: name, townId: 't-4f9k2m1q', error: { Error: 'RunnerCommandFailed', Cause: 'no such repository' } },
    });
  });

  it('ends a wait without heartbeats, and lets heartbeats prolong it up to the time limit', async () => {
    const workflow = engine();
    await workflow.start('merge', name, input);
    await vi.waitFor(() => {
      expect(namesCalled()).toHaveLength(2);
    });
    const beats = setInterval(() => {
      void workflow.heartbeat(tokenOf());
    }, 20);
    await vi.waitFor(
      async () => {
        expect(await workflow.status('merge', name)).toBe('failed');
      },
      { timeout: 5000 },
    );
    clearInterval(beats);
    expect(calls.at(-1)?.event.error).toMatchObject({ Error: 'States.Timeout' });
    await workflow.start('merge', `${name}0`, input);
    await vi.waitFor(
      async () => {
        expect(await workflow.status('merge', `${name}0`)).toBe('failed');
      },
      { timeout: 5000 },
    );
    expect(calls.at(-1)?.event.error).toMatchObject({ Error: 'States.HeartbeatTimeout' });
  });

  it('starts one execution per name; the same name with other input is refused', async () => {
    answers['claim-merge'] = async () => ({ outcome: 'stale' });
    const workflow = engine();
    await workflow.start('merge', name, input);
    await workflow.start('merge', name, input);
    await vi.waitFor(async () => {
      expect(await workflow.status('merge', name)).toBe('succeeded');
    });
    await workflow.start('merge', name, input);
    expect(namesCalled()).toEqual(['claim-merge']);
    await expect(workflow.start('merge', name, { townId: 't-other000' })).rejects.toMatchObject({ name: 'ExecutionNameTaken' });
    expect(await workflow.status('merge', 'never-started')).toBe('unknown');
  });

  it('starts again from the beginning what the last process left running', async () => {
    const first = engine();
    await first.start('merge', name, input);
    await vi.waitFor(() => {
      expect(namesCalled()).toHaveLength(2);
    });
    const oldToken = tokenOf();
    await first.stop();
    const second = engine();
    expect(await second.status('merge', name)).toBe('running');
    await second.resume();
    await vi.waitFor(() => {
      expect(namesCalled()).toEqual(['claim-merge', 'ask-review', 'claim-merge', 'ask-review']);
    });
    expect(await second.succeed(oldToken, {})).toBe('gone');
    expect(await second.succeed(tokenOf(), {})).toBe('taken');
    await vi.waitFor(async () => {
      expect(await second.status('merge', name)).toBe('succeeded');
    });
  });

  it('keeps ended executions for at least a day and then forgets them; puts aside a file that it cannot read', async () => {
    answers['claim-merge'] = async () => ({ outcome: 'stale' });
    const workflow = engine();
    await workflow.start('merge', name, input);
    await vi.waitFor(async () => {
      expect(await workflow.status('merge', name)).toBe('succeeded');
    });
    clock.advance(25 * 60 * 60 * 1000);
    await workflow.resume();
    expect(await workflow.status('merge', name)).toBe('succeeded');
    writeFileSync(join(folder, 'executions', 'merge.torn.json'), '{"machine":');
    clock.advance(30 * 60 * 60 * 1000);
    const later = engine();
    await later.resume();
    expect(await later.status('merge', name)).toBe('unknown');
    expect(readdirSync(join(folder, 'executions'))).toEqual(['merge.torn.json.unreadable']);
  });

  it('runs the shipped definitions', () => {
    for (const machine of ['merge', 'train']) {
      writeFileSync(
        join(folder, `${machine}.asl.json`),
        readFileSync(join(import.meta.dirname, '../../statemachines', `${machine}.asl.json`)),
      );
    }
    expect(() => engine()).not.toThrow();
  });
});
