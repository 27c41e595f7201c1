// The emergency stop over the API: one act, refused everywhere at once, carried out and verified by passes, whatever is killed in between.
import { describe, expect, it } from 'vitest';
import { agentOf } from '../../functions/operations/agent-caller.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { leaseOf } from '../../functions/operations/runtime-caller.ts';
import type { Ports, TownRuntime } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { StoreUnavailable } from '../../functions/store-errors.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease, aMessage, aRequest, anAgent, anIssue, sha, townId, townWith } from '../tools/town.ts';
import { bodyOf, client } from './call.ts';

const params = { townId };
const commandId = `${townId}-mr-lib-mr2-1-gates`;
const caller = { townId, runtimeEpoch: 3 };
const identity = { townId, agentId: 'toast', epoch: 4, role: 'polecat', runtimeEpoch: 3 } as const;

interface Machine extends TownRuntime {
  state: 'running' | 'stopped' | 'stuck';
}
const machine = (): Machine => {
  const made: Machine = {
    state: 'running',
    start: async () => {
      made.state = 'running';
      return 'pid-2';
    },
    status: async () => (made.state === 'stopped' ? 'stopped' : 'running'),
    stop: async () => {
      if (made.state === 'running') made.state = 'stopped';
    },
    stopTown: async () => (made.state === 'stopped' ? 'gone' : 'stopping'),
    removeTown: async () => 'gone',
  };
  return made;
};

/** Toast works, a merge execution waits for its gates on the runner, a bead is ready, somebody talks to the Mayor. */
const busyTown = async (overrides: Partial<Ports> = {}) => {
  const runtime = machine();
  const ports = await townWith(
    {
      lease: aLease({ runtimeRef: 'pid-1', lastReportAtMs: Date.parse('2026-11-21T10:00:00Z') }),
      agents: [anAgent()],
      beads: [
        anIssue(),
        anIssue({ latestMergeRequestId: 'lib-mr2' }, { beadId: 'lib-done', status: 'in_review', assigneeAgentId: undefined }),
        aRequest({ sourceBeadId: 'lib-done', executionName: `${townId}-mr-lib-mr2-1` }, { beadId: 'lib-mr2', status: 'in_progress' }),
        anIssue({}, { beadId: 'lib-next', status: 'open', assigneeAgentId: undefined }),
      ],
      messages: [aMessage()],
      more: [
        {
          put: 'command',
          item: {
            townId,
            commandId,
            payload: { kind: 'gates', rigId: 'r-rig1', sha: sha('a'), gates: [] },
            state: 'queued',
            deadlineAtMs: Date.parse('2026-11-21T10:10:00Z'),
            token: 'token-1',
            tokenTaken: false,
            version: 1,
            createdAt: '2026-11-21T10:00:00.000Z',
            updatedAt: '2026-11-21T10:00:00.000Z',
          },
          when: 'none',
        },
        { put: 'slot', item: { townId, slotId: 'r-rig1#1', holder: 'toast', claimedAt: '2026-11-21T10:00:00.000Z' }, when: 'none' },
      ],
    },
    fakePorts({ runtime, ...overrides }),
  );
  await ports.workflow.start('merge', `${townId}-mr-lib-mr2-1`, {});
  return { ports, runtime, call: client(ports) };
};
type Call = Awaited<ReturnType<typeof busyTown>>['call'];
const stop = async (call: Call) => bodyOf('stopTown', await call('stopTown', { as: 'ada', params, body: { reason: 'It burns money.' } }));
const stoppedOf = async (ports: FakePorts) => (await ports.store.get('town', { townId }))?.stopped;
const passes = async (ports: Ports, count: number): Promise<void> => {
  for (let done = 0; done < count; done += 1) await reconcileTown(ports, townId);
};

describe('the emergency stop', () => {
  it('is for the owner only', async () => {
    const { call } = await busyTown();
    expect((await call('stopTown', { as: 'bob', params, body: {} })).status).toBe(403);
    expect((await call('stopTown', { params, body: {} })).status).toBe(401);
  });
  it('refuses tools, pushes and reports at once, before any pass has run', async () => {
    const { ports, call } = await busyTown();
    await expect(agentOf(ports, identity)).resolves.toBeDefined();
    await stop(call);
    await expect(agentOf(ports, identity)).rejects.toMatchObject({ status: 409 });
    await expect(leaseOf(ports, caller)).rejects.toMatchObject({ status: 409 });
    const report = {
      runtimeEpoch: 3,
      reportSeq: 9,
      agents: [],
      turns: [],
      usage: [],
      commandResults: [],
      runningCommandIds: [],
      host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' as const },
    };
    await expect(applyReport(ports, caller, report)).rejects.toMatchObject({ status: 409 });
  });
  it('L99 ends what runs, says what it stopped, and when it saw that nothing runs any more', async () => {
    const { ports, runtime, call } = await busyTown();
    expect(await stop(call)).toMatchObject({ by: 'user:ada', reason: 'It burns money.', agents: ['toast'], runtime: 'pid-1' });
    await passes(ports, 1);
    expect(runtime.state).toBe('stopped');
    expect(ports.workflow.executions).toMatchObject([{ status: 'aborted' }]);
    expect(await stoppedOf(ports)).toMatchObject({
      agents: ['toast'],
      executions: [`${townId}-mr-lib-mr2-1`],
      commands: [commandId],
      stillRuns: [],
      verifiedAt: expect.any(String),
    });
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({ epoch: 5, hookBeadId: 'lib-work' });
    const refused = await pushCheck(ports, aLease(), {
      phase: 'before',
      agentId: 'toast',
      epoch: 4,
      rigId: 'r-rig1',
      branch: 'gt/toast/lib-work',
      sha: sha('b'),
    });
    expect(refused.allowed).toBe(false);
    expect(await ports.store.get('bead', { townId, beadId: 'lib-mr2' })).toMatchObject({
      status: 'open',
      details: { stage: 'new', attempt: 2 },
    });
  });
  it('lets nothing start while it holds, and a pass that sees nothing new writes nothing', async () => {
    const { ports, runtime, call } = await busyTown();
    await stop(call);
    await passes(ports, 2);
    const before = await ports.store.passOf(townId);
    ports.clock.advance(60 * 60 * 1000);
    await passes(ports, 2);
    expect({ ...(await ports.store.passOf(townId)), alarm: before.alarm }).toEqual(before);
    expect(runtime.state).toBe('stopped');
    expect(await ports.store.get('bead', { townId, beadId: 'lib-next' })).toMatchObject({ status: 'open' });
    expect(ports.workflow.executions.filter(({ status }) => status === 'running')).toEqual([]);
  });
  it('is one stop however often it is asked for', async () => {
    const { ports, call } = await busyTown();
    const first = await stop(call);
    ports.clock.advance(1000);
    expect(await stop(call)).toEqual(first);
    const events = (await ports.store.eventsOf(townId, {}, { limit: 50 })).items;
    expect(events.filter(({ type }) => type === 'town_stopped')).toHaveLength(1);
  });
  it('says what still runs until it has stopped, goes on stopping it, and refuses to resume meanwhile', async () => {
    const { ports, runtime, call } = await busyTown();
    runtime.state = 'stuck';
    await stop(call);
    await passes(ports, 2);
    expect(await stoppedOf(ports)).toMatchObject({ stillRuns: ['runtime pid-1'] });
    expect((await stoppedOf(ports))?.verifiedAt).toBeUndefined();
    const refused = await call('resumeTown', { as: 'ada', params, body: {} });
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('runtime pid-1 still runs');
    runtime.state = 'stopped';
    await passes(ports, 1);
    expect(await stoppedOf(ports)).toMatchObject({ stillRuns: [], verifiedAt: expect.any(String) });
  });
  it('notices when something runs again, and stops it', async () => {
    const { ports, runtime, call } = await busyTown();
    await stop(call);
    await passes(ports, 1);
    runtime.state = 'stuck';
    await passes(ports, 1);
    expect((await stoppedOf(ports))?.verifiedAt).toBeUndefined();
    runtime.state = 'running';
    await ports.store.commit([{ put: 'lease', item: aLease({ runtimeRef: 'pid-9', version: 50 }), when: 'none' }]);
    await passes(ports, 1);
    expect(runtime.state).toBe('stopped');
  });
  it('is finished by later passes wherever it is killed', async () => {
    for (let commits = 0; commits < 12; commits += 1) {
      const store = createMemoryStore();
      const { ports, call } = await busyTown({ store });
      await stop(call);
      let left = commits;
      const dying = {
        ...ports,
        store: {
          ...store,
          commit: async (writes: Parameters<typeof store.commit>[0]) => {
            if (left === 0) throw new StoreUnavailable('killed');
            left -= 1;
            return store.commit(writes);
          },
        },
      };
      await reconcileTown(dying, townId).catch(() => undefined);
      await passes(ports, 2);
      expect(await stoppedOf(ports), `killed after ${commits} commits`).toMatchObject({ stillRuns: [], verifiedAt: expect.any(String) });
      expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({ epoch: 5 });
      expect(await ports.store.get('bead', { townId, beadId: 'lib-mr2' })).toMatchObject({ status: 'open' });
    }
  });
  it('starts no runtime that a pass had planned a moment before', async () => {
    const { ports, runtime, call } = await busyTown();
    await ports.store.commit([{ put: 'lease', item: aLease({ state: 'absent', version: 7 }), when: 'none' }]);
    runtime.state = 'stopped';
    const store = {
      ...ports.store,
      commit: async (writes: Parameters<typeof ports.store.commit>[0]) => {
        if (writes.some((write) => 'put' in write && write.put === 'lease' && write.item.state === 'starting')) await stop(call);
        return ports.store.commit(writes);
      },
    };
    await reconcileTown({ ...ports, store }, townId);
    expect(runtime.state).toBe('stopped');
    expect(await ports.store.get('lease', { townId })).toMatchObject({ state: 'absent' });
  });
  it('is the reason that every bead gives for standing still', async () => {
    const { call } = await busyTown();
    await stop(call);
    for (const beadId of ['lib-work', 'lib-next', 'lib-mr2']) {
      const { sentence } = bodyOf('beadExplain', await call('beadExplain', { as: 'ada', params: { townId, beadId } }));
      expect(sentence).toMatch(/^The town is stopped since 2026-11-21T10:00:00.000Z by user:ada/);
    }
  });
});

describe('resuming', () => {
  it('lets agents go on where they were, starts a runtime, and loses no work', async () => {
    const { ports, runtime, call } = await busyTown();
    await stop(call);
    await passes(ports, 1);
    ports.clock.advance(3 * 60 * 60 * 1000);
    const resumed = bodyOf('resumeTown', await call('resumeTown', { as: 'ada', params, body: {} }));
    expect(resumed).toMatchObject({ resumed: true, agents: ['toast'], stop: { by: 'user:ada', verifiedAt: expect.any(String) } });
    expect(await stoppedOf(ports)).toBeUndefined();
    await passes(ports, 2);
    expect(runtime.state).toBe('running');
    expect(await ports.store.get('agent', { townId, agentId: 'toast' })).toMatchObject({ state: 'starting', hookBeadId: 'lib-work' });
    expect(await ports.store.get('bead', { townId, beadId: 'lib-next' })).toMatchObject({ status: 'in_progress' });
    expect(ports.workflow.executions.map(({ name, status }) => [name, status])).toEqual([
      [`${townId}-mr-lib-mr2-1`, 'aborted'],
      [`${townId}-mr-lib-mr2-2`, 'running'],
    ]);
    expect((await ports.store.workOf(townId)).filter(({ kind }) => kind === 'stop')).toEqual([]);
  });
  it('of a town that is not stopped is a success that changes nothing', async () => {
    const { ports, call } = await busyTown();
    const before = await ports.store.get('town', { townId });
    expect(bodyOf('resumeTown', await call('resumeTown', { as: 'ada', params, body: {} }))).toEqual({ resumed: false, agents: [] });
    expect(await ports.store.get('town', { townId })).toEqual(before);
  });
});
