// Applies the rules about the town's runtime. The lease is written first, the runtime called afterwards; every start is a new runtime epoch.
import { putAgent } from '../../domain/agent-writes.ts';
import type { Agent } from '../../contracts/agent.schema.ts';
import type { RuntimeLease } from '../../contracts/runner.schema.ts';
import { hasProcess, workedMsOf } from '../../domain/agent-state.ts';
import { putWork, workItem } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { breakerFailures } from '../../domain/plan/breakers.ts';
import { ranNow } from '../../domain/plan/hours.ts';
import { lastSignMs } from '../../domain/plan/runtime.ts';
import { hashOfToken } from '../../operations/bootstrap.ts';
import type { Write } from '../../ports.ts';
import { backoffMs, commit, escalationWrites, isoOf, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const refTries = 5;
const agentsPerCommit = 45;
/** A bootstrap token outlives the longest start that is waited for. */
const tokenGraces = 3;

const leaseOf = (ctx: PassContext): Promise<RuntimeLease | undefined> => ctx.ports.store.get('lease', { townId: ctx.townId });
const putLease = (ctx: PassContext, before: RuntimeLease | undefined, item: RuntimeLease): Write => ({
  put: 'lease',
  item: { ...item, version: (before?.version ?? 0) + 1, updatedAt: isoOf(ctx) },
  when: before === undefined ? { absent: true } : { equals: { version: before.version } },
});
/** A lease that nobody holds; a new epoch keeps late reports of the old holder out. */
const vacant = (lease: RuntimeLease, nowMs: number, more: Partial<RuntimeLease> = {}): RuntimeLease => ({
  ran: ranNow(lease, nowMs),
  townId: lease.townId,
  state: 'absent',
  runtimeEpoch: lease.runtimeEpoch + 1,
  reportSeq: 0,
  startFailures: lease.startFailures,
  version: lease.version,
  updatedAt: lease.updatedAt,
  ...(lease.lastError === undefined ? {} : { lastError: lease.lastError }),
  ...more,
});

const noteRef = async (ctx: PassContext, runtimeEpoch: number, runtimeRef: string): Promise<void> => {
  for (let attempt = 0; attempt < refTries; attempt += 1) {
    const lease = await leaseOf(ctx);
    if (lease === undefined || lease.runtimeEpoch !== runtimeEpoch || lease.state === 'absent') return;
    if ((await commit(ctx, [putLease(ctx, lease, { ...lease, runtimeRef })])) === 'done') return;
  }
};

/** R3: failures wait with back-off, from the third on for the breaker's period, and people are told with the cloud's own words. */
const failed = async (ctx: PassContext, lease: RuntimeLease, error: string): Promise<{ lease: RuntimeLease; more: Write[] }> => {
  const startFailures = lease.startFailures + 1;
  const { runtimeBreakerMs } = ctx.ports.deployment.timings;
  const waitMs =
    startFailures >= breakerFailures ? Math.max(runtimeBreakerMs, backoffMs(ctx, startFailures)) : backoffMs(ctx, startFailures);
  const more =
    startFailures === breakerFailures
      ? await escalationWrites(ctx, {
          rule: 'R3',
          mark: `R3#${lease.runtimeEpoch}`,
          severity: 'critical',
          category: 'lifecycle',
          cause: { of: 'runtime' },
          title: 'The town runtime cannot be kept running',
          body: `It failed ${startFailures} times in a row. The last error: ${error}\n\nIt is tried again by itself.`,
        })
      : [];
  return {
    lease: vacant(lease, ctx.ports.clock.nowMs(), {
      startFailures,
      lastError: error.slice(0, 2000),
      notBeforeMs: ctx.ports.clock.nowMs() + waitMs,
    }),
    more,
  };
};

/** A runner that was live: the next start follows at once, unless runners end soon after their start again and again. */
const ended = (ctx: PassContext, lease: RuntimeLease, why: string): Promise<{ lease: RuntimeLease; more: Write[] }> => {
  const livedMs = ctx.ports.clock.nowMs() - (lease.bootstrappedAtMs ?? 0);
  if (lease.endedWell === true)
    return Promise.resolve({ lease: vacant(lease, ctx.ports.clock.nowMs(), { startFailures: 0, lastError: why }), more: [] });
  if (lease.startFailures > 0 && livedMs < ctx.ports.deployment.timings.startGraceMs) return failed(ctx, lease, why);
  return Promise.resolve({ lease: vacant(lease, ctx.ports.clock.nowMs(), { startFailures: 1, lastError: why }), more: [] });
};

const startFailed = async (ctx: PassContext, runtimeEpoch: number, error: unknown): Promise<Applied> => {
  const text = error instanceof Error ? error.message : 'no reason was given';
  ctx.ports.log.warn('runtime_start_failed', { townId: ctx.townId, runtimeEpoch, error: text });
  const lease = await leaseOf(ctx);
  if (lease?.runtimeEpoch !== runtimeEpoch || lease.state !== 'starting') return 'lost';
  const next = await failed(ctx, lease, text);
  return commit(ctx, [
    putLease(ctx, lease, next.lease),
    { put: 'event', item: ruleEvent(ctx, 'R3', 'runtime_stopped', { new: text.slice(0, 2000) }), when: 'none' },
    ...next.more,
  ]);
};

export const startRuntime = async (ctx: PassContext, _action: ActionOf<'start-runtime'>): Promise<Applied> => {
  const { clock, tokens, deployment, runtime } = ctx.ports;
  const lease = await leaseOf(ctx);
  const nowMs = clock.nowMs();
  if (lease !== undefined && (lease.state !== 'absent' || (lease.notBeforeMs ?? 0) > nowMs)) return 'lost';
  const runtimeEpoch = (lease?.runtimeEpoch ?? 0) + 1;
  const bootstrapToken = await tokens.sign(
    { kind: 'bootstrap', townId: ctx.townId, runtimeEpoch },
    deployment.timings.startGraceMs * tokenGraces,
  );
  const starting: RuntimeLease = {
    townId: ctx.townId,
    state: 'starting',
    runtimeEpoch,
    bootstrapTokenHash: hashOfToken(bootstrapToken),
    reportSeq: 0,
    startedAtMs: nowMs,
    startFailures: lease?.startFailures ?? 0,
    version: 1,
    updatedAt: isoOf(ctx),
    ...(lease?.lastError === undefined ? {} : { lastError: lease.lastError }),
    ...(lease?.ran === undefined ? {} : { ran: lease.ran }),
  };
  const watched = putWork(workItem(ctx.townId, 'runtime', ctx.townId, nowMs, ctx.ports.ids.ulid()));
  // A town that was stopped a moment ago starts nothing, whatever this pass has planned.
  const goesOn: Write = { check: 'town', key: { townId: ctx.townId }, when: { equals: { stopped: undefined } } };
  if ((await commit(ctx, [goesOn, putLease(ctx, lease, starting), watched])) === 'lost') return 'lost';
  try {
    await noteRef(ctx, runtimeEpoch, await runtime.start({ townId: ctx.townId, runtimeEpoch, bootstrapToken }));
    return 'done';
  } catch (error) {
    return startFailed(ctx, runtimeEpoch, error);
  }
};

/** What this life adds to the agent time of the bead on the hook. */
const worked = (agent: Agent, nowMs: number): Pick<Agent, 'workedMs'> =>
  agent.hookBeadId === undefined ? {} : { workedMs: workedMsOf(agent, nowMs) };

/** Every live agent gets a new epoch and starts again; in parts, each only while the lease is still the old one. Repeating it is harmless. */
const raiseEpochs = async (ctx: PassContext, lease: RuntimeLease): Promise<Applied> => {
  const live = (await ctx.ports.store.agentsOf(ctx.townId)).filter(hasProcess);
  for (let start = 0; start < live.length; start += agentsPerCommit) {
    const raised = live.slice(start, start + agentsPerCommit).map((agent): Write =>
      putAgent(agent, {
        ...agent,
        ...worked(agent, ctx.ports.clock.nowMs()),
        state: 'starting',
        epoch: agent.epoch + 1,
        version: agent.version + 1,
        updatedAt: isoOf(ctx),
      }),
    );
    const check: Write = { check: 'lease', key: { townId: ctx.townId }, when: { equals: { runtimeEpoch: lease.runtimeEpoch } } };
    if ((await commit(ctx, [check, ...raised])) === 'lost') return 'lost';
  }
  return 'done';
};

const replace = async (ctx: PassContext, lease: RuntimeLease, why: string): Promise<Applied> => {
  if ((await raiseEpochs(ctx, lease)) === 'lost') return 'lost';
  const next = lease.state === 'starting' ? await failed(ctx, lease, why) : await ended(ctx, lease, why);
  const event = ruleEvent(ctx, 'R5', 'runtime_stopped', { new: why, data: { runtimeEpoch: lease.runtimeEpoch } });
  return commit(ctx, [putLease(ctx, lease, next.lease), { put: 'event', item: event, when: 'none' }, ...next.more]);
};

/** R5: asks whether the silent runtime, or one that is said to have ended, lives; a dead one is replaced, one that stays silent far too long is stopped first. */
export const checkRuntime = async (ctx: PassContext, _action: ActionOf<'check-runtime'>): Promise<Applied> => {
  const {
    runtime,
    clock,
    deployment: { timings },
  } = ctx.ports;
  const lease = await leaseOf(ctx);
  if (lease === undefined || (lease.state !== 'starting' && lease.state !== 'live')) return 'lost';
  const silentMs = clock.nowMs() - lastSignMs(lease);
  const isTold = lease.endedAtMs !== undefined;
  if (!isTold && silentMs < (lease.state === 'live' ? timings.runtimeSilentMs : 2 * timings.reportPeriodMs)) return 'lost';
  const status = lease.runtimeRef === undefined ? 'stopped' : await runtime.status(lease.runtimeRef);
  if (status === 'stopped') {
    const told = lease.endedWell === true ? 'it was stopped' : 'its process ended';
    const live = isTold ? told : 'it stopped without a word';
    return replace(ctx, lease, lease.state === 'starting' ? 'it stopped before it reported in' : live);
  }
  if (isTold) {
    // It runs: whoever said so was wrong.
    const { endedAtMs: _at, endedWell: _well, ...running } = lease;
    return commit(ctx, [putLease(ctx, lease, running)]);
  }
  const patienceMs = lease.state === 'starting' ? 2 * timings.startGraceMs : timings.runtimeSilentMs + timings.startGraceMs;
  if (silentMs < patienceMs) return 'done';
  if (lease.runtimeRef !== undefined) await runtime.stop(lease.runtimeRef);
  return replace(ctx, lease, 'it was silent for too long');
};

/** R2 keeps the time since which nothing needs the runtime. */
export const noteIdle = async (ctx: PassContext, action: ActionOf<'note-idle' | 'note-busy'>): Promise<Applied> => {
  const lease = await leaseOf(ctx);
  if (lease?.state !== 'live' || (lease.idleSinceMs === undefined) === (action.kind === 'note-busy')) return 'lost';
  const { idleSinceMs: _idle, ...busy } = lease;
  return commit(ctx, [putLease(ctx, lease, action.kind === 'note-busy' ? busy : { ...lease, idleSinceMs: ctx.ports.clock.nowMs() })]);
};

/** People are told once a day that the town waits for the next one. */
const hoursUsedUp = (ctx: PassContext): Promise<Write[]> =>
  escalationWrites(ctx, {
    rule: 'R2',
    mark: `R2#hours#${isoOf(ctx).slice(0, 10)}`,
    severity: 'medium',
    category: 'lifecycle',
    cause: { of: 'hours' },
    title: 'The runtime has used up its hours of today',
    body: 'Agents are parked and go on tomorrow (UTC). To let them go on now, raise runtime.maxHoursPerDay in the settings of the town.',
  });

/** Idle, or out of hours: then agents keep their beads and go on when a runtime may run again. */
export const stopRuntime = async (ctx: PassContext, action: ActionOf<'stop-runtime'>): Promise<Applied> => {
  const outOfHours = action.why === 'hours';
  const [lease, agents] = await Promise.all([leaseOf(ctx), ctx.ports.store.agentsOf(ctx.townId)]);
  const live = agents.filter(hasProcess);
  if (lease?.state !== 'live') return 'lost';
  if (!outOfHours && (lease.idleSinceMs === undefined || live.some((agent) => agent.hookBeadId !== undefined))) return 'lost';
  const at = isoOf(ctx);
  const resting = live.map((agent): Write =>
    // Sessions are on disk: the Mayor's conversation goes on at its next start.
    putAgent(agent, { ...agent, ...worked(agent, ctx.ports.clock.nowMs()), state: 'parked', version: agent.version + 1, updatedAt: at }),
  );
  const { drainMs } = ctx.ports.deployment.timings;
  const event = ruleEvent(ctx, 'R2', 'runtime_stopped', {
    new: outOfHours ? 'out of hours' : 'nothing to do',
    data: { runtimeEpoch: lease.runtimeEpoch, drainMs },
  });
  if (
    (await commit(ctx, [
      putLease(ctx, lease, { ...lease, state: 'draining' }),
      ...resting,
      ...(outOfHours ? await hoursUsedUp(ctx) : []),
      { put: 'event', item: event, when: 'none' },
    ])) === 'lost'
  )
    return 'lost';
  if (lease.runtimeRef !== undefined) await ctx.ports.runtime.stop(lease.runtimeRef);
  return 'done';
};

export const confirmStopped = async (ctx: PassContext, _action: ActionOf<'confirm-stopped'>): Promise<Applied> => {
  const { runtime } = ctx.ports;
  const lease = await leaseOf(ctx);
  if (lease?.state !== 'stopping' && lease?.state !== 'draining') return 'lost';
  if (lease.runtimeRef !== undefined && (await runtime.status(lease.runtimeRef)) !== 'stopped') {
    // The pass that began to stop it may have been killed before it said so; a runner that drains goes on reporting meanwhile.
    await runtime.stop(lease.runtimeRef);
    return 'done';
  }
  return commit(ctx, [putLease(ctx, lease, vacant(lease, ctx.ports.clock.nowMs()))]);
};
