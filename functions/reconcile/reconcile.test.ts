import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../test/fakes/ports.ts';
import type { FakePorts } from '../../test/fakes/ports.ts';
import { aLease, aRequest, aRig, aTown, anIssue, iso, otherRigId, rigId, timings, townId } from '../../test/rules/build.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import { putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { hashOfToken } from '../operations/bootstrap.ts';
import { applyObservations } from '../operations/report-agents.ts';
import { noteRuntimeEnded } from '../operations/runtime-ended.ts';
import { slingBatch } from '../operations/sling-batch.ts';
import type { Ports, Store, Write } from '../ports.ts';
import { RuntimeStartFailed } from '../runtime-errors.ts';
import { StoreUnavailable } from '../store-errors.ts';
import { describePlan } from './dry-run.ts';
import { reconcileTown } from './reconcile.ts';
import { sweep, sweepEverything } from './sweep.ts';

const town = async (overrides: Partial<Ports> = {}, limits = {}): Promise<FakePorts> => {
  const ports = fakePorts(overrides);
  await ports.store.commit([
    { put: 'town', item: aTown(limits), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'rig', item: { ...aRig(otherRigId), prefix: 'api' }, when: 'none' },
  ]);
  return ports;
};
const store = (ports: Ports, beads: readonly Bead[], more: readonly Write[] = []) =>
  ports.store.commit(
    writesOf(
      beads.map((after) => ({ after })),
      undefined,
      { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() },
      more,
    ),
  );
const beadOf = (ports: Ports, beadId: string) => ports.store.get('bead', { townId, beadId });
const counted = (inner: Store): { store: Store; commits: Write[][] } => {
  const commits: Write[][] = [];
  return {
    commits,
    store: {
      ...inner,
      commit: (writes) => {
        commits.push([...writes]);
        return inner.commit(writes);
      },
    },
  };
};
const escalations = async (ports: Ports) =>
  (await ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: 50 })).items;
/** A runner that says one thing about one agent. */
const report = async (ports: FakePorts, agentId: string, cause: 'agent' | 'model'): Promise<void> => {
  const [agent, lease] = await Promise.all([ports.store.get('agent', { townId, agentId }), ports.store.get('lease', { townId })]);
  await applyObservations(ports, townId, {
    runtimeEpoch: lease?.runtimeEpoch ?? 0,
    reportSeq: 1,
    agents: [
      {
        agentId,
        epoch: agent?.epoch ?? 0,
        state: 'failed',
        activeTools: [],
        deliveredPromptIds: [],
        error: { cause, message: 'it broke' },
      },
    ],
  });
};

describe('a dispatch', () => {
  it('moves bead, agent, slots, work and event together, and starts the runtime after it', async () => {
    const ports = await town();
    await store(ports, [anIssue('web-a001')]);
    const result = await reconcileTown(ports, townId);
    expect(result).toMatchObject({ done: 2, lost: 0, failed: 0 });
    expect(await beadOf(ports, 'web-a001')).toMatchObject({
      status: 'in_progress',
      assigneeAgentId: 'toast',
      dispatchAttempts: 1,
      version: 2,
      details: { branch: 'gt/toast/web-a001', targetBranch: 'main' },
    });
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({
      state: 'starting',
      hookBeadId: 'web-a001',
      epoch: 1,
      slot: `${rigId}#1`,
      name: 'Toast',
      role: 'polecat',
      rigId,
    });
    expect((await ports.store.slotsOf(townId)).map((slot) => slot.slotId)).toEqual([`${rigId}#1`]);
    expect(await ports.store.readyOf(townId, rigId, '-', 5)).toEqual([]);
    expect((await ports.store.workOf(townId)).map((item) => item.kind)).toEqual(['flight', 'queue', 'runtime']);
    const lease = await ports.store.get('lease', { townId });
    expect(lease).toMatchObject({
      state: 'starting',
      runtimeEpoch: 1,
      runtimeRef: `runtime-${townId}-1`,
      bootstrapTokenHash: hashOfToken(ports.starts[0]?.bootstrapToken ?? ''),
    });
  });
  it('B1 is made once by two passes at the same time (L89)', async () => {
    const ports = await town();
    await store(ports, [anIssue('web-a001'), anIssue('web-a002')]);
    const [one, other] = await Promise.all([reconcileTown(ports, townId), reconcileTown(ports, townId)]);
    const events = (await ports.store.eventsOf(townId, {}, { limit: 50 })).items.filter((event) => event.type === 'dispatched');
    expect(events).toHaveLength(2);
    expect(one.lost + other.lost).toBeGreaterThan(0);
    expect(ports.starts).toHaveLength(1);
  });
});

describe('a pass', () => {
  it('without actions writes the alarm at most, and nothing at all the second time', async () => {
    const base = await town();
    const { store: counting, commits } = counted(base.store);
    const ports = { ...base, store: counting };
    await store(base, [anIssue('web-a001', {}, { notBefore: iso(60_000) })]);
    await reconcileTown(ports, townId);
    expect(commits.map((writes) => writes.map((write) => ('put' in write ? write.put : '-')))).toEqual([['alarm']]);
    expect(base.alarms).toEqual([{ townId, atMs: base.clock.nowMs() + 60_000, generation: 1 }]);
    await reconcileTown(ports, townId);
    expect(commits).toHaveLength(1);
  });
  it('pulls the alarm nearer, never further away', async () => {
    const ports = await town();
    await store(ports, [anIssue('web-a001', {}, { notBefore: iso(60_000) })]);
    await reconcileTown(ports, townId);
    await store(ports, [anIssue('web-a002', {}, { notBefore: iso(30_000) }), anIssue('web-a003', {}, { notBefore: iso(90_000) })]);
    await reconcileTown(ports, townId);
    expect(ports.alarms.map((alarm) => [alarm.atMs - ports.clock.nowMs(), alarm.generation])).toEqual([
      [60_000, 1],
      [30_000, 2],
    ]);
  });
  it('does the other actions when one fails outside, and looks again', async () => {
    const ports = await town({
      runtime: {
        start: async () => {
          throw new RuntimeStartFailed('no capacity in this zone');
        },
        status: async () => 'stopped',
        stop: async () => undefined,
        stopTown: async () => 'gone',
        removeTown: async () => 'gone',
      },
    });
    await store(ports, [anIssue('web-a001')]);
    await reconcileTown(ports, townId);
    expect((await beadOf(ports, 'web-a001'))?.status).toBe('in_progress');
    expect(await ports.store.get('lease', { townId })).toMatchObject({
      state: 'absent',
      startFailures: 1,
      lastError: 'no capacity in this zone',
      notBeforeMs: ports.clock.nowMs() + 30_000,
    });
  });
  it('gives up when the table cannot be reached', async () => {
    const ports = await town();
    const broken: Store = {
      ...ports.store,
      passOf: async () => {
        throw new StoreUnavailable('away');
      },
    };
    await expect(reconcileTown({ ...ports, store: broken }, townId)).rejects.toBeInstanceOf(StoreUnavailable);
  });
  it('does nothing for a town that does not exist', async () => {
    expect(await reconcileTown(fakePorts(), 't-none0000')).toEqual({ done: 0, lost: 0, failed: 0 });
  });
  it('can be described without being made', async () => {
    const ports = await town();
    await store(ports, [anIssue('web-a001')]);
    const description = await describePlan(ports, townId);
    expect(description?.actions.map(({ rule, kind, sentence }) => `${rule} ${kind}: ${sentence}`)).toEqual([
      'B1 dispatch: web-a001 goes to Toast.',
      'R1 start-runtime: There is work and no runtime: one is started.',
    ]);
    expect((await beadOf(ports, 'web-a001'))?.status).toBe('open');
    expect(await describePlan(ports, 't-none0000')).toBeUndefined();
  });
});

describe('lost agents', () => {
  it('B2 cost an attempt and a growing pause when it was their own fault, until the bead fails with the last error', async () => {
    const ports = await town();
    await store(ports, [anIssue('web-a001')]);
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await reconcileTown(ports, townId);
      await report(ports, 'toast', 'agent');
      await reconcileTown(ports, townId);
      const bead = await beadOf(ports, 'web-a001');
      expect(bead?.dispatchAttempts).toBe(attempt);
      const notBefore = bead?.details.type === 'issue' ? bead.details.notBefore : undefined;
      if (bead?.status === 'open' && notBefore !== undefined) pauses.push(Date.parse(notBefore) - ports.clock.nowMs());
      ports.clock.advance(600_000);
    }
    // Each within a fifth of its step: beads that failed together are not tried together.
    expect(pauses.map((pauseMs, index) => Math.abs(pauseMs / (timings.dispatchBackoffMs[index] ?? 1) - 1) <= 0.2)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(await beadOf(ports, 'web-a001')).toMatchObject({
      status: 'failed',
      failure: { code: 'dispatch_exhausted', message: 'After 5 attempts: it broke' },
    });
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({ state: 'idle', lastExit: 'it broke' });
  });
  it('B3 cost no attempt when everybody needs what broke, and after three failures beads are tried one at a time', async () => {
    const ports = await town();
    await store(
      ports,
      ['web-a001', 'web-a002', 'web-a003'].map((beadId) => anIssue(beadId)),
    );
    await reconcileTown(ports, townId);
    for (const agentId of ['toast', 'maple', 'birch']) await report(ports, agentId, 'model');
    await reconcileTown(ports, townId);
    expect((await beadOf(ports, 'web-a001'))?.dispatchAttempts).toBe(0);
    ports.clock.advance(timings.runtimeBreakerMs);
    await reconcileTown(ports, townId);
    const live = (await ports.store.agentsOf(townId)).filter((agent) => agent.state === 'starting');
    expect(live).toHaveLength(1);
  });
  it('tell the Mayor and people for real when a breaker opens, once', async () => {
    const ports = await town();
    await store(
      ports,
      ['web-a001', 'web-a002', 'web-a003'].map((beadId) => anIssue(beadId)),
    );
    await reconcileTown(ports, townId);
    for (const agentId of ['toast', 'maple', 'birch']) await report(ports, agentId, 'model');
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    const [told, ...more] = await escalations(ports);
    expect(more).toEqual([]);
    expect(told).toMatchObject({ title: 'The model endpoint failed 3 times in a row', details: { severity: 'high', source: 'patrol:B3' } });
    expect(await beadOf(ports, `${told?.beadId}.m0`)).toMatchObject({ details: { to: 'role:mayor', wakes: false }, status: 'open' });
    expect(ports.notified).toHaveLength(1);
    // It stands on the same model: it hears of it when it runs for another reason.
    expect(await ports.store.get('agent', { townId, agentId: 'mayor' })).toBeUndefined();
  });
});

describe('a merge whose execution failed', () => {
  const executionName = 'the-execution';
  const failedWith = async (lastExecution: string) => {
    const ports = await town();
    const lastResult = { result: 'error', message: 'GitFailed: the host is down', at: iso(), executionName: lastExecution };
    await store(ports, [
      anIssue('web-a001', { status: 'in_review' }),
      aRequest('web-m001', { status: 'in_progress' }, { sourceBeadId: 'web-a001', executionName, lastResult }),
    ]);
    ports.workflow.executions.push({ machine: 'merge', name: executionName, input: {}, status: 'failed' });
    ports.clock.advance(timings.mergeRetryMs);
    await reconcileTown(ports, townId);
    const request = await beadOf(ports, 'web-m001');
    return request?.details.type === 'merge_request' ? request.details : undefined;
  };
  it('keeps the reason that its failed step stored', async () => {
    expect(await failedWith(executionName)).toMatchObject({
      attempt: 2,
      failedAttempts: 1,
      lastResult: { result: 'error', message: 'GitFailed: the host is down' },
    });
  });
  it('does not repeat the reason of an earlier execution', async () => {
    expect(await failedWith('an-earlier-execution')).toMatchObject({ lastResult: { message: `execution ${executionName} is failed` } });
  });
});

describe('the runtime', () => {
  it('R3 is given up for a while after three failed starts, and people are told once with its own words', async () => {
    const ports = await town({
      runtime: {
        start: async () => {
          throw new RuntimeStartFailed('no capacity in this zone');
        },
        status: async () => 'stopped',
        stop: async () => undefined,
        stopTown: async () => 'gone',
        removeTown: async () => 'gone',
      },
    });
    await store(ports, [anIssue('web-a001')]);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await reconcileTown(ports, townId);
      ports.clock.advance(600_000);
    }
    expect((await escalations(ports)).map((bead) => bead.title)).toEqual(['The town runtime cannot be kept running']);
    expect((await escalations(ports))[0]?.body).toContain('no capacity in this zone');
  });
  it('R2 is told to stop again as long as it has not, even while it reports (L75)', async () => {
    const stops: string[] = [];
    const runtime = {
      start: async () => 'ref',
      status: async () => (stops.length > 0 ? ('stopped' as const) : ('running' as const)),
      stop: async (ref: string) => {
        stops.push(ref);
      },
      stopTown: async () => 'gone' as const,
      removeTown: async () => 'gone' as const,
    };
    const ports = await town({ runtime });
    await ports.store.commit([{ put: 'lease', item: aLease({ state: 'stopping' }), when: 'none' }]);
    await reconcileTown(ports, townId);
    expect(stops).toEqual(['pid-1']);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('lease', { townId })).toMatchObject({ state: 'absent', runtimeEpoch: 4 });
  });
  const withRuntime = async (status: 'stopped' | 'running') => {
    const ports = await town({
      runtime: {
        start: async () => 'new',
        status: async () => status,
        stop: async () => undefined,
        stopTown: async () => 'gone',
        removeTown: async () => 'gone',
      },
    });
    const put = (more: Partial<RuntimeLease> = {}) =>
      ports.store.commit([
        {
          put: 'lease',
          item: aLease({ bootstrappedAtMs: ports.clock.nowMs(), lastReportAtMs: ports.clock.nowMs(), ...more }),
          when: 'none',
        },
      ]);
    const told = async (ref: string, endedWell: boolean) => {
      await noteRuntimeEnded(ports, townId, ref, endedWell);
      await reconcileTown(ports, townId);
      return ports.store.get('lease', { townId });
    };
    return { ports, put, told };
  };
  it('is replaced at once when its end was told, and after a wait when the next one ends soon again', async () => {
    const { ports, put, told } = await withRuntime('stopped');
    await put();
    const first = await told('pid-1', false);
    expect(first).toMatchObject({ state: 'absent', startFailures: 1, lastError: 'its process ended' });
    expect(first?.notBeforeMs).toBeUndefined();
    expect(first?.endedAtMs).toBeUndefined();
    await put({ startFailures: 1 });
    ports.clock.advance(timings.startGraceMs - 1);
    expect(await told('pid-1', false)).toMatchObject({
      startFailures: 2,
      notBeforeMs: ports.clock.nowMs() + (timings.dispatchBackoffMs[1] ?? 0),
    });
  });
  it('is replaced at once as often as it is stopped by a person or with its machine', async () => {
    const { put, told } = await withRuntime('stopped');
    await put({ startFailures: 1 });
    const lease = await told('pid-1', true);
    expect(lease).toMatchObject({ state: 'absent', startFailures: 0, lastError: 'it was stopped' });
    expect(lease?.notBeforeMs).toBeUndefined();
  });
  it('goes on when what was told is wrong, or is about an earlier one', async () => {
    const { put, told } = await withRuntime('running');
    await put();
    for (const ref of ['pid-0', 'pid-1']) {
      const lease = await told(ref, false);
      expect(lease).toMatchObject({ state: 'live', runtimeEpoch: 3 });
      expect(lease?.endedAtMs).toBeUndefined();
    }
  });
  it('R5 is replaced when it died: its agents get new epochs first', async () => {
    const ports = await town({
      runtime: {
        start: async () => 'new',
        status: async () => 'stopped',
        stop: async () => undefined,
        stopTown: async () => 'gone',
        removeTown: async () => 'gone',
      },
    });
    await store(ports, [anIssue('web-a001')]);
    await reconcileTown(ports, townId);
    const lease = await ports.store.get('lease', { townId });
    await ports.store.commit([{ put: 'lease', item: { ...aLease(), runtimeEpoch: lease?.runtimeEpoch ?? 0, version: 9 }, when: 'none' }]);
    ports.clock.advance(timings.runtimeSilentMs);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('lease', { townId })).toMatchObject({ state: 'absent', runtimeEpoch: (lease?.runtimeEpoch ?? 0) + 1 });
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({
      state: 'starting',
      epoch: 2,
      hookBeadId: 'web-a001',
    });
  });
});

const batch = (ports: Ports, count: number) =>
  slingBatch(ports, {
    townId,
    userId: 'ada',
    actor: 'user:ada',
    input: {
      title: 'A batch',
      mergeMode: 'review-and-merge',
      parallel: true,
      staged: false,
      tasks: Array.from({ length: count }, (_, index) => ({ title: `Task ${index}`, body: '', rigId, dependsOn: [], priority: 'medium' })),
    },
  });
const end = async (ports: Ports, beadId: string, status: 'closed' | 'failed') => {
  const before = await beadOf(ports, beadId);
  if (before === undefined) throw new Error('no such bead');
  const failure = status === 'failed' ? { failure: { code: 'dispatch_exhausted', message: 'it broke' } } : {};
  await ports.store.commit(
    writesOf([{ before, after: { ...before, ...failure, status, version: before.version + 1 } }], undefined, {
      nowMs: ports.clock.nowMs(),
      stamp: ports.ids.ulid(),
    }),
  );
};

describe('convoys', () => {
  it('land when all members are closed', async () => {
    const ports = await town();
    const { convoy } = await batch(ports, 2);
    if (convoy.details.type !== 'convoy') throw new Error('no convoy');
    const [one = '', other = ''] = convoy.details.memberIds;
    await end(ports, one, 'closed');
    await reconcileTown(ports, townId);
    expect(await beadOf(ports, convoy.beadId)).toMatchObject({ status: 'open', details: { closedBeads: 1 } });
    await end(ports, other, 'closed');
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    expect(await beadOf(ports, convoy.beadId)).toMatchObject({ status: 'closed', details: { closedBeads: 2 } });
    expect((await ports.store.eventsOf(townId, {}, { limit: 100 })).items.filter((event) => event.type === 'convoy_landed')).toHaveLength(
      1,
    );
  });
  it('do not land with a failed member: people are told once', async () => {
    const ports = await town();
    const { convoy } = await batch(ports, 2);
    if (convoy.details.type !== 'convoy') throw new Error('no convoy');
    const [one = '', other = ''] = convoy.details.memberIds;
    await end(ports, one, 'failed');
    await reconcileTown(ports, townId);
    await end(ports, other, 'closed');
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    expect(await beadOf(ports, convoy.beadId)).toMatchObject({ status: 'open', details: { closedBeads: 1, failedBeads: 1 } });
    expect(await escalations(ports)).toHaveLength(1);
  });
});

describe('a deleted town', () => {
  it('R4 is stopped and removed, the town itself last, and nothing revives it', async () => {
    const ports = await town({
      runtime: {
        start: async () => 'ref',
        status: async () => 'stopped',
        stop: async () => undefined,
        stopTown: async () => 'gone',
        removeTown: async () => 'gone',
      },
    });
    await store(ports, [anIssue('web-a001')]);
    await reconcileTown(ports, townId);
    await ports.store.commit([{ put: 'town', item: aTown({}, { deletedAt: iso() }), when: 'none' }]);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('town', { townId })).toBeDefined();
    ports.clock.advance(timings.passGapMs);
    await reconcileTown(ports, townId);
    expect(await ports.store.get('town', { townId })).toBeUndefined();
    expect(await ports.store.get('alarm', { townId })).toBeUndefined();
    expect(ports.alarms).toEqual([]);
    expect(await ports.store.workOf(townId)).toEqual([]);
    expect(await ports.store.agentsOf(townId)).toEqual([]);
    expect(await beadOf(ports, 'web-a001')).toBeUndefined();
    expect(await reconcileTown(ports, townId)).toEqual({ done: 0, lost: 0, failed: 0 });
  });
});

describe('the sweep', () => {
  it('hints towns with overdue work; after a restart every town with work, and arms anew', async () => {
    const ports = await town();
    await ports.store.commit([putWork(workItem(townId, 'convoy', 'web-a001', ports.clock.nowMs() + 1000, 's'))]);
    expect(await sweep(ports)).toBe(0);
    await ports.store.commit([
      { put: 'alarm', item: { townId, armedAtMs: ports.clock.nowMs() + 60_000, generation: 4, version: 1 }, when: 'none' },
    ]);
    expect(await sweepEverything(ports)).toBe(1);
    expect(ports.hints).toEqual([townId]);
    expect((await ports.store.get('alarm', { townId }))?.armedAtMs).toBe(0);
    ports.clock.advance(1000);
    expect(await sweep(ports)).toBe(1);
  });
});
