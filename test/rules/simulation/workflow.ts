// Simulated executions: the real merge tasks in the order of the state machines, with commands of the runner answered on the spot.
import type { MergeRequestDetails } from '../../../functions/contracts/merge-request.schema.ts';
import type { Command } from '../../../functions/contracts/runner.schema.ts';
import { isMergeRequest, writesOf } from '../../../functions/domain/bead-writes.ts';
import { revised } from '../../../functions/domain/transition.ts';
import { retryableErrors } from '../../../functions/merge/errors.ts';
import { createMergeTasks } from '../../../functions/merge/tasks.ts';
import type { ExecutionStatus, MachineName, Ports, Workflow } from '../../../functions/ports.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

export type MergeFault = 'deaths' | 'conflicts' | 'lostTokens';
interface World {
  readonly ports: () => Ports;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly hits: (fault: MergeFault) => boolean;
  readonly rigId: string;
}
interface Execution {
  readonly name: string;
  readonly machine: MachineName;
  readonly subject: { execution: string; townId: string; mergeRequestId: string };
  status: ExecutionStatus;
  token?: string;
}

/** Faults of each kind until so many have happened. */
export const boundedFaults = (left: Record<MergeFault, number>, random: Random): World['hits'] => {
  const chances: Readonly<Record<MergeFault, number>> = { deaths: 0.08, conflicts: 0.15, lostTokens: 0.2 };
  return (fault) => {
    if (!random.chance(chances[fault]) || left[fault] <= 0) return false;
    left[fault] -= 1;
    return true;
  };
};
interface Waiting {
  readonly execution: Execution;
  readonly go: () => void;
  readonly sinceMs: number;
  beatAtMs: number;
}
/** Of the state `Review` in merge.asl.json. */
const heartbeatMs = 3_600_000;
const waitMs = 7_200_000;
const isRetryable = (error: unknown): boolean => error instanceof Error && retryableErrors.some((name) => name === error.name);

const target = 'a'.repeat(40);
const outcomeOf = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : undefined;

export const simulatedWorkflow = (world: World): Workflow => {
  const executions = new Map<string, Execution>();
  const waiting = new Map<string, Waiting>();
  let tasks: Readonly<Record<string, (event: unknown) => Promise<unknown>>> | undefined;
  const call = async (task: string, event: object): Promise<unknown> => {
    tasks ??= createMergeTasks(world.ports());
    return tasks[task]?.(event);
  };
  const next = (execution: Execution, step: (execution: Execution) => Promise<void>): void => {
    world.schedule.after(world.random.between(200, 8_000), async () => {
      if (execution.status !== 'running') return;
      if (world.hits('deaths')) {
        execution.status = world.random.pick(['failed', 'timed_out', 'aborted']);
        return;
      }
      try {
        await step(execution);
      } catch (error) {
        if (isRetryable(error)) next(execution, step);
        else await fail(execution, error instanceof Error ? error.name : 'Unknown');
      }
    });
  };
  const fail = async (execution: Execution, name: string): Promise<void> => {
    if (execution.status !== 'running') return;
    try {
      await call('record-failure', { ...execution.subject, error: { Error: name, Cause: 'simulated' } });
      execution.status = 'failed';
    } catch (error) {
      if (isRetryable(error)) world.schedule.after(2_000, () => fail(execution, name));
      else execution.status = 'failed';
    }
  };
  const end = (execution: Execution): void => {
    execution.status = 'succeeded';
  };
  const prepare = async (execution: Execution): Promise<void> => {
    const { subject } = execution;
    const { store, clock, ids } = world.ports();
    const request = await store.get('bead', { townId: subject.townId, beadId: subject.mergeRequestId });
    if (request === undefined || !isMergeRequest(request) || request.status !== 'in_progress') return;
    const prepared: NonNullable<MergeRequestDetails['prepared']> = {
      targetSha: target,
      tip: request.details.headSha.replace(/^0/, 'b'),
      headSha: request.details.headSha,
    };
    const nowMs = clock.nowMs();
    const after = revised(request, { details: { ...request.details, prepared } }, new Date(nowMs).toISOString());
    const outcome = await store.commit(writesOf([{ before: request, after }], undefined, { nowMs, stamp: ids.ulid() }));
    if (!outcome.ok) await prepare(execution);
  };
  const conflict = async (execution: Execution): Promise<void> => {
    const { store, clock } = world.ports();
    const { subject, name } = execution;
    const at = new Date(clock.nowMs()).toISOString();
    const command: Command = {
      townId: subject.townId,
      commandId: `${name}-prepare-1`,
      state: 'done',
      tokenTaken: true,
      deadlineAtMs: clock.nowMs(),
      version: 1,
      createdAt: at,
      updatedAt: at,
      payload: { kind: 'check-rig', rigId: world.rigId },
      result: { kind: 'prepare', outcome: 'conflict', conflictFiles: ['src/a.ts'], commits: [] },
    };
    await store.commit([{ put: 'command', item: command, when: 'none' }]);
    await call('record-result', { ...subject, round: 1, result: 'conflict' });
    end(execution);
  };

  const decide = async (execution: Execution): Promise<void> => {
    const outcome = outcomeOf(await call('take-verdict', execution.subject));
    await call('record-result', { ...execution.subject, round: 1, result: outcome === 'approved' ? 'queued' : 'changes' });
    end(execution);
  };
  const review = async (execution: Execution): Promise<void> => {
    const token = `${execution.name}#${world.random.between(0, 1_000_000_000)}`;
    // A state that is entered again has a new token; the old one is gone.
    for (const [old, { execution: owner }] of waiting) if (owner === execution) waiting.delete(old);
    const nowMs = world.ports().clock.nowMs();
    waiting.set(token, { execution, go: () => next(execution, decide), sinceMs: nowMs, beatAtMs: nowMs });
    world.schedule.after(heartbeatMs, () => look(token));
    await call('ask-review', { ...execution.subject, token });
  };
  /** Ends a step that nobody has sent a heartbeat for, or that waits too long. */
  const look = async (token: string): Promise<void> => {
    const step = waiting.get(token);
    if (step === undefined || step.execution.status !== 'running') {
      waiting.delete(token);
      return;
    }
    const nowMs = world.ports().clock.nowMs();
    const dueAtMs = Math.min(step.beatAtMs + heartbeatMs, step.sinceMs + waitMs);
    if (dueAtMs > nowMs) {
      world.schedule.at(dueAtMs, () => look(token));
      return;
    }
    waiting.delete(token);
    await fail(step.execution, step.beatAtMs + heartbeatMs <= nowMs ? 'States.HeartbeatTimeout' : 'States.Timeout');
  };
  const stack = async (execution: Execution): Promise<void> => {
    if (world.hits('conflicts')) return conflict(execution);
    await prepare(execution);
    next(execution, execution.machine === 'merge' ? review : push);
  };
  const push = async (execution: Execution): Promise<void> => {
    await call('intend-push', execution.subject);
    next(execution, complete);
  };
  const complete = async (execution: Execution): Promise<void> => {
    await call('complete-merge', { ...execution.subject, round: 1 });
    end(execution);
  };
  const claim = async (execution: Execution): Promise<void> => {
    const outcome = outcomeOf(await call(execution.machine === 'merge' ? 'claim-merge' : 'claim-train', execution.subject));
    if (outcome === 'stale') end(execution);
    else next(execution, outcome === 'push' ? complete : stack);
  };
  return {
    start: async (machine, name, input) => {
      if (executions.has(name)) return;
      const execution: Execution = {
        name,
        machine,
        status: 'running',
        subject: { execution: name, townId: String(input.townId), mergeRequestId: String(input.mergeRequestId) },
      };
      executions.set(name, execution);
      next(execution, claim);
    },
    status: async (_machine, name) => executions.get(name)?.status ?? 'unknown',
    succeed: async (token) => {
      const step = waiting.get(token);
      if (step === undefined || step.execution.status !== 'running') return 'gone';
      // The call may be lost on its way: the rule for settled verdicts sends it again.
      if (world.hits('lostTokens')) throw new Error('the workflow service cannot be reached');
      waiting.delete(token);
      step.go();
      return 'taken';
    },
    fail: async (token, error) => {
      const step = waiting.get(token);
      if (step === undefined || step.execution.status !== 'running') return 'gone';
      waiting.delete(token);
      await fail(step.execution, error.name);
      return 'taken';
    },
    heartbeat: async (token) => {
      const step = waiting.get(token);
      if (step === undefined || step.execution.status !== 'running') return 'gone';
      step.beatAtMs = world.ports().clock.nowMs();
      return 'taken';
    },
    abort: async (_machine, name) => {
      const found = executions.get(name);
      if (found?.status === 'running') found.status = 'aborted';
    },
    removeTown: async () => undefined,
  };
};
