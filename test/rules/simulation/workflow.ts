// Simulated executions: the real merge tasks in the order of the state machines, with commands of the runner answered on the spot.
import type { MergeRequestDetails } from '../../../functions/contracts/merge-request.schema.ts';
import type { Command } from '../../../functions/contracts/runner.schema.ts';
import { isMergeRequest, writesOf } from '../../../functions/domain/bead-writes.ts';
import { revised } from '../../../functions/domain/transition.ts';
import { createMergeTasks } from '../../../functions/merge/tasks.ts';
import type { ExecutionStatus, MachineName, Ports, Workflow } from '../../../functions/ports.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

export interface MergeFaults {
  deaths: number;
  conflicts: number;
  lostTokens: number;
}
interface World {
  readonly ports: () => Ports;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly faults: MergeFaults;
}
interface Execution {
  readonly name: string;
  readonly machine: MachineName;
  readonly subject: { execution: string; townId: string; mergeRequestId: string };
  status: ExecutionStatus;
  token?: string;
}

const spend = (faults: MergeFaults, kind: keyof MergeFaults, hit: boolean): boolean => {
  if (!hit || faults[kind] <= 0) return false;
  faults[kind] -= 1;
  return true;
};
const target = 'a'.repeat(40);
const outcomeOf = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : undefined;

export const simulatedWorkflow = (world: World): Workflow => {
  const executions = new Map<string, Execution>();
  const waiting = new Map<string, () => void>();
  let tasks: Readonly<Record<string, (event: unknown) => Promise<unknown>>> | undefined;
  const call = async (task: string, event: object): Promise<unknown> => {
    tasks ??= createMergeTasks(world.ports());
    return tasks[task]?.(event);
  };
  const next = (execution: Execution, step: (execution: Execution) => Promise<void>): void => {
    world.schedule.after(world.random.between(200, 8_000), async () => {
      if (execution.status !== 'running') return;
      if (spend(world.faults, 'deaths', world.random.chance(0.08))) {
        execution.status = world.random.pick(['failed', 'timed_out', 'aborted']);
        return;
      }
      try {
        await step(execution);
      } catch (error) {
        execution.status = 'failed';
        await call('record-failure', {
          ...execution.subject,
          error: { Error: error instanceof Error ? error.name : 'Unknown', Cause: 'simulated' },
        });
      }
    });
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
      payload: { kind: 'check-rig', rigId: 'r-aaaa0001' },
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
    waiting.set(token, () => {
      next(execution, decide);
    });
    await call('ask-review', { ...execution.subject, token });
  };
  const stack = async (execution: Execution): Promise<void> => {
    if (spend(world.faults, 'conflicts', world.random.chance(0.15))) return conflict(execution);
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
      const go = waiting.get(token);
      if (go === undefined) return 'gone';
      // The call may be lost on its way: the rule for settled verdicts sends it again.
      if (spend(world.faults, 'lostTokens', world.random.chance(0.2))) throw new Error('the workflow service cannot be reached');
      waiting.delete(token);
      go();
      return 'taken';
    },
    fail: async () => 'gone',
    heartbeat: async (token) => (waiting.has(token) ? 'taken' : 'gone'),
    abort: async (_machine, name) => {
      const found = executions.get(name);
      if (found?.status === 'running') found.status = 'aborted';
    },
    removeTown: async () => undefined,
  };
};
