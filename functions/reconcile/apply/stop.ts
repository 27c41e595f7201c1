// Carries out an emergency stop and looks whether it is so: runtime, executions, commands, agents. Every step may be repeated; nothing starts.
import type { RuntimeLease } from '../../contracts/runner.schema.ts';
import type { TownStop } from '../../contracts/stop.schema.ts';
import { hasProcess } from '../../domain/agent-state.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { nextAttempt } from '../../domain/merge-request.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { settleCommand } from '../../operations/commands.ts';
import { requestsAtWork } from '../../operations/requests-at-work.ts';
import type { MachineName, Write } from '../../ports.ts';
import { commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const agentsPerCommit = 90;
const listed = 500;

/** Agents of before the stop get a new epoch, so that whatever they hold is refused; they rest until the town goes on. */
const raiseEpochs = async (ctx: PassContext, stop: TownStop): Promise<void> => {
  const agents = (await ctx.ports.store.agentsOf(ctx.townId)).filter(
    (agent) => hasProcess(agent) && (agent.state !== 'starting' || agent.updatedAt < stop.at),
  );
  for (let start = 0; start < agents.length; start += agentsPerCommit)
    await commit(
      ctx,
      agents.slice(start, start + agentsPerCommit).map((agent): Write => ({
        put: 'agent',
        item: { ...agent, state: 'starting', epoch: agent.epoch + 1, version: agent.version + 1, updatedAt: isoOf(ctx) },
        when: { equals: { version: agent.version } },
      })),
    );
};

/** Every runtime of the town, also one that was being started and that no lease names. */
const stopRuntimes = async (ctx: PassContext): Promise<string[]> => {
  const { store, runtime } = ctx.ports;
  const lease = await store.get('lease', { townId: ctx.townId });
  const known = lease?.runtimeRef;
  if (known !== undefined) await runtime.stop(known);
  const others = await runtime.stopTown(ctx.townId);
  const isKnownStopped = known === undefined || (await runtime.status(known)) === 'stopped';
  if (!isKnownStopped || others === 'stopping') return [`runtime ${known ?? 'of an earlier start'}`];
  if (lease !== undefined && lease.state !== 'absent') {
    const { runtimeRef: _ref, instanceId: _instance, bootstrapTokenHash: _hash, idleSinceMs: _idle, endedAtMs: _ended, ...rest } = lease;
    const vacant: RuntimeLease = {
      ...rest,
      state: 'absent',
      runtimeEpoch: lease.runtimeEpoch + 1,
      version: lease.version + 1,
      updatedAt: isoOf(ctx),
    };
    await commit(ctx, [{ put: 'lease', item: vacant, when: { equals: { version: lease.version } } }]);
  }
  return [];
};

interface Execution {
  readonly machine: MachineName;
  readonly name: string;
}
const stopExecution = async (ctx: PassContext, { machine, name }: Execution): Promise<'stopped' | 'was over' | 'runs'> => {
  const { workflow } = ctx.ports;
  if ((await workflow.status(machine, name)) !== 'running') return 'was over';
  await workflow.abort(machine, name);
  return (await workflow.status(machine, name)) === 'running' ? 'runs' : 'stopped';
};

interface Halt {
  readonly stopped: string[];
  readonly runs: string[];
}
/** Merge and train executions. A request that was in one waits for its next attempt; that it was stopped counts as no failure. */
const stopExecutions = async (ctx: PassContext): Promise<Halt> => {
  const { store } = ctx.ports;
  const [work, trains] = await Promise.all([store.workOf(ctx.townId), store.trainsOf(ctx.townId)]);
  const halt: Halt = { stopped: [], runs: [] };
  const note = async (execution: Execution): Promise<boolean> => {
    const outcome = await stopExecution(ctx, execution);
    if (outcome === 'stopped') halt.stopped.push(execution.name);
    if (outcome === 'runs') halt.runs.push(`execution ${execution.name}`);
    return outcome !== 'runs';
  };
  const onTrains = new Set(trains.flatMap(({ currentMergeRequestId }) => currentMergeRequestId ?? []));
  for (const { executionName } of trains) if (executionName !== undefined) await note({ machine: 'train', name: executionName });
  for (const request of await requestsAtWork(ctx.ports, ctx.townId, work)) {
    if (request.status !== 'in_progress' || onTrains.has(request.beadId)) continue;
    const { executionName } = request.details;
    if (executionName !== undefined && !(await note({ machine: 'merge', name: executionName }))) continue;
    const event = ruleEvent(ctx, 'S1', 'merge_failed', {
      beadId: request.details.sourceBeadId,
      new: 'The town was stopped; it is tried again when the town goes on.',
      data: { mergeRequestId: request.beadId, attempt: request.details.attempt },
    });
    await commit(ctx, writesOf([{ before: request, after: nextAttempt(request, isoOf(ctx)) }], event, momentIn(ctx)));
  }
  return halt;
};

const stopCommands = async (ctx: PassContext): Promise<string[]> => {
  const { store } = ctx.ports;
  const { work, commands } = await store.passOf(ctx.townId);
  const ids = work.filter(({ kind }) => kind === 'command').map(({ workId }) => workId);
  const asked = ids.length === 0 ? [] : await store.commandsOf(ctx.townId, ids);
  const queued = [...commands, ...asked].filter(({ state }) => state === 'queued');
  for (const { commandId } of queued)
    await settleCommand(ctx.ports, ctx.townId, commandId, { kind: 'error', retryable: true, message: 'The town was stopped.' });
  return queued.map(({ commandId }) => commandId);
};

/** Each pass of a stopped town does this and nothing else; it writes only what is new. */
export const enforceStop = async (ctx: PassContext, _action: ActionOf<'enforce-stop'>): Promise<Applied> => {
  const before = (await ctx.ports.store.get('town', { townId: ctx.townId }))?.stopped;
  if (before === undefined) return 'lost';
  // The runtime first: it is what costs money.
  const runtimes = await stopRuntimes(ctx);
  await raiseEpochs(ctx, before);
  // Executions before their commands: a step that is told of an error would ask again.
  const executions = await stopExecutions(ctx);
  const commands = await stopCommands(ctx);
  const town = await ctx.ports.store.get('town', { townId: ctx.townId });
  if (town?.stopped === undefined) return 'lost';
  const stillRuns = [...runtimes, ...executions.runs];
  const { verifiedAt, ...known } = town.stopped;
  const isNews =
    executions.stopped.length + commands.length > 0 ||
    stillRuns.join('\n') !== known.stillRuns.join('\n') ||
    (stillRuns.length === 0) !== (verifiedAt !== undefined);
  if (!isNews) return 'done';
  const stopped: TownStop = {
    ...known,
    executions: [...new Set([...known.executions, ...executions.stopped])].slice(0, listed),
    commands: [...new Set([...known.commands, ...commands])].slice(0, listed),
    stillRuns,
    ...(stillRuns.length === 0 ? { verifiedAt: verifiedAt ?? isoOf(ctx) } : {}),
  };
  return commit(ctx, [
    {
      put: 'town',
      item: { ...town, stopped, version: town.version + 1, updatedAt: isoOf(ctx) },
      when: { equals: { version: town.version } },
    },
  ]);
};
